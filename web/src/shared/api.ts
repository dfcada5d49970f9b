// The one way that the pages call the service. Types of what is sent and answered come from the
// contract.

export interface Listing<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** What the service refused, in its own words; `status` is 0 when it could not be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly fields: { field: string; message: string }[] = [],
  ) {
    super(detail);
  }
}

export const SESSION_ENDED = "session-ended";
const LIMIT_MS = 30_000;
let reader = (): string => document.documentElement.lang || navigator.language;

/**
 * What language is read is asked of this from now on; what is refused is told in it. Without it,
 * the page's language counts.
 */
export function readsIn(language: () => string): void {
  reader = language;
}

interface Sent {
  token?: string;
  version?: number;
  key?: string;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/**
 * Call a path; with a token as its bearer, else with the browser's session and its CSRF token.
 * Problem for a refusal.
 */
export async function call<Answer>(
  method: string,
  url: string,
  body?: unknown,
  sent: Sent = {},
): Promise<Answer> {
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    ...credentials(method, sent.token),
  };
  if (sent.version !== undefined) headers["If-Match"] = String(sent.version);
  if (sent.key) headers["Idempotency-Key"] = sent.key;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return answered<Answer>(
    url,
    { method, headers, body: text, signal: sent.signal, keepalive: sent.keepalive },
    sent.token,
  );
}

/** Send a form with files. */
export async function upload<Answer>(url: string, form: FormData, token?: string): Promise<Answer> {
  return answered<Answer>(
    url,
    { method: "POST", headers: credentials("POST", token), body: form },
    token,
  );
}

/** All items of a list, page after page, at most so many pages. */
export async function whole<Item>(url: string, pages = 5): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const glue = url.includes("?") ? "&" : "?";
    const found: Listing<Item> = await call(
      "GET",
      `${url}${glue}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    );
    items.push(...found.items);
    cursor = found.next_cursor;
    if (!cursor) break;
  }
  return items;
}

function credentials(method: string, token: string | undefined): Record<string, string> {
  const headers = { "Accept-Language": reader() };
  if (token) return { ...headers, Authorization: `Bearer ${token}` };
  return method === "GET" ? headers : { ...headers, "X-CSRF-Token": cookie("csrf") };
}

async function answered<Answer>(
  url: string,
  request: RequestInit,
  token: string | undefined,
): Promise<Answer> {
  const signal = request.signal ?? AbortSignal.timeout(LIMIT_MS);
  const answer = await fetch(url, { ...request, signal, credentials: "same-origin" }).catch(
    (error: unknown) => {
      throw new Problem(0, error instanceof Error ? error.message : String(error));
    },
  );
  if (answer.status === 204) return undefined as Answer;
  const data: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return data as Answer;
  if (answer.status === 401 && !token) window.dispatchEvent(new Event(SESSION_ENDED));
  const told = data as { detail?: string; errors?: { field: string; message: string }[] };
  const fields = told.errors ?? [];
  const said = fields.length
    ? fields.map((one) => `${one.field}: ${one.message}`).join(" ")
    : told.detail;
  throw new Problem(answer.status, said ?? answer.statusText, fields);
}

function cookie(name: string): string {
  return (
    document.cookie
      .split("; ")
      .find((entry) => entry.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ""
  );
}
