import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Problem,
  SESSION_ENDED,
  connect,
  data,
  idempotencyKey,
  ifMatch,
  multipart,
  setReaderLanguage,
} from "../src/shared/api.js";
import { TestService } from "./service.js";

const PROBLEM = { detail: "The ticket was changed." };
const INVALID = { detail: "Invalid.", errors: [{ field: "reason", message: "is too short" }] };
let service: TestService;
let base: string;

beforeEach(async () => {
  service = new TestService(() => ({ json: { items: [], next_cursor: null } }));
  base = await service.start();
  document.cookie = "csrf=abc";
});
afterEach(() => service.stop());

const refusal = (call: Promise<unknown>): Promise<Problem> =>
  call.then(
    () => Promise.reject(new Error("not refused")),
    (error: unknown) => error as Problem,
  );

test("a change by the browser's session carries its CSRF token, version and key", async () => {
  const headers = { ...ifMatch(7), ...idempotencyKey() };
  const params = { path: { ticket_id: "t1" } };
  await connect({ baseUrl: base }).PATCH("/v1/tickets/{ticket_id}", {
    params,
    headers,
    body: { priority: "high" },
  });
  const [change] = service.at("PATCH", "/v1/tickets/t1");
  expect(change?.headers["x-csrf-token"]).toBe("abc");
  expect(change?.headers["if-match"]).toBe("7");
  expect(change?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(change?.headers["content-type"]).toBe("application/json");
  expect(change?.body).toBe('{"priority":"high"}');
});

test("a reading carries no CSRF token; a version that is unknown asks for nothing", async () => {
  await connect({ baseUrl: base }).GET("/v1/tickets");
  expect(service.received[0]?.headers["x-csrf-token"]).toBeUndefined();
  expect(ifMatch(undefined)).toEqual({});
});

test("a bearer takes the place of the session, unless the call names its own", async () => {
  const bearing = connect({ baseUrl: base, token: () => "secret" });
  await bearing.POST("/v1/conversations", { body: { channel: "web", language: "en" } });
  const headers = { Authorization: "Bearer -" };
  await bearing.POST("/v1/conversations/resume", { body: { identity_token: "x" }, headers });
  expect(service.received.map((one) => one.headers.authorization)).toEqual([
    "Bearer secret",
    "Bearer -",
  ]);
  expect(service.received[0]?.headers["x-csrf-token"]).toBeUndefined();
});

test("problems are worded in the reader's language", async () => {
  setReaderLanguage(() => "zh");
  await connect({ baseUrl: base }).GET("/v1/tickets");
  expect(service.received[0]?.headers["accept-language"]).toBe("zh");
});

test("a file is sent as a form", async () => {
  const form = new FormData();
  form.set("file", new File(["hello"], "note.txt", { type: "text/plain" }));
  const params = { path: { ticket_id: "t1" } };
  const path = "/v1/tickets/{ticket_id}/attachments";
  await connect({ baseUrl: base }).POST(path, { params, ...multipart(form) });
  expect(service.received[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
  expect(service.received[0]?.body).toContain('filename="note.txt"');
});

describe("a refusal", () => {
  test.each([
    [409, PROBLEM, "The ticket was changed.", 0],
    [422, INVALID, "reason: is too short", 1],
    [500, undefined, "Internal Server Error", 0],
  ])("%i is a Problem in the service's words", async (status, json, message, fields) => {
    service.answer = () => ({ status, json });
    const problem = await refusal(data(connect({ baseUrl: base }).GET("/v1/tickets")));
    expect(problem).toBeInstanceOf(Problem);
    expect([problem.status, problem.message]).toEqual([status, message]);
    expect(problem.fields).toHaveLength(fields);
  });

  test.each([
    ["", 1],
    ["secret", 0],
  ])("401 ends the browser's session, not that of a bearer %j", async (token, ended) => {
    let count = 0;
    window.addEventListener(SESSION_ENDED, () => (count += 1));
    service.answer = () => ({ status: 401, json: PROBLEM });
    await refusal(connect({ baseUrl: base, token: () => token }).GET("/v1/auth/me"));
    expect(count).toBe(ended);
  });

  test("no network is status 0", async () => {
    service.stop();
    const problem = await refusal(connect({ baseUrl: base }).GET("/v1/tickets"));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.status).toBe(0);
  });
});
