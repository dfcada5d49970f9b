// The language that the employee reads; what the pages say in it; dates, numbers and money as it
// writes them.

export type Language = "en" | "zh";
export type Said = Readonly<Record<Language, string>>;

const KEPT = "language";
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };
const heard = new Set<() => void>();
let current: Language = first();

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  return (kept ?? navigator.language).startsWith("zh") ? "zh" : "en";
}

export const language = (): Language => current;
export const locale = (): string => LOCALES[current];

/** Change the language; every part of the page that shows words is told. */
export function speak(next: Language): void {
  current = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next;
  heard.forEach((tell) => tell());
}

/** Be told when the language changes; the returned function ends it. */
export function onLanguage(tell: () => void): () => void {
  heard.add(tell);
  return () => {
    heard.delete(tell);
  };
}

/** Words in both languages, said in the one that is read now. */
export function wording<Keys extends string>(
  words: Readonly<Record<Keys, Said>>,
): (key: Keys, values?: Record<string, string | number>) => string {
  return (key, values = {}) =>
    words[key][current].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export const pick = (said: Partial<Record<Language, string>>): string =>
  said[current] ?? said.en ?? said.zh ?? "";

const date =
  (options: Intl.DateTimeFormatOptions) =>
  (at: string | null | undefined): string =>
    at ? new Intl.DateTimeFormat(locale(), options).format(new Date(at)) : "";
export const moment = date({ dateStyle: "medium", timeStyle: "short" });
export const day = date({ dateStyle: "medium" });
export const hour = date({ timeStyle: "short" });

/** How long from or until now, in the largest unit that fits: "in 3 hours", "5 分钟前". */
export function distance(at: string | null | undefined, now = Date.now()): string {
  if (!at) return "";
  const seconds = (new Date(at).getTime() - now) / 1000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
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
