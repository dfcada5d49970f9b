// Fields of what the contract leaves open.

/** A text or a number as text; "" for anything else. */
export const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
