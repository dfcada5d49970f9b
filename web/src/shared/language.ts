// The language that the employee reads; what the pages say in it; dates, numbers and money as it
// writes them.

import { now } from "./clock.js";

export type Language = "en" | "zh";
export type Wording = Readonly<Record<Language, string>>;

const STORAGE_KEY = "language";
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const listeners = new Set<() => void>();
let current: Language = initialLanguage();

function initialLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  return (stored ?? navigator.language).startsWith("zh") ? "zh" : "en";
}

export const language = (): Language => current;
export const locale = (): string => LOCALES[current];

/** Change the language; every part of the page that shows words is drawn again. */
export function setLanguage(next: Language): void {
  current = next;
  localStorage.setItem(STORAGE_KEY, next);
  document.documentElement.lang = next;
  listeners.forEach((listener) => listener());
}

/** Listen to changes of the language; the returned function ends it. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Words in both languages, in the one that is read now, with their {values} filled in. */
export function wording<Keys extends string>(
  words: Readonly<Record<Keys, Wording>>,
): (key: Keys, values?: Record<string, string | number>) => string {
  return (key, values = {}) =>
    words[key][current].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The one of several translations that is read now, else any. */
export const pick = (translations: Partial<Wording>): string =>
  translations[current] ?? translations.en ?? translations.zh ?? "";

const date =
  (options: Intl.DateTimeFormatOptions) =>
  (at: string | null | undefined): string =>
    at ? new Intl.DateTimeFormat(locale(), options).format(new Date(at)) : "";
export const moment = date({ dateStyle: "medium", timeStyle: "short" });
export const day = date({ dateStyle: "medium" });
export const hour = date({ timeStyle: "short" });

/** How long from or until now, in the largest unit that fits: "in 3 hours", "5 分钟前". */
export function distance(at: string | null | undefined): string {
  if (!at) return "";
  const seconds = (new Date(at).getTime() - now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "narrow" }).format(
    Math.trunc(seconds / size),
    unit,
  );
}

export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(locale(), {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(value);
export const percent = (share: number | null | undefined): string =>
  share == null
    ? "–"
    : new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(share);
export const money = (amount: { amount: string; currency: string } | null | undefined): string =>
  amount
    ? new Intl.NumberFormat(locale(), { style: "currency", currency: amount.currency }).format(
        Number(amount.amount),
      )
    : "–";
