import { afterEach, expect, test } from "vitest";
import type { TurnTraceOut } from "../src/shared/contract.js";
import { setLanguage } from "../src/shared/language.js";
import { clausesOf, commandText, stackText } from "../src/workspace/conversations/understanding.js";

const turn = (reading: TurnTraceOut["reading"]): TurnTraceOut => ({
  message_id: "m1",
  reading,
  commands: [],
  stack_before: [],
  stack_after: [],
  created_at: "2026-03-03T10:00:00Z",
});

afterEach(() => setLanguage("en"));

test("a turn has the clauses that were read, none when there was nothing to read", () => {
  const clause = { text: "I lost my card", intent: "report_lost_card", stance: "asserted" };
  expect(clausesOf(turn({ clauses: [clause] }))).toEqual([clause]);
  expect(clausesOf(turn({ text: "…" }))).toEqual([]);
});

test.each([
  [
    { type: "start_flow", flow: "make_complaint", slots: {}, text: "", at_once: false },
    "start flow flow=make_complaint",
  ],
  [
    { type: "start_flow", flow: "report_lost_card", at_once: true },
    "start flow flow=report_lost_card at_once=true",
  ],
  [{ type: "choose", item: 0 }, "choose item=0"],
  [{ type: "correct_slot", slot: "card", value: null }, "correct slot slot=card"],
  [
    { type: "set_slot", slot: "amount", value: { amount: "5.00" } },
    'set slot slot=amount value={"amount":"5.00"}',
  ],
  [{ type: "clarify", flows: ["a", "b"] }, 'clarify flows=["a","b"]'],
])("the command %o reads %s", (command, text) => expect(commandText(command)).toBe(text));

test("commands and stances have names in Chinese", () => {
  setLanguage("zh");
  expect(commandText({ type: "start_flow", flow: "make_complaint" })).toBe(
    "开始流程 flow=make_complaint",
  );
});

test.each([
  [[], "–"],
  [[{ flow: "make_complaint", waiting: null, slots: {} }], "make_complaint"],
  [
    [
      {
        flow: "book_appointment",
        waiting: "topic",
        slots: { moment: { value: "15:00" }, contact: { skipped: true } },
      },
      { flow: "report_lost_card", waiting: "card" },
    ],
    "book_appointment → topic moment=15:00 contact=– / report_lost_card → card",
  ],
])("the stack %o reads %s", (frames, text) => expect(stackText(frames)).toBe(text));
