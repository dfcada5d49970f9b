// Values of what the contract leaves open, as people read them.

import { moment, money, number } from "../shared/language.js";
import { textOf } from "../shared/json.js";
import { name, say as common } from "./words.js";

interface Money {
  amount: string;
  currency: string;
}

const isMoney = (value: unknown): value is Money =>
  typeof value === "object" && value !== null && "amount" in value && "currency" in value;
const AMOUNT = /^-?\d+\.\d\d$/;
const WORD = /^[a-z_]+$/;

/** A value of a profile, of evidence or of an entry of the audit trail as people read it. */
export function readable(value: unknown): string {
  if (isMoney(value)) return money(value);
  if (typeof value === "boolean") return common(value ? "yes" : "no");
  if (Array.isArray(value)) return value.map(readable).join(", ");
  if (value === null || value === undefined) return "–";
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([field, part]) => `${name(field)} ${readable(part)}`)
      .join(", ");
  const text = textOf(value);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return moment(text);
  if (AMOUNT.test(text)) return number(Number(text), 2);
  return WORD.test(text) ? name(text) : text;
}
