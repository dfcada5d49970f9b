// The conversation behind the widget: taken up after a reload, followed live, and with a tray of
// messages that wait for the network. A message carries its own id, so that one that was sent twice
// is answered once.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type {
  ConversationMade,
  ConversationState,
  MessageOut,
  TicketCard,
  ListingTicketCard,
  TranscriptOut,
  TurnOut,
} from "../shared/contract.js";
import { Problem, call, upload } from "../shared/api.js";
import { follow } from "../shared/live.js";
import type { Language } from "./texts.js";

interface Kept {
  id: string;
  token: string;
  customer: string;
}
export interface Outgoing {
  id: string;
  text: string;
  at: string;
  waiting: boolean;
}
type State = ConversationState["state"];

const KEPT = "bank-assistant-conversation";
const TRAY = "bank-assistant-tray";
const AGAIN_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const PLACE_MS = 15_000; // how often the place in the queue is asked for
const TICKET_MS = 30_000; // how often tickets that are shown are read again
const TELL_MS = 4_000; // at most so often the agent is told that the customer writes
const WRITES_MS = 5_000;

export interface Wishes {
  base: string;
  language(): Language;
  identity(): string;
  heard(message: MessageOut): void;
  refused(said: string): void;
  ended(): void;
}

export class Conversation implements ReactiveController {
  messages: MessageOut[] = [];
  tray: Outgoing[] = [];
  state: State = "assistant";
  place: number | null = null;
  agent = "";
  thinking = false;
  agentWrites = false;
  offline = false;
  readonly tickets = new Map<string, TicketCard>();
  private kept: Kept | null = null;
  private stop: () => void = () => undefined;
  private resuming: Promise<void> | null = null;
  private flushing = false;
  private failures = 0;
  private toldAt = 0;
  private readonly timers = new Set<number>();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly wishes: Wishes,
  ) {
    host.addController(this);
  }

  get open(): boolean {
    return this.kept !== null;
  }
  /** What waits to be sent and is not stored yet. */
  get waiting(): Outgoing[] {
    const stored = new Set(this.messages.map((message) => message.client_message_id));
    return this.tray.filter((one) => !stored.has(one.id));
  }

  hostConnected(): void {
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    if (this.kept) {
      this.take(this.kept); // the element was moved within its page
      void this.sync();
    }
    this.every(PLACE_MS, () => {
      if (this.state === "queued" && !document.hidden) void this.sync(false);
    });
    this.every(TICKET_MS, () => {
      if (!document.hidden) this.readTickets();
    });
  }

  hostDisconnected(): void {
    this.stop();
    this.timers.forEach((timer) => clearInterval(timer));
    this.timers.clear();
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  private every(ms: number, work: () => void): void {
    this.timers.add(window.setInterval(work, ms));
  }

  /** After sleep, or with the network back, everything is read again and what waits is sent. */
  private readonly wake = (): void => {
    if (document.hidden || !this.kept) return;
    void this.sync();
    void this.flush();
  };

  private changed(): void {
    this.host.requestUpdate();
  }

  private path(part = ""): string {
    return `${this.wishes.base}/v1/conversations/${this.kept?.id}${part ? `/${part}` : ""}`;
  }

  private ask<Answer>(method: string, part: string, body?: unknown): Promise<Answer> {
    return call<Answer>(method, this.path(part), body, { token: this.kept?.token });
  }

  /**
   * Take up what this tab had, if it is the same person's; else what a signed-in customer left open
   * elsewhere.
   */
  resume(): Promise<void> {
    this.resuming ??= this.takenUp().finally(() => {
      this.resuming = null;
    });
    return this.resuming;
  }

  private async takenUp(): Promise<void> {
    if (this.kept) return;
    const text = sessionStorage.getItem(KEPT);
    const here = text ? (JSON.parse(text) as Kept) : null;
    if (here && here.customer === this.wishes.identity()) {
      this.take(here);
      this.tray = JSON.parse(sessionStorage.getItem(TRAY) ?? "[]") as Outgoing[];
      if (await this.sync()) void this.flush();
      return;
    }
    const left = await this.leftOpen();
    if (left) {
      this.take(left);
      await this.sync();
    }
  }

  private async leftOpen(): Promise<Kept | null> {
    const token = this.wishes.identity();
    if (!token) return null;
    const made = await call<ConversationMade>(
      "POST",
      `${this.wishes.base}/v1/conversations/resume`,
      { identity_token: token },
      { token: "-" },
    ).catch(() => null);
    return made ? { id: made.id, token: made.token, customer: token } : null;
  }

  /**
   * Another identity: the same customer goes on, with a second factor or a fresh session; anybody
   * else begins anew.
   */
  async identified(): Promise<void> {
    const token = this.wishes.identity();
    const before = this.kept;
    if (!token) {
      if (before) await this.ask("POST", "leave").catch(() => undefined);
      this.forget();
      return;
    }
    if (
      before &&
      (await this.ask("POST", "identity", { identity_token: token }).then(
        () => true,
        () => false,
      ))
    ) {
      this.take({ ...before, customer: token });
      return;
    }
    const left = await this.leftOpen();
    if (!left || left.id !== before?.id) this.forget();
    if (left) {
      this.take(left);
      await this.sync();
    }
  }

  private take(kept: Kept): void {
    this.stop();
    this.kept = kept;
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    this.stop = follow(
      this.path("events"),
      {
        message: (message: never) => this.add([message as MessageOut], true),
        state: () => {
          void this.sync(false);
        },
        typing: (seen: never) => {
          if ((seen as { author: string }).author === "agent") this.seen();
        },
      },
      {
        token: kept.token,
        opened: () => {
          if (this.offline) {
            this.wake();
          }
        },
      },
    );
  }

  private seen(): void {
    this.agentWrites = true;
    this.changed();
    window.setTimeout(() => {
      this.agentWrites = false;
      this.changed();
    }, WRITES_MS);
  }

  forget(): void {
    this.stop();
    this.kept = null;
    [this.messages, this.tray, this.state, this.place, this.agent] = [
      [],
      [],
      "assistant",
      null,
      "",
    ];
    this.tickets.clear();
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(TRAY);
    this.changed();
  }

  /**
   * Read where the conversation stands, and what was said unless only the place is wanted. False
   * when it is no longer ours.
   */
  async sync(words = true): Promise<boolean> {
    const kept = this.kept;
    if (!kept) return false;
    try {
      const [standing, said] = await Promise.all([
        this.ask<ConversationState>("GET", ""),
        words ? this.ask<TranscriptOut>("GET", "messages") : null,
      ]);
      if (this.kept?.id !== kept.id) return false;
      [this.state, this.place, this.agent] = [
        standing.state,
        standing.place ?? null,
        standing.agent_name ?? "",
      ];
      this.reached();
      if (said) this.add(said.items, false);
      this.changed();
      return true;
    } catch (error) {
      return this.lost(error);
    }
  }

  private reached(): void {
    this.offline = false;
    this.failures = 0;
  }

  /**
   * What went wrong: no network is waited for, a session that has ended is said, anything else as
   * the service says it.
   */
  private lost(error: unknown): false {
    const problem = error instanceof Problem ? error : new Problem(0, String(error));
    if (problem.status === 0 || problem.status >= 500) this.offline = true;
    else if (problem.status === 401 || problem.status === 404) {
      this.forget();
      this.wishes.ended();
    } else this.wishes.refused(problem.message);
    this.changed();
    return false;
  }

  private add(messages: MessageOut[], live: boolean): void {
    const known = new Set(
      this.messages.flatMap((message) => [message.id, message.client_message_id]),
    );
    const fresh = messages.filter(
      (message) =>
        !known.has(message.id) ||
        this.messages.some((ours) => ours.id === message.client_message_id),
    );
    if (!fresh.length) return;
    // The service's copy of what we showed at once takes its place.
    const theirs = new Set(fresh.map((message) => message.client_message_id).filter(Boolean));
    const kept = this.messages.filter((message) => !theirs.has(message.id));
    this.messages = [...kept, ...fresh].sort((one, other) =>
      one.created_at.localeCompare(other.created_at),
    );
    this.readTickets(fresh);
    if (live)
      fresh
        .filter((message) => message.author !== "customer")
        .forEach((message) => this.wishes.heard(message));
    this.changed();
  }

  private keepTray(tray: Outgoing[]): void {
    this.tray = tray;
    sessionStorage.setItem(TRAY, JSON.stringify(tray));
  }

  /** Put a message in the tray and send what is there, in order. */
  async send(text: string): Promise<void> {
    if (!text.trim()) return;
    this.keepTray([
      ...this.tray,
      { id: crypto.randomUUID(), text: text.trim(), at: new Date().toISOString(), waiting: false },
    ]);
    this.changed();
    await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let next = this.tray[0]; next; next = this.tray[0]) {
        if (!(await this.deliver(next))) break;
      }
    } finally {
      this.flushing = false;
      this.thinking = false;
      this.changed();
    }
  }

  private async deliver(next: Outgoing): Promise<boolean> {
    try {
      await this.begun();
      this.thinking = this.state === "assistant";
      this.changed();
      const turn = await this.ask<TurnOut>("POST", "messages", {
        text: next.text,
        client_message_id: next.id,
      });
      this.reached();
      this.state = turn.state;
      const stored = this.messages.some((message) => message.client_message_id === next.id);
      const ours = stored
        ? []
        : [{ ...local(next, this.wishes.language()), created_at: earlier(turn.messages, next.at) }];
      this.add([...ours, ...turn.messages], false);
      this.keepTray(this.tray.filter((one) => one.id !== next.id));
      return true;
    } catch (error) {
      return this.undelivered(next, error);
    }
  }

  private undelivered(next: Outgoing, error: unknown): false {
    const status = error instanceof Problem ? error.status : 0;
    if (status === 0 || status >= 500 || status === 429) {
      this.keepTray(this.tray.map((one) => ({ ...one, waiting: true })));
      window.setTimeout(
        () => void this.flush(),
        AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)],
      );
      this.failures += 1;
      this.offline = status !== 429;
      return false;
    }
    this.keepTray(this.tray.filter((one) => one.id !== next.id));
    return this.lost(error);
  }

  private async begun(): Promise<void> {
    if (this.kept) return;
    const identity = this.wishes.identity();
    const body = {
      channel: "web",
      language: this.wishes.language(),
      ...(identity ? { identity_token: identity } : {}),
    };
    const made = await call<ConversationMade>(
      "POST",
      `${this.wishes.base}/v1/conversations`,
      body,
      { token: "-" },
    );
    this.take({ id: made.id, token: made.token, customer: identity });
  }

  /**
   * Send the answers of a form, each when it is asked for; what is asked differently is left to the
   * customer.
   */
  async fill(answers: { name: string; text: string }[]): Promise<void> {
    for (const [at, answer] of answers.entries()) {
      if (at > 0 && askedFor(this.messages) !== answer.name) return;
      await this.send(answer.text);
      if (this.tray.length) return;
    }
  }

  async sendFile(file: File): Promise<void> {
    await this.begun();
    const form = new FormData();
    form.set("file", file);
    const turn = await upload<TurnOut>(this.path("files"), form, this.kept?.token);
    this.add(turn.messages, false);
  }

  /** The content of a file of the conversation, which only the conversation's token opens. */
  async file(id: string): Promise<Blob> {
    const answer = await fetch(this.path(`files/${id}/content`), {
      headers: { Authorization: `Bearer ${this.kept?.token}` },
    });
    if (!answer.ok) throw new Problem(answer.status, answer.statusText);
    return answer.blob();
  }

  /** Ask for a person. */
  async person(): Promise<void> {
    try {
      await this.begun();
      const turn = await this.ask<TurnOut>("POST", "handoff", {});
      this.add(turn.messages, false);
      await this.sync(false);
    } catch (error) {
      this.lost(error);
    }
  }

  async rate(score: number, comment: string): Promise<boolean> {
    return this.ask("POST", "rating", { score, ...(comment ? { comment } : {}) }).then(
      () => true,
      (error: unknown) => this.lost(error),
    );
  }

  async vote(message: string, helpful: boolean): Promise<void> {
    await call(
      "POST",
      `${this.wishes.base}/v1/knowledge/feedback`,
      { message_id: message, helpful },
      { token: this.kept?.token },
    ).catch(() => undefined);
  }

  /** The agent sees that the customer writes; while the assistant leads, nobody is told. */
  writes(): void {
    if (this.state !== "agent" || Date.now() - this.toldAt < TELL_MS) return;
    this.toldAt = Date.now();
    void this.ask("POST", "typing").catch(() => undefined);
  }

  private readTickets(messages = this.messages): void {
    const ids = new Set(
      messages
        .flatMap((message) => message.actions)
        .filter((action) => String(action["type"]).startsWith("ticket.") && action["id"])
        .map((action) => String(action["id"])),
    );
    if (!ids.size) return;
    void this.ask<ListingTicketCard>(
      "GET",
      `tickets?${[...ids].map((id) => `id=${id}`).join("&")}`,
    ).then(
      (found) => {
        found.items.forEach((ticket) => this.tickets.set(ticket.id, ticket));
        this.changed();
      },
      () => undefined,
    );
  }
}

/** What the last message asks for, by the name of its first field. */
export function askedFor(messages: readonly MessageOut[]): string | undefined {
  const asked = messages.at(-1)?.actions.find((action) => action["type"] === "form.asked");
  return (asked?.["fields"] as { name: string }[] | undefined)?.[0]?.name;
}

function local(sent: Outgoing, language: Language): MessageOut {
  return {
    id: sent.id,
    author: "customer",
    text: sent.text,
    language,
    citations: [],
    quick_replies: [],
    actions: [],
    client_message_id: null,
    created_at: sent.at,
  };
}

/** Just before the first answer, whatever this machine's clock says. */
function earlier(answers: readonly MessageOut[], otherwise: string): string {
  const first = answers[0];
  return first ? new Date(new Date(first.created_at).getTime() - 1).toISOString() : otherwise;
}
