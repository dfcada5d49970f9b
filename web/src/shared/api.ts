// The one way that the pages call the service: openapi-fetch on the paths of the contract, with who
// asks and in which language they read; what the service refuses is thrown as a Problem.

import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./contract.js";

export type Service = Client<paths>;
export interface FieldError {
  field: string;
  message: string;
}

/** A problem document; `status` is 0 when the service could not be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly fields: FieldError[] = [],
  ) {
    super(detail);
  }
}

/** Dispatched on the window when the browser's session is over. */
export const SESSION_ENDED = "session-ended";
const TIMEOUT_MS = 30_000;
let readerLanguage = (): string => document.documentElement.lang || navigator.language;

/** Ask `language` for the language in which problems are worded, instead of the page. */
export function setReaderLanguage(language: () => string): void {
  readerLanguage = language;
}

interface Connection {
  baseUrl?: string;
  /** A bearer token; without one the browser's session counts, with its CSRF token. */
  token?: () => string | undefined;
}

/** A client of the service. Its calls throw a Problem for whatever is not a success. */
export function connect({ baseUrl = "", token = () => undefined }: Connection = {}): Service {
  const service = createClient<paths>({ baseUrl, fetch: send });
  service.use({
    onRequest({ request }) {
      const bearer = token();
      request.headers.set("Accept-Language", readerLanguage());
      if (request.headers.has("Authorization")) return request;
      if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
      else if (request.method !== "GET") request.headers.set("X-CSRF-Token", cookie("csrf"));
      return request;
    },
    async onResponse({ request, response }) {
      if (response.ok) return;
      if (response.status === 401 && !request.headers.has("Authorization"))
        window.dispatchEvent(new Event(SESSION_ENDED));
      throw await problemOf(response);
    },
  });
  return service;
}

/** The service, called by the browser's session. */
export const api = connect();

/** The content of an answer. */
export async function data<Answer extends { data?: unknown }>(
  answer: Promise<Answer>,
): Promise<Exclude<Answer["data"], undefined>> {
  return (await answer).data as Exclude<Answer["data"], undefined>;
}

/** The header by which a change is made only to the version that was read. */
export const ifMatch = (version: number | undefined): Record<string, string> =>
  version === undefined ? {} : { "If-Match": String(version) };

/** The header by which a request that is sent twice counts once. */
export const idempotencyKey = (): Record<string, string> => ({
  "Idempotency-Key": crypto.randomUUID(),
});

/** A form with files as the body of a call; the contract's type of a file is text. */
export const multipart = (form: FormData): { body: never } => ({ body: form as never });

function send(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
    throw new Problem(0, error instanceof Error ? error.message : String(error));
  });
}

async function problemOf(response: Response): Promise<Problem> {
  const document = (await response.json().catch(() => ({}))) as {
    detail?: string;
    errors?: FieldError[];
  };
  const fields = document.errors ?? [];
  const detail = fields.length
    ? fields.map((one) => `${one.field}: ${one.message}`).join(" ")
    : document.detail;
  return new Problem(response.status, detail ?? response.statusText, fields);
}

function cookie(name: string): string {
  const entry = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return entry?.slice(name.length + 1) ?? "";
}
