// A turn as the engine saw it, in what a page shows of it: clauses, commands, the dialogue stack.

import type { TurnTraceOut } from "../../shared/contract.js";
import { textOf } from "../../shared/json.js";
import { name } from "../words.js";

type Values = Record<string, unknown>;
export interface Clause {
  text: string;
  intent: string;
  confidence: number;
  stance: string;
  stance_confidence: number;
  evidence: boolean;
}
interface Slot {
  value?: unknown;
  skipped?: boolean;
}

/** The clauses of a turn, in the order of the message; none when it had nothing to read. */
export const clausesOf = (turn: TurnTraceOut): Clause[] =>
  (turn.reading.clauses as Clause[] | undefined) ?? [];

/** What one command asked for, with the values that say something. */
export const commandText = ({ type, ...values }: Values): string =>
  [name(textOf(type)), ...pairs(values)].join(" ");

/** The flows on the dialogue stack, the one that is talked about last; "–" when there is none. */
export const stackText = (frames: Values[]): string => frames.map(frameText).join(" / ") || "–";

function frameText({ flow, waiting, slots }: Values): string {
  const values = Object.entries((slots ?? {}) as Record<string, Slot>).map(([slot, filled]) => [
    slot,
    filled.skipped ? "–" : filled.value,
  ]);
  const asked = waiting ? [`→ ${textOf(waiting)}`] : [];
  return [textOf(flow), ...asked, ...pairs(Object.fromEntries(values) as Values)].join(" ");
}

const pairs = (values: Values): string[] =>
  Object.entries(values)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => `${key}=${textOf(value) || JSON.stringify(value)}`);

const isEmpty = (value: unknown): boolean =>
  value == null ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
