import { beforeEach, describe, expect, test } from "vitest";
import { shortcuts } from "../src/workspace/conversations/shortcuts.js";
import {
  NAVIGATED,
  asQuery,
  currentRoute,
  href,
  interceptLinks,
  navigate,
  setFilter,
} from "../src/workspace/router.js";

const happyDOM = (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM;
let navigations = 0;
window.addEventListener(NAVIGATED, () => (navigations += 1));

beforeEach(() => {
  happyDOM.setURL("http://bank.test/workspace/tickets/a%2Fb?state=open");
  navigations = 0;
});

test("an address is its part, one thing in it, and filters", () => {
  const { part, id, query } = currentRoute();
  expect([part, id, query.get("state")]).toEqual(["tickets", "a/b", "open"]);
  expect(href("tickets", "a/b", query)).toBe("/workspace/tickets/a%2Fb?state=open");
  expect(href("sales")).toBe("/workspace/sales");
  expect(href("sales", "", new URLSearchParams())).toBe("/workspace/sales");
  expect(asQuery(query)).toEqual({ state: "open" });
});

test("navigating changes the address once and reports it", () => {
  navigate("/workspace/sales?view=leads");
  navigate("/workspace/sales?view=leads");
  expect(location.pathname + location.search).toBe("/workspace/sales?view=leads");
  expect(navigations).toBe(1);
});

test("a filter is set in place, and an empty one is taken away", () => {
  const length = history.length;
  setFilter("queue", "cards");
  expect(location.search).toBe("?state=open&queue=cards");
  setFilter("state", "");
  expect(location.search).toBe("?queue=cards");
  expect(history.length).toBe(length);
});

describe("a click on a link", () => {
  const click = (attributes: string, init: MouseEventInit = {}): boolean => {
    document.body.innerHTML = `<div><a ${attributes}><b>go</b></a></div>`;
    const root = document.querySelector<HTMLElement>("div");
    const target = document.querySelector("b");
    if (!root || !target) throw new Error("no link");
    interceptLinks(root);
    const event = new MouseEvent("click", {
      bubbles: true,
      composed: true,
      cancelable: true,
      ...init,
    });
    // What is not intercepted must not leave the page of the test either.
    document.body.addEventListener("click", (late) => late.stopPropagation(), { once: true });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };

  test("of the workspace changes the address", () => {
    click('href="/workspace/sales?view=leads"');
    expect(location.pathname + location.search).toBe("/workspace/sales?view=leads");
  });

  test.each([
    ['href="/workspace/sales"', {}, true],
    ['href="/help/en/cards" target="_blank"', {}, false],
    ['href="/workspace/export" download', {}, false],
    ['href="/workspace/sales" target="_blank"', {}, false],
    ['href="/workspace/sales"', { ctrlKey: true }, false],
    ['href="/workspace/sales"', { button: 1 }, false],
  ])("%s %j is followed inside: %s", (attributes, init, inside) => {
    expect(click(attributes, init)).toBe(inside);
  });
});

test("a shortcut needs Alt alone, and ends with its listener", () => {
  const runs: string[] = [];
  const stop = shortcuts(
    ["n", "1", "ArrowUp"].map((key) => ({ key, label: () => key, run: () => runs.push(key) })),
  );
  const press = (code: string, init: KeyboardEventInit = { altKey: true }): void => {
    window.dispatchEvent(new KeyboardEvent("keydown", { code, ...init }));
  };
  press("KeyN");
  press("Digit1");
  press("ArrowUp");
  press("KeyN", {});
  press("KeyN", { altKey: true, ctrlKey: true });
  press("KeyX");
  stop();
  press("KeyN");
  expect(runs).toEqual(["n", "1", "ArrowUp"]);
});
