import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setClock } from "../src/shared/clock.js";
import type { MessageOut } from "../src/shared/contract.js";
import { requestedField, ticketIds } from "../src/widget/actions.js";
import { Conversation } from "../src/widget/conversation.js";
import { Outbox, isRetryable, retryDelay } from "../src/widget/outbox.js";
import { TestService, type Answer, type Received } from "./service.js";

const CONVERSATION = "/v1/conversations/c1";
const NOON = Date.parse("2026-03-03T12:00:00Z");
const reply = (text: string, more: Partial<MessageOut> = {}): MessageOut => ({
  id: `answer to ${text}`,
  author: "assistant",
  text: `answer to ${text}`,
  language: "en",
  citations: [],
  quick_replies: [],
  actions: [],
  client_message_id: null,
  created_at: "2026-03-03T12:00:01.000Z",
  ...more,
});

let service: TestService;
let base: string;
let state: "assistant" | "agent";
let replies: Partial<MessageOut>;
let failures: number[];
let problems: string[];
let ended: number;
let identity: string;

/** The service with one conversation; the first messages fail as `failures` says. */
function answer({ method, path, body }: Received): Answer {
  const place = path.split("?")[0];
  if (place === `${CONVERSATION}/events`) return { stream: ": begun\n\n" };
  if (place === `${CONVERSATION}/tickets`)
    return { json: { items: [{ id: "t1", reference: "T-1" }], next_cursor: null } };
  if (method === "GET" && place === CONVERSATION) return { json: { id: "c1", state } };
  if (method === "GET" && place === `${CONVERSATION}/messages`) return { json: { items: [] } };
  if (place === `${CONVERSATION}/messages`) {
    const status = failures.shift();
    if (status) return { status, json: { detail: "refused" } };
    const { text } = JSON.parse(body) as { text: string };
    return { json: { messages: [reply(text, replies)], state, degraded: [] } };
  }
  if (place === "/v1/conversations") return { status: 201, json: { id: "c1", token: "k" } };
  if (place === "/v1/conversations/resume") return { json: { id: "c1", token: "k" } };
  return { json: { messages: [], state, degraded: [] } };
}

function begin(): Conversation {
  return new Conversation(
    {
      addController: () => undefined,
      removeController: () => undefined,
      requestUpdate: () => undefined,
      updateComplete: Promise.resolve(true),
    },
    {
      base,
      language: () => "en",
      identity: () => identity,
      onMessage: () => undefined,
      onProblem: (detail) => problems.push(detail),
      onEnded: () => (ended += 1),
    },
  );
}

const texts = (conversation: Conversation): string[] =>
  conversation.messages.map((message) => message.text);
const sent = (): string[] =>
  service
    .at("POST", `${CONVERSATION}/messages`)
    .map((one) => (JSON.parse(one.body) as { text: string }).text);

beforeEach(async () => {
  service = new TestService(answer);
  base = await service.start();
  [state, replies, failures, problems, ended, identity] = ["assistant", {}, [], [], 0, ""];
  sessionStorage.clear();
  setClock(() => NOON);
});
afterEach(() => {
  service.stop();
  setClock();
});

describe("the outbox", () => {
  test("holds messages in order through a reload, each with an id of its own", () => {
    const outbox = new Outbox();
    outbox.add("one");
    outbox.add("two");
    outbox.markWaiting();
    const reloaded = new Outbox();
    reloaded.restore();
    expect(reloaded.messages.map(({ text, waiting }) => [text, waiting])).toEqual([
      ["one", true],
      ["two", true],
    ]);
    expect(new Set(reloaded.messages.map(({ id }) => id)).size).toBe(2);
    expect(reloaded.next?.at).toBe("2026-03-03T12:00:00.000Z");
    reloaded.remove(reloaded.next?.id ?? "");
    expect(reloaded.next?.text).toBe("two");
    reloaded.clear();
    outbox.restore();
    expect(outbox.messages).toEqual([]);
  });

  test.each([
    [0, 1_000],
    [1, 2_000],
    [4, 15_000],
    [40, 15_000],
  ])("after %i failures it waits %i ms", (count, ms) => expect(retryDelay(count)).toBe(ms));

  test.each([
    [0, true],
    [429, true],
    [503, true],
    [401, false],
    [422, false],
  ])("status %i may succeed later: %s", (status, later) => expect(isRetryable(status)).toBe(later));
});

describe("a conversation", () => {
  test("begins with the first message and shows it before its answer", async () => {
    const conversation = begin();
    await conversation.send("  hello ");
    expect(texts(conversation)).toEqual(["hello", "answer to hello"]);
    expect(conversation.waiting).toEqual([]);
    const [message] = service.at("POST", `${CONVERSATION}/messages`);
    expect(message?.headers.authorization).toBe("Bearer k");
    expect(service.at("POST", "/v1/conversations")[0]?.headers.authorization).toBe("Bearer -");
  });

  test("sends nothing for an empty message", async () => {
    await begin().send("   ");
    expect(service.received).toEqual([]);
  });

  test.each([503, 429])("sends a message again after %i, with the same id", async (status) => {
    failures = [status];
    const conversation = begin();
    await conversation.send("hello");
    expect(conversation.waiting.map((one) => one.waiting)).toEqual([true]);
    expect(conversation.offline).toBe(status !== 429);
    await vi.waitFor(() => expect(texts(conversation)).toHaveLength(2), { timeout: 4_000 });
    const ids = service
      .at("POST", `${CONVERSATION}/messages`)
      .map((one) => (JSON.parse(one.body) as { client_message_id: string }).client_message_id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test("drops a message that the service refuses, in its words", async () => {
    failures = [422];
    const conversation = begin();
    await conversation.send("hello");
    expect(problems).toEqual(["refused"]);
    expect(conversation.waiting).toEqual([]);
  });

  test("forgets everything when its session has ended", async () => {
    failures = [401];
    const conversation = begin();
    await conversation.send("hello");
    expect(ended).toBe(1);
    expect(sessionStorage.getItem("bank-assistant-conversation")).toBeNull();
  });

  test("is taken up after a reload, with what waits", async () => {
    failures = [503];
    await begin().send("hello");
    const reloaded = begin();
    await reloaded.resume();
    await vi.waitFor(() => expect(texts(reloaded)).toEqual(["hello", "answer to hello"]));
  });

  test("of another customer is not taken up", async () => {
    await begin().send("hello");
    identity = "somebody";
    const conversation = begin();
    await conversation.resume();
    const [resumed] = service.at("POST", "/v1/conversations/resume");
    expect(resumed?.body).toBe('{"identity_token":"somebody"}');
    expect(resumed?.headers.authorization).toBe("Bearer -");
  });

  test("goes on for the same customer, and ends when they sign out", async () => {
    const conversation = begin();
    await conversation.send("hello");
    identity = "somebody";
    await conversation.identified();
    expect(service.at("POST", `${CONVERSATION}/identity`)).toHaveLength(1);
    expect(texts(conversation)).toHaveLength(2);
    identity = "";
    await conversation.identified();
    expect(service.at("POST", `${CONVERSATION}/leave`)).toHaveLength(1);
    expect(texts(conversation)).toEqual([]);
  });

  test("fills in a form as long as the next field is asked for", async () => {
    const fields = [{ name: "date" }];
    replies = { actions: [{ type: "form.asked", fields }] };
    await begin().fill([
      { name: "amount", text: "10" },
      { name: "date", text: "today" },
      { name: "place", text: "here" },
    ]);
    expect(sent()).toEqual(["10", "today"]);
  });

  test("reads the tickets that a message speaks of", async () => {
    replies = { actions: [{ type: "ticket.opened", id: "t1" }] };
    const conversation = begin();
    await conversation.send("a ticket please");
    await vi.waitFor(() => expect(conversation.tickets.get("t1")?.reference).toBe("T-1"));
    expect(service.at("GET", `${CONVERSATION}/tickets`)[0]?.path).toContain("?id=t1");
  });

  test("reports writing to an agent, at most every four seconds", async () => {
    state = "agent";
    const conversation = begin();
    await conversation.send("hello");
    let at = NOON;
    setClock(() => at);
    conversation.writes();
    conversation.writes();
    at += 4_000;
    conversation.writes();
    await vi.waitFor(() => expect(service.at("POST", `${CONVERSATION}/typing`)).toHaveLength(2));
  });

  test("asks for a person, is rated and voted on, and takes files", async () => {
    const conversation = begin();
    await conversation.person();
    expect(await conversation.rate(5, "")).toBe(true);
    await conversation.vote("m1", true);
    await conversation.sendFile(new File(["x"], "x.txt"));
    expect(service.at("POST", `${CONVERSATION}/handoff`)).toHaveLength(1);
    expect(service.at("POST", `${CONVERSATION}/rating`)[0]?.body).toBe('{"score":5}');
    expect(service.at("POST", "/v1/knowledge/feedback")[0]?.body).toContain('"helpful":true');
    expect(service.at("POST", `${CONVERSATION}/files`)).toHaveLength(1);
  });
});

test("actions name their tickets once, and the field that is asked for", () => {
  const actions = [
    { type: "ticket.opened", id: "t1" },
    { type: "ticket.updated", id: "t1" },
    { type: "file.added", id: "f1" },
    { type: "ticket.opened" },
  ];
  expect(ticketIds(actions)).toEqual(["t1"]);
  expect(requestedField([])).toBeUndefined();
  const form = { type: "form.asked", fields: [{ name: "amount" }] };
  expect(requestedField([reply("x", { actions: [form] })])).toBe("amount");
});
