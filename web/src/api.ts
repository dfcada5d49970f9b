// What the pages know of the contract, and the one way they call it.

export type Language = "en" | "zh";
export type State = "assistant" | "queued" | "agent" | "closed";

export interface Citation { slug: string; title: string; passage: string; anchor: string; language: Language; version: number }
export interface QuickReply { title: string; payload: string }
export interface Action { type: string; id?: string; reference?: string }
export interface Message {
  id: string;
  author: "assistant" | "agent" | "customer" | "system";
  text: string;
  language: Language;
  citations: Citation[];
  quick_replies: QuickReply[];
  actions: Action[];
  created_at: string;
}
export interface Turn { messages: Message[]; state: State; degraded: string[] }

export class Problem extends Error {
  constructor(readonly status: number, detail: string) { super(detail); }
}

/** Call a path; with a token as its bearer, else with the browser's session and its CSRF token. */
export async function call<T>(method: string, url: string, body?: unknown, token?: string, version?: number): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  else if (method !== "GET") headers["X-CSRF-Token"] = cookie("csrf");
  if (version !== undefined) headers["If-Match"] = String(version);
  return answered<T>(await fetch(url, {
    method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
  }));
}

/** Send a form with a file, with the browser's session. */
export async function upload<T>(url: string, form: FormData): Promise<T> {
  const headers = { "X-CSRF-Token": cookie("csrf") };
  return answered<T>(await fetch(url, { method: "POST", headers, credentials: "same-origin", body: form }));
}

async function answered<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return undefined as T;
  const data: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, (data as { detail?: string }).detail ?? answer.statusText);
  return data as T;
}

function cookie(name: string): string {
  return document.cookie.split("; ").find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}
