import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  daysAgo,
  fromLocal,
  isPast,
  localDay,
  localMinute,
  now,
  nowIso,
  setClock,
} from "../src/shared/clock.js";
import { textOf } from "../src/shared/json.js";
import {
  day,
  distance,
  hour,
  language,
  moment,
  money,
  number,
  onLanguage,
  percent,
  pick,
  setLanguage,
  wording,
} from "../src/shared/language.js";
import { say as widgetText } from "../src/widget/texts.js";
import { readable } from "../src/workspace/values.js";
import { name } from "../src/workspace/words.js";

const TUESDAY = Date.parse("2026-03-03T10:00:00Z");

beforeEach(() => {
  setClock(() => TUESDAY);
  setLanguage("en");
});
afterEach(() => setClock());

describe("the clock", () => {
  test("stands where it is set, and runs again without", () => {
    expect(now()).toBe(TUESDAY);
    expect(nowIso()).toBe("2026-03-03T10:00:00.000Z");
    setClock();
    expect(Math.abs(now() - Date.now())).toBeLessThan(1000);
  });

  test("reads and writes this machine's calendar", () => {
    const local = localMinute(TUESDAY);
    expect(fromLocal(local)).toBe("2026-03-03T10:00:00.000Z");
    expect(fromLocal("")).toBeNull();
    expect(local.startsWith(localDay(TUESDAY))).toBe(true);
    expect(daysAgo(3)).toBe(localDay(TUESDAY - 3 * 86_400_000));
  });

  test.each([
    ["2026-03-03T09:59:59Z", true],
    ["2026-03-03T10:00:00Z", false],
    ["2026-03-03T10:00:01Z", false],
  ])("%s is past: %s", (at, past) => expect(isPast(at)).toBe(past));
});

test.each([
  ["2026-03-03T13:30:00Z", "in 3 hr", "3小时后"],
  ["2026-03-03T09:55:00Z", "5 min ago", "5分钟前"],
  ["2026-03-05T10:00:00Z", "in 2 days", "后天"],
  ["2026-03-03T10:00:20Z", "in 20 sec", "20秒后"],
  [null, "", ""],
])("the distance to %s is %j or %j", (at, english, chinese) => {
  expect(distance(at).replace(/\.$/, "")).toBe(english);
  setLanguage("zh");
  expect(distance(at)).toBe(chinese);
});

test("numbers, shares and money are written as the reader writes them", () => {
  expect(number(1234.5, 2)).toBe("1,234.50");
  expect(percent(0.125)).toBe("12.5%");
  expect(percent(null)).toBe("–");
  expect(money({ amount: "1234.50", currency: "EUR" })).toBe("€1,234.50");
  expect(money(null)).toBe("–");
});

test("days and hours follow the language", () => {
  expect(day("2026-03-03T10:00:00")).toBe("3 Mar 2026");
  expect(hour("2026-03-03T10:05:00")).toBe("10:05");
  setLanguage("zh");
  expect(day("2026-03-03T10:00:00")).toBe("2026年3月3日");
  expect(moment("2026-03-03T10:05:00")).toContain("2026年3月3日");
  expect(moment(undefined)).toBe("");
});

test("a change of the language is stored and reported until one no longer listens", () => {
  let changes = 0;
  const stop = onLanguage(() => (changes += 1));
  setLanguage("zh");
  stop();
  setLanguage("en");
  expect(changes).toBe(1);
  expect(language()).toBe("en");
  expect(localStorage.getItem("language")).toBe("en");
  expect(document.documentElement.lang).toBe("en");
});

test("wordings fill in their values in the language that is read", () => {
  const say = wording({ count: { en: "{n} of {all}", zh: "共 {all}，{n}" } });
  expect(say("count", { n: 1, all: 2 })).toBe("1 of 2");
  setLanguage("zh");
  expect(say("count", { n: 1, all: 2 })).toBe("共 2，1");
  expect(pick({ en: "only English" })).toBe("only English");
  expect(pick({})).toBe("");
  expect(widgetText("unread", "en", { count: 3 })).toContain("3");
});

test.each([
  [{ amount: "10.00", currency: "EUR" }, "€10.00"],
  [true, "yes"],
  [["open", "closed"], "open, closed"],
  [null, "–"],
  [{ state: "open", queue: null }, "state open"],
  ["12.50", "12.50"],
  ["waiting_customer", "waiting for the customer"],
  ["Written by Somebody", "Written by Somebody"],
  [3, "3"],
])("the value %j reads %j", (value, text) => expect(readable(value)).toBe(text));

test.each([
  ["fraud_report", "fraud report"],
  ["not_in_the_list", "not in the list"],
  ["ticket.created", "ticket · new"],
  ["Mrs Chen", "Mrs Chen"],
  [null, "–"],
])("the name of %j is %j", (key, text) => expect(name(key)).toBe(text));

// The kinds of caller that a record names (core/identity.py).
test.each([
  "agent",
  "supervisor",
  "knowledge_manager",
  "compliance_officer",
  "admin",
  "customer",
  "visitor",
  "application",
  "system",
])("who acted is named in Chinese too: %s", (kind) => {
  setLanguage("zh");
  expect(name(kind)).toMatch(/^\p{Script=Han}+$/u);
});

test.each([
  ["a", "a"],
  [2, "2"],
  [null, ""],
  [{ a: 1 }, ""],
])("the text of %j is %j", (value, text) => expect(textOf(value)).toBe(text));
