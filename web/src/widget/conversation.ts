// The conversation behind the widget: taken up after a reload, followed live, and with an outbox of
// messages that wait for the network.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import { Problem, connect, data, multipart } from "../shared/api.js";
import { now } from "../shared/clock.js";
import type { ConversationState, MessageOut, TicketCard, TurnOut } from "../shared/contract.js";
import { follow } from "../shared/live.js";
import { requestedField, ticketIds } from "./actions.js";
import { Outbox, isRetryable, retryDelay, type OutboxMessage } from "./outbox.js";
import type { Language } from "./texts.js";

/** The conversation of this tab, and the identity for which it was begun. */
interface Session {
  id: string;
  token: string;
  customer: string;
}
type State = ConversationState["state"];

const SESSION_KEY = "bank-assistant-conversation";
// The bearer of whoever has no conversation yet: the browser's own session is never meant here.
const NO_SESSION = "-";
const QUEUE_POLL_MS = 15_000; // how often the position in the queue is read
const TICKET_POLL_MS = 30_000; // how often tickets that are shown are read again
const TYPING_INTERVAL_MS = 4_000; // at most so often the agent hears that the customer writes
const TYPING_SHOWN_MS = 5_000;

/** What the conversation asks of the element that shows it, and reports to it. */
export interface Callbacks {
  base: string;
  language(): Language;
  identity(): string;
  /** Somebody other than the customer wrote. */
  onMessage(message: MessageOut): void;
  onProblem(detail: string): void;
  onEnded(): void;
}

export class Conversation implements ReactiveController {
  messages: MessageOut[] = [];
  state: State = "assistant";
  place: number | null = null;
  agent = "";
  thinking = false;
  agentWrites = false;
  offline = false;
  readonly tickets = new Map<string, TicketCard>();
  private readonly outbox = new Outbox();
  private readonly api;
  private session: Session | null = null;
  private stop: () => void = () => undefined;
  private resuming: Promise<void> | null = null;
  private flushing = false;
  private failures = 0;
  private typingSentAt = 0;
  private readonly timers = new Set<number>();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly callbacks: Callbacks,
  ) {
    this.api = connect({
      baseUrl: callbacks.base,
      token: () => this.session?.token ?? NO_SESSION,
    });
    host.addController(this);
  }

  /** What waits to be sent and is not stored yet. */
  get waiting(): OutboxMessage[] {
    const stored = new Set(this.messages.map((message) => message.client_message_id));
    return this.outbox.messages.filter((one) => !stored.has(one.id));
  }

  hostConnected(): void {
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    if (this.session) {
      // The element was moved within its page.
      this.open(this.session);
      void this.sync();
    }
    this.every(QUEUE_POLL_MS, () => {
      if (this.state === "queued" && !document.hidden) void this.sync(false);
    });
    this.every(TICKET_POLL_MS, () => {
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
    if (document.hidden || !this.session) return;
    void this.sync();
    void this.flush();
  };

  private changed(): void {
    this.host.requestUpdate();
  }

  private get params(): { path: { conversation_id: string } } {
    return { path: { conversation_id: this.session?.id ?? "" } };
  }

  private path(part: string): string {
    return `${this.callbacks.base}/v1/conversations/${this.params.path.conversation_id}/${part}`;
  }

  /**
   * Take up what this tab had, if it is the same person's; else what a signed-in customer left open
   * elsewhere.
   */
  resume(): Promise<void> {
    this.resuming ??= this.restore().finally(() => {
      this.resuming = null;
    });
    return this.resuming;
  }

  private async restore(): Promise<void> {
    if (this.session) return;
    const text = sessionStorage.getItem(SESSION_KEY);
    const stored = text ? (JSON.parse(text) as Session) : null;
    if (stored?.customer === this.callbacks.identity()) {
      this.open(stored);
      this.outbox.restore();
      if (await this.sync()) void this.flush();
      return;
    }
    const elsewhere = await this.findOpen();
    if (elsewhere) {
      this.open(elsewhere);
      await this.sync();
    }
  }

  private async findOpen(): Promise<Session | null> {
    const identity_token = this.callbacks.identity();
    if (!identity_token) return null;
    const headers = { Authorization: `Bearer ${NO_SESSION}` };
    const resumed = await data(
      this.api.POST("/v1/conversations/resume", { body: { identity_token }, headers }),
    ).catch(() => null);
    return resumed && { id: resumed.id, token: resumed.token, customer: identity_token };
  }

  /**
   * Another identity: the same customer goes on, with a second factor or a fresh session; anybody
   * else begins anew.
   */
  async identified(): Promise<void> {
    const identity = this.callbacks.identity();
    const before = this.session;
    if (!identity) {
      if (before) await this.leave();
      this.forget();
      return;
    }
    if (before && (await this.confirm(identity))) {
      this.open({ ...before, customer: identity });
      return;
    }
    const elsewhere = await this.findOpen();
    if (!elsewhere || elsewhere.id !== before?.id) this.forget();
    if (elsewhere) {
      this.open(elsewhere);
      await this.sync();
    }
  }

  private async leave(): Promise<void> {
    const { params } = this;
    await this.api
      .POST("/v1/conversations/{conversation_id}/leave", { params })
      .catch(() => undefined);
  }

  /** Whether the service takes the identity as the same customer's. */
  private confirm(identity_token: string): Promise<boolean> {
    const { params } = this;
    const body = { identity_token };
    return this.api.POST("/v1/conversations/{conversation_id}/identity", { params, body }).then(
      () => true,
      () => false,
    );
  }

  private open(session: Session): void {
    this.stop();
    this.session = session;
    sessionStorage.setItem(SESSION_KEY, JSON.stringify(session));
    this.stop = follow(
      this.path("events"),
      {
        message: (message) => this.add([message as MessageOut], true),
        state: () => void this.sync(false),
        typing: (typing) => {
          if ((typing as { author: string }).author === "agent") this.showTyping();
        },
      },
      {
        token: session.token,
        onOpen: () => {
          if (this.offline) this.wake();
        },
      },
    );
  }

  private showTyping(): void {
    this.agentWrites = true;
    this.changed();
    window.setTimeout(() => {
      this.agentWrites = false;
      this.changed();
    }, TYPING_SHOWN_MS);
  }

  forget(): void {
    this.stop();
    this.session = null;
    this.messages = [];
    [this.state, this.place, this.agent] = ["assistant", null, ""];
    this.tickets.clear();
    this.outbox.clear();
    sessionStorage.removeItem(SESSION_KEY);
    this.changed();
  }

  /**
   * Read where the conversation stands, and its messages unless only the state is wanted. False
   * when it is no longer ours.
   */
  async sync(withMessages = true): Promise<boolean> {
    const session = this.session;
    if (!session) return false;
    const { params } = this;
    try {
      const [state, transcript] = await Promise.all([
        data(this.api.GET("/v1/conversations/{conversation_id}", { params })),
        withMessages
          ? data(this.api.GET("/v1/conversations/{conversation_id}/messages", { params }))
          : null,
      ]);
      if (this.session?.id !== session.id) return false;
      [this.state, this.place, this.agent] = [
        state.state,
        state.place ?? null,
        state.agent_name ?? "",
      ];
      this.online();
      if (transcript) this.add(transcript.items, false);
      this.changed();
      return true;
    } catch (error) {
      return this.fail(error);
    }
  }

  private online(): void {
    this.offline = false;
    this.failures = 0;
  }

  /**
   * What went wrong: no network is waited for, a session that has ended is reported, anything else
   * as the service words it.
   */
  private fail(error: unknown): false {
    const problem = error instanceof Problem ? error : new Problem(0, String(error));
    if (problem.status === 0 || problem.status >= 500) this.offline = true;
    else if (problem.status === 401 || problem.status === 404) {
      this.forget();
      this.callbacks.onEnded();
    } else this.callbacks.onProblem(problem.message);
    this.changed();
    return false;
  }

  private add(messages: MessageOut[], live: boolean): void {
    const present = new Set(
      this.messages.flatMap((message) => [message.id, message.client_message_id]),
    );
    const fresh = messages.filter(
      (message) =>
        !present.has(message.id) ||
        this.messages.some((ours) => ours.id === message.client_message_id),
    );
    if (!fresh.length) return;
    // The service's copy of what we showed at once takes its place.
    const stored = new Set(fresh.map((message) => message.client_message_id).filter(Boolean));
    const others = this.messages.filter((message) => !stored.has(message.id));
    this.messages = [...others, ...fresh].sort((one, other) =>
      one.created_at.localeCompare(other.created_at),
    );
    this.readTickets(fresh);
    if (live)
      fresh
        .filter((message) => message.author !== "customer")
        .forEach((message) => this.callbacks.onMessage(message));
    this.changed();
  }

  /** Put a message in the outbox and send what is there, in order. */
  async send(text: string): Promise<void> {
    if (!text.trim()) return;
    this.outbox.add(text.trim());
    this.changed();
    await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let { next } = this.outbox; next; { next } = this.outbox) {
        if (!(await this.deliver(next))) break;
      }
    } finally {
      this.flushing = false;
      this.thinking = false;
      this.changed();
    }
  }

  private async deliver(message: OutboxMessage): Promise<boolean> {
    try {
      await this.begin();
      this.thinking = this.state === "assistant";
      this.changed();
      const turn = await this.post(message);
      this.online();
      this.state = turn.state;
      const stored = this.messages.some((one) => one.client_message_id === message.id);
      const ours = stored ? [] : [localCopy(message, turn, this.callbacks.language())];
      this.add([...ours, ...turn.messages], false);
      this.outbox.remove(message.id);
      return true;
    } catch (error) {
      return this.postpone(message, error);
    }
  }

  private post(message: OutboxMessage): Promise<TurnOut> {
    const { params } = this;
    const body = { text: message.text, client_message_id: message.id };
    return data(this.api.POST("/v1/conversations/{conversation_id}/messages", { params, body }));
  }

  private postpone(message: OutboxMessage, error: unknown): false {
    const status = error instanceof Problem ? error.status : 0;
    if (!isRetryable(status)) {
      this.outbox.remove(message.id);
      return this.fail(error);
    }
    this.outbox.markWaiting();
    window.setTimeout(() => void this.flush(), retryDelay(this.failures));
    this.failures += 1;
    this.offline = status !== 429;
    return false;
  }

  private async begin(): Promise<void> {
    if (this.session) return;
    const identity = this.callbacks.identity();
    const body = {
      channel: "web" as const,
      language: this.callbacks.language(),
      ...(identity ? { identity_token: identity } : {}),
    };
    const { id, token } = await data(this.api.POST("/v1/conversations", { body }));
    this.open({ id, token, customer: identity });
  }

  /**
   * Send the answers of a form, each when it is asked for; what is asked differently is left to the
   * customer.
   */
  async fill(answers: { name: string; text: string }[]): Promise<void> {
    for (const [at, answer] of answers.entries()) {
      if (at > 0 && requestedField(this.messages) !== answer.name) return;
      await this.send(answer.text);
      if (this.outbox.next) return;
    }
  }

  async sendFile(file: File): Promise<void> {
    await this.begin();
    const form = new FormData();
    form.set("file", file);
    const options = { params: this.params, ...multipart(form) };
    const turn = await data(this.api.POST("/v1/conversations/{conversation_id}/files", options));
    this.add(turn.messages, false);
  }

  /** The content of a file of the conversation, which only the conversation's token opens. */
  async file(file_id: string): Promise<Blob> {
    const params = { path: { ...this.params.path, file_id } };
    const path = "/v1/conversations/{conversation_id}/files/{file_id}/content";
    return data(this.api.GET(path, { params, parseAs: "blob" }));
  }

  /** Ask for a person. */
  async person(): Promise<void> {
    try {
      await this.begin();
      const { params } = this;
      const turn = await data(
        this.api.POST("/v1/conversations/{conversation_id}/handoff", { params, body: {} }),
      );
      this.add(turn.messages, false);
      await this.sync(false);
    } catch (error) {
      this.fail(error);
    }
  }

  async rate(score: number, comment: string): Promise<boolean> {
    const { params } = this;
    const body = { score, ...(comment ? { comment } : {}) };
    return this.api.POST("/v1/conversations/{conversation_id}/rating", { params, body }).then(
      () => true,
      (error: unknown) => this.fail(error),
    );
  }

  async vote(message_id: string, helpful: boolean): Promise<void> {
    await this.api
      .POST("/v1/knowledge/feedback", { body: { message_id, helpful } })
      .catch(() => undefined);
  }

  /** The agent sees that the customer writes; while the assistant leads, nobody hears of it. */
  writes(): void {
    if (this.state !== "agent" || now() - this.typingSentAt < TYPING_INTERVAL_MS) return;
    this.typingSentAt = now();
    const { params } = this;
    void this.api
      .POST("/v1/conversations/{conversation_id}/typing", { params })
      .catch(() => undefined);
  }

  private readTickets(messages = this.messages): void {
    const ids = ticketIds(messages.flatMap((message) => message.actions));
    if (!ids.length) return;
    const params = { ...this.params, query: { id: ids } };
    void data(this.api.GET("/v1/conversations/{conversation_id}/tickets", { params })).then(
      ({ items }) => {
        items.forEach((ticket) => this.tickets.set(ticket.id, ticket));
        this.changed();
      },
      () => undefined,
    );
  }
}

/** What was sent, as it is shown until the service's copy comes: just before its first answer. */
function localCopy(message: OutboxMessage, turn: TurnOut, language: Language): MessageOut {
  const first = turn.messages[0];
  return {
    id: message.id,
    author: "customer",
    text: message.text,
    language,
    citations: [],
    quick_replies: [],
    actions: [],
    client_message_id: null,
    created_at: first
      ? new Date(new Date(first.created_at).getTime() - 1).toISOString()
      : message.at,
  };
}
