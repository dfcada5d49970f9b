// The chat widget: one custom element in a shadow root.
//
//   <script type="module" src="https://bank.example/widget.js"></script>
//   <bank-assistant lang="en" identity-token="..."></bank-assistant>

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Citation, type Language, type Message, type State, type Turn, Problem, call } from "./api.js";
import { follow } from "./live.js";
import { say } from "./texts.js";

interface Kept { id: string; token: string; customer: string }
const BASE = new URL(".", import.meta.url).href.replace(/\/$/, "");
const KEPT = "bank-assistant-conversation";
const STARTERS: Record<Language, string[]> = {
  en: ["When does my new card arrive?", "I want to open a ticket", "What is my balance?"],
  zh: ["新卡什么时候寄到？", "我要提交工单", "我的余额是多少？"],
};

export class BankAssistant extends LitElement {
  static override properties = {
    open: { type: Boolean, reflect: true },
    identityToken: { type: String, attribute: "identity-token" },
    language: { state: true }, messages: { state: true }, state: { state: true }, busy: { state: true }, error: { state: true },
  };

  open = false;
  identityToken = "";
  language: Language = (this.lang || navigator.language).startsWith("zh") ? "zh" : "en";
  messages: Message[] = [];
  state: State = "assistant";
  busy = false;
  error = "";
  private kept: Kept | null = null;
  private stop: () => void = () => undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has("identityToken") && changed.get("identityToken") !== undefined) void this.identified();
    if (changed.has("messages") || changed.has("busy")) {
      const log = this.renderRoot.querySelector(".log");
      if (log) log.scrollTop = log.scrollHeight;
    }
    if (changed.has("open") && this.open) {
      void this.resume();
      this.renderRoot.querySelector<HTMLInputElement>("input")?.focus();
    }
  }

  /** Another token: the same customer with a second factor goes on, anybody else begins anew. */
  private async identified(): Promise<void> {
    const kept = this.kept;
    if (kept && this.identityToken) {
      try {
        await call("POST", this.path(kept, "identity"), { identity_token: this.identityToken }, kept.token);
        this.keep({ ...kept, customer: this.identityToken });
        return;
      } catch {
        // somebody else's, or it names no second factor
      }
    }
    this.forget();
  }

  /** Take up the conversation that this tab had, if it is the same person's; else the one a signed-in customer left open. */
  private async resume(): Promise<void> {
    if (this.kept) return;
    const text = sessionStorage.getItem(KEPT);
    const here = text ? (JSON.parse(text) as Kept) : null;
    const kept = here?.customer === this.identityToken ? here : await this.leftOpen();
    if (!kept) return;
    try {
      const found = await call<{ items: Message[]; state: State }>("GET", this.path(kept, "messages"), undefined, kept.token);
      this.keep(kept);
      this.messages = found.items;
      this.state = found.state;
      this.follow(kept);
    } catch {
      this.forget();
    }
  }

  private async leftOpen(): Promise<Kept | null> {
    if (!this.identityToken) return null;
    try {
      const body = { identity_token: this.identityToken };
      const found = await call<{ id: string; token: string }>("POST", `${BASE}/v1/conversations/resume`, body);
      return { id: found.id, token: found.token, customer: this.identityToken };
    } catch {
      return null; // none is open; the first message makes one
    }
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }

  private forget(): void {
    this.stop();
    this.kept = null;
    this.messages = [];
    this.state = "assistant";
    this.error = "";
    sessionStorage.removeItem(KEPT);
  }

  private async conversation(): Promise<Kept> {
    if (this.kept) return this.kept;
    const body = { channel: "web", language: this.language, ...(this.identityToken ? { identity_token: this.identityToken } : {}) };
    const made = await call<{ id: string; token: string }>("POST", `${BASE}/v1/conversations`, body);
    const kept = { id: made.id, token: made.token, customer: this.identityToken };
    this.keep(kept);
    this.follow(kept);
    return kept;
  }

  private follow(kept: Kept): void {
    this.stop = follow(this.path(kept, "events"), {
      message: (message) => this.add([message]),
      state: (state) => { this.state = state; },
    }, kept.token);
  }

  private path(kept: Kept, part: string): string {
    return `${BASE}/v1/conversations/${kept.id}/${part}`;
  }

  private add(messages: Message[]): void {
    const known = new Set(this.messages.map((message) => message.id));
    const fresh = messages.filter((message) => !known.has(message.id));
    if (!fresh.length) return;
    // The server's copy of what we showed at once takes its place.
    const kept = this.messages.filter((shown) => !(shown.id.startsWith("local-") && fresh.some((m) => m.author === "customer" && m.text === shown.text)));
    this.messages = [...kept, ...fresh];
  }

  private async send(text: string): Promise<void> {
    if (!text.trim() || this.busy) return;
    this.error = "";
    this.busy = true;
    const local: Message = {
      id: `local-${crypto.randomUUID()}`, author: "customer", text: text.trim(), language: this.language, citations: [],
      quick_replies: [], actions: [], created_at: new Date().toISOString(),
    };
    this.messages = [...this.messages, local];
    try {
      const kept = await this.conversation();
      const turn = await call<Turn>("POST", this.path(kept, "messages"), { text, client_message_id: local.id }, kept.token);
      this.add(turn.messages);
      this.state = turn.state;
      const switched = turn.messages.find((message) => message.actions.some((action) => action.type === "language.changed"));
      if (switched) this.language = switched.language;
    } catch (error) {
      this.messages = this.messages.filter((message) => message !== local);
      this.error = error instanceof Problem ? error.message : say("failed", this.language);
    } finally {
      this.busy = false;
    }
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>("input");
    if (!input) return;
    const text = input.value;
    input.value = "";
    void this.send(text);
  }

  override render(): TemplateResult {
    const l = this.language;
    if (!this.open) {
      return html`<button class="launch" aria-label=${say("open", l)} @click=${() => { this.open = true; }}>💬</button>`;
    }
    return html`<section class="panel" role="dialog" aria-label=${say("title", l)} lang=${l}>
      <header><strong>${say("title", l)}</strong>
        <button @click=${() => { this.language = l === "en" ? "zh" : "en"; }}>${say("other", l)}</button>
        <button @click=${() => this.forget()} aria-label=${say("restart", l)} title=${say("restart", l)}>↺</button>
        <button @click=${() => { this.open = false; }} aria-label=${say("close", l)}>✕</button>
      </header>
      <div class="log" role="log" aria-live="polite">
        <div class="message assistant">${say("hello", l)}</div>
        ${this.messages.length ? nothing : this.replies(STARTERS[l].map((text) => ({ title: text, payload: text })))}
        ${repeat(this.messages, (message) => message.id, (message) => this.message(message))}
        ${this.busy ? html`<div class="message assistant faint">${say("thinking", l)}</div>` : nothing}
      </div>
      ${this.state === "assistant" ? nothing : html`<p class="state" role="status">${say(this.state, l)}
        ${this.state === "closed" ? html`<button @click=${() => this.forget()}>${say("again", l)}</button>` : nothing}</p>`}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <form @submit=${(event: SubmitEvent) => this.submit(event)}>
        <input aria-label=${say("write", l)} placeholder=${say("write", l)} maxlength="10000" autocomplete="off" ?disabled=${this.state === "closed"}>
        <button ?disabled=${this.busy || this.state === "closed"}>${say("send", l)}</button>
      </form>
    </section>`;
  }

  private message(message: Message): TemplateResult {
    const last = this.messages[this.messages.length - 1] === message;
    return html`<div class="message ${message.author}" lang=${message.language}>${message.text}
      ${message.citations.length ? this.citations(message.citations) : nothing}</div>
      ${last && message.quick_replies.length ? this.replies(message.quick_replies) : nothing}`;
  }

  private replies(replies: { title: string; payload: string }[]): TemplateResult {
    return html`<div class="replies">${replies.map((reply) => html`<button @click=${() => void this.send(reply.payload)}>${reply.title}</button>`)}</div>`;
  }

  private citations(citations: Citation[]): TemplateResult {
    return html`<details><summary>${say("sources", this.language)} (${citations.length})</summary>
      <ul>${citations.map((c) => html`<li><a href="${BASE}/help/${c.language}/${c.slug}#${c.anchor}" target="_blank" rel="noopener">${c.title}</a></li>`)}</ul></details>`;
  }

  static override styles = css`
    :host { --bank-brand: #0b5c6b; --bank-on-brand: #fff; --bank-paper: #fff; --bank-ink: #16202c; --bank-soft: #eef3f7;
      position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; color: var(--bank-ink);
      font: 15px/1.45 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
    @media (prefers-color-scheme: dark) { :host { --bank-brand: #3fb6c9; --bank-on-brand: #06222a; --bank-paper: #131b23; --bank-ink: #e8eef5; --bank-soft: #202c37; } }
    button { font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: .6rem; padding: .25rem .6rem; cursor: pointer; }
    button:focus-visible, input:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--bank-brand); outline-offset: 2px; }
    button:disabled { opacity: .5; cursor: default; }
    .launch { width: 3.5rem; height: 3.5rem; border-radius: 50%; border: 0; background: var(--bank-brand); font-size: 1.5rem; box-shadow: 0 4px 14px #0004; }
    .panel { display: flex; flex-direction: column; width: 23rem; height: min(38rem, calc(100dvh - 2rem)); background: var(--bank-paper);
      border-radius: 1rem; overflow: hidden; box-shadow: 0 8px 30px #0005; }
    header { display: flex; gap: .4rem; align-items: center; padding: .6rem .8rem; background: var(--bank-brand); color: var(--bank-on-brand); }
    header strong { flex: 1; }
    .log { flex: 1; overflow-y: auto; padding: .8rem; display: flex; flex-direction: column; gap: .5rem; }
    .message { max-width: 86%; padding: .5rem .75rem; border-radius: .9rem; background: var(--bank-soft); white-space: pre-line; overflow-wrap: anywhere; align-self: flex-start; }
    .customer { align-self: flex-end; background: var(--bank-brand); color: var(--bank-on-brand); }
    .agent { border-left: 4px solid var(--bank-brand); }
    .faint { opacity: .7; }
    .replies { display: flex; flex-wrap: wrap; gap: .4rem; }
    .replies button { border-color: var(--bank-brand); }
    details { margin-top: .4rem; font-size: .9em; white-space: normal; }
    ul { margin: .2rem 0; padding-left: 1.1rem; }
    a { color: inherit; }
    .state, .error { margin: 0; padding: .4rem .8rem; font-size: .9em; background: var(--bank-soft); }
    .error { color: #b3261e; }
    form { display: flex; gap: .5rem; padding: .6rem; border-top: 1px solid #8884; }
    input { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--bank-soft); border: 1px solid #8886; border-radius: .6rem; padding: .45rem .6rem; }
    form button { background: var(--bank-brand); color: var(--bank-on-brand); border: 0; }
    @media (max-width: 480px) { :host([open]) { inset: 0; } .panel { width: 100%; height: 100%; border-radius: 0; } }
  `;
}

customElements.define("bank-assistant", BankAssistant);
