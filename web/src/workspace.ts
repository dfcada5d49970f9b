// The staff's first, plain page: inbox, transcript, customer, copilot.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { type Message, type State, type Turn, call } from "./api.js";
import { follow } from "./live.js";

interface Me { id: string; name: string; role: string; permissions: string[] }
type Priority = "low" | "normal" | "high" | "urgent";
const PRESSING: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };
interface Conversation { id: string; channel: string; language: string; state: State; agent_id: string | null; customer_id: string | null; handoff_reason: string | null; priority: Priority; signals: { signal: string; words: string }[]; updated_at: string }
interface Suggestions { summary: string; reply: { text: string }; articles: { slug: string; title: string; language: string; passage: string }[]; customer: Record<string, string> | null }
interface Money { amount: string; currency: string }
interface Profile { accounts: { items: { kind: string; iban: string; balance: Money }[] }; tickets: { items: { reference: string; subject: string; state: string }[] }; portrait: { assets: Money; risk_level: string; segment: string } }

const REFRESH_MS = 5000;

class BankWorkspace extends LitElement {
  static override properties = {
    me: { state: true }, list: { state: true }, chosen: { state: true }, messages: { state: true }, suggestions: { state: true },
    profile: { state: true }, answers: { state: true }, error: { state: true }, draft: { state: true },
  };

  me: Me | null = null;
  list: Conversation[] = [];
  chosen: Conversation | null = null;
  messages: Message[] = [];
  suggestions: Suggestions | null = null;
  profile: Profile | null = null;
  answers: { asked: string; text: string }[] = [];
  error = "";
  draft = "";
  private stop: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.enter();
    window.setInterval(() => { if (this.me) void this.refresh(); }, REFRESH_MS);
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.error = "";
    try { await work(); } catch (error) { this.error = error instanceof Error ? error.message : String(error); }
  }

  private async enter(): Promise<void> {
    try { this.me = await call<Me>("GET", "/v1/auth/me"); await this.refresh(); } catch { this.me = null; }
  }

  private signIn(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void this.attempt(async () => {
      this.me = await call<Me>("POST", "/v1/auth/session", { email: form.get("email"), password: form.get("password") });
      await this.refresh();
    });
  }

  private async refresh(): Promise<void> {
    const lists = await Promise.all((["queued", "agent"] as const).map((state) =>
      call<{ items: Conversation[] }>("GET", `/v1/conversations?limit=100&state=${state}`)));
    const shown = lists.flatMap((found) => found.items).filter((c) => c.state === "queued" || c.agent_id === this.me?.id);
    this.list = shown.sort((one, other) => PRESSING[one.priority] - PRESSING[other.priority]);
  }

  private async choose(conversation: Conversation): Promise<void> {
    await this.attempt(async () => {
      this.stop();
      this.chosen = conversation;
      this.suggestions = this.profile = null;
      this.draft = "";
      const path = `/v1/conversations/${conversation.id}`;
      this.messages = (await call<{ items: Message[] }>("GET", `${path}/messages`)).items;
      this.stop = follow(`${path}/events`, { message: (m) => this.add(m), state: (state) => { if (this.chosen) this.chosen = { ...this.chosen, state }; } });
      await this.suggest();
      if (conversation.customer_id && this.me?.permissions.includes("customers:read")) {
        this.profile = await call<Profile>("GET", `/v1/customers/${conversation.customer_id}/profile`);
      }
    });
  }

  private add(message: Message): void {
    if (this.messages.some((known) => known.id === message.id)) return;
    this.messages = [...this.messages, message];
    if (message.author === "customer") void this.suggest();
  }

  private async suggest(): Promise<void> {
    if (!this.chosen) return;
    this.suggestions = await call<Suggestions>("POST", "/v1/copilot/suggestions", { conversation_id: this.chosen.id });
  }

  private step(name: "claim" | "release" | "close"): void {
    void this.attempt(async () => {
      if (!this.chosen) return;
      this.chosen = await call<Conversation>("POST", `/v1/conversations/${this.chosen.id}/${name}`, {});
      await this.refresh();
    });
  }

  private reply(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.draft.trim();
    void this.attempt(async () => {
      if (!this.chosen || !text) return;
      const turn = await call<Turn>("POST", `/v1/conversations/${this.chosen.id}/messages`, { text, client_message_id: crypto.randomUUID() });
      turn.messages.forEach((message) => this.add(message));
      this.draft = "";
    });
  }

  private ask(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>("#question");
    const asked = input?.value.trim() ?? "";
    if (!input || !asked) return;
    input.value = "";
    void this.attempt(async () => {
      const body = { text: asked, ...(this.chosen?.customer_id ? { customer_id: this.chosen.customer_id } : {}) };
      const turn = await call<Turn>("POST", "/v1/copilot/questions", body);
      this.answers = [{ asked, text: turn.messages.map((message) => message.text).join("\n") }, ...this.answers];
    });
  }

  private signOut(): void {
    void this.attempt(async () => { await call("DELETE", "/v1/auth/session"); this.stop(); this.me = this.chosen = null; });
  }

  override render(): TemplateResult {
    const error = this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing;
    if (!this.me) {
      return html`<main class="door"><h1>Workspace</h1>${error}
        <form @submit=${(event: SubmitEvent) => this.signIn(event)}>
          <label>Email <input name="email" type="email" autocomplete="username" required></label>
          <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
          <button>Sign in</button></form></main>`;
    }
    return html`<header><strong>Workspace</strong> <span>${this.me.name}, ${this.me.role.replace("_", " ")}</span>
        ${this.me.permissions.includes("tickets:read") ? html`<a href="/workspace/tickets">Tickets</a>` : nothing}
        ${this.me.permissions.includes("knowledge:write") ? html`<a href="/workspace/knowledge">Knowledge desk</a>` : nothing}
        <button @click=${() => this.signOut()}>Sign out</button></header>${error}
      <div class="columns"><nav aria-label="Conversations">${this.inbox()}</nav>
        <main>${this.chosen ? this.conversation(this.chosen) : html`<p>Choose a conversation.</p>`}</main>
        <aside aria-label="Copilot">${this.copilot()}</aside></div>`;
  }

  private inbox(): TemplateResult {
    if (!this.list.length) return html`<p>Nobody is waiting.</p>`;
    return html`<ul>${this.list.map((c) => html`<li><button class="entry" aria-current=${c.id === this.chosen?.id} @click=${() => void this.choose(c)}>
      ${c.state === "queued" ? "Waiting" : "Mine"} · ${c.language} · ${c.channel}<br><small>${new Date(c.updated_at).toLocaleTimeString()} ${c.customer_id ? "customer" : "visitor"}${c.priority === "normal" ? "" : ` · ${c.priority}`}</small></button></li>`)}</ul>`;
  }

  private conversation(c: Conversation): TemplateResult {
    const mine = c.state === "agent" && c.agent_id === this.me?.id;
    const seen = c.signals.map((sign) => `${sign.signal}: “${sign.words}”`).join(", ");
    return html`${seen ? html`<p role="note">Signs: ${seen}</p>` : nothing}<div class="log" role="log">${this.messages.map((m) => html`<div class="message ${m.author}" lang=${m.language}><small>${m.author}</small><br>${m.text}</div>`)}</div>
      <p>${mine ? html`<button @click=${() => this.step("release")}>Give back to the assistant</button> <button @click=${() => this.step("close")}>Close</button>`
        : c.state === "queued" ? html`<button class="primary" @click=${() => this.step("claim")}>Claim</button>` : html`<span role="status">${c.state}</span>`}</p>
      ${mine ? html`<form class="row" @submit=${(event: SubmitEvent) => this.reply(event)}>
        <textarea aria-label="Reply" rows="3" .value=${this.draft} @input=${(e: InputEvent) => { this.draft = (e.target as HTMLTextAreaElement).value; }}></textarea>
        <button class="primary">Send</button></form>` : nothing}`;
  }

  private copilot(): TemplateResult {
    const s = this.suggestions;
    return html`<h2>Copilot</h2>
      ${s ? html`<p>${s.summary}</p>
        ${s.reply.text ? html`<section><h3>Suggested reply</h3><p class="quote">${s.reply.text}</p>
          <button @click=${() => { this.draft = s.reply.text; }}>Insert</button></section>` : nothing}
        ${s.articles.length ? html`<section><h3>Articles</h3><ul>${s.articles.map((a) => html`<li>${a.title}</li>`)}</ul></section>` : nothing}
        ${s.customer ? html`<section><h3>Customer</h3><p>${s.customer["native_name"] ?? s.customer["name"]} · ${s.customer["number"]} · ${s.customer["segment"]} · ${s.customer["risk_level"]} · KYC ${s.customer["kyc_state"]}</p>${this.profileParts()}</section>` : nothing}` : nothing}
      <form class="row" @submit=${(event: SubmitEvent) => this.ask(event)}>
        <input id="question" aria-label="Ask the copilot" placeholder="Screen a name, check a sale, ask anything"><button>Ask</button></form>
      ${this.answers.map((a) => html`<section class="answer"><strong>${a.asked}</strong><p class="quote">${a.text}</p></section>`)}`;
  }

  private profileParts(): TemplateResult | typeof nothing {
    const p = this.profile;
    if (!p) return nothing;
    return html`<ul>${p.accounts.items.map((a) => html`<li>${a.kind} ${a.iban}: ${a.balance.amount} ${a.balance.currency}</li>`)}
      ${p.tickets.items.map((t) => html`<li>${t.reference} ${t.subject} (${t.state})</li>`)}</ul>`;
  }

  static override styles = css`
    :host { display: block; color: var(--ink); }
    header { display: flex; gap: 1rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
    header span { flex: 1; }
    .columns { display: grid; grid-template-columns: 14rem 1fr 22rem; min-height: calc(100dvh - 3.5rem); }
    .columns > * { padding: 1rem; overflow: auto; border-right: 1px solid var(--line); }
    button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .7rem; cursor: pointer; }
    .primary { background: var(--brand); color: var(--on-brand); border: 0; }
    .entry { width: 100%; text-align: left; }
    .entry[aria-current="true"] { border-color: var(--brand); border-width: 2px; }
    ul { list-style: none; padding: 0; margin: 0; display: grid; gap: .4rem; }
    .log { display: flex; flex-direction: column; gap: .5rem; }
    .message { max-width: 80%; padding: .4rem .7rem; border-radius: .7rem; background: var(--soft); white-space: pre-line; overflow-wrap: anywhere; }
    .customer { align-self: flex-end; border: 1px solid var(--brand); }
    .agent { border-left: 4px solid var(--brand); }
    .row { display: flex; gap: .5rem; }
    .row > :first-child { flex: 1; min-width: 0; }
    input, textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: .4rem; }
    .quote { white-space: pre-line; background: var(--soft); padding: .5rem; border-radius: .5rem; }
    .error { color: #b3261e; padding: 0 1rem; }
    .door { max-width: 22rem; margin: 4rem auto; }
    .door form { display: grid; gap: .8rem; }
    .door label { display: grid; }
    @media (max-width: 900px) { .columns { grid-template-columns: 1fr; } }
  `;
}

customElements.define("bank-workspace", BankWorkspace);
document.querySelector("#workspace")?.append(document.createElement("bank-workspace"));
