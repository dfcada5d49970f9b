// The tickets' console, plain: the list with its filters, counts, a board, one ticket with clocks, history and steps.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { type Language, call } from "./api.js";

interface Ticket {
  id: string; reference: string; subject: string; description: string; kind: string; queue: string; priority: string; state: string;
  version: number; next_due: string | null; created_at: string; assignee_id: string | null; routing: { reasons: string[] };
  possible_steps: string[]; tags: string[]; root_cause: string | null;
}
interface Clock { name: string; due_at: string | null; met_at: string | null; breached_at: string | null }
interface Detail extends Ticket { clocks: Clock[] }
interface Comment { author: string; text: string; visibility: string; created_at: string }
interface Change { at: string; actor: string; what: string; before: string | null; after: string | null; reason: string | null }
interface Entry { code: string; content: { names: Record<Language, string>; use?: string; body?: Record<Language, string> } }
interface Preview { steps: string[]; changes: Record<string, [unknown, unknown]> }
interface Near { ticket: Ticket; cosine: number }
interface Listing<Item> { items: Item[]; next_cursor: string | null }
interface Me { id: string; permissions: string[] }

const STATES = ["new", "open", "waiting_customer", "waiting_internal", "resolved", "closed"] as const;
const QUEUES = ["cards", "payments", "accounts", "lending", "wealth", "digital", "fraud", "complaints", "general"] as const;
const HEARD_MS = 60_000;

const TEXTS = {
  tickets: { en: "Tickets", zh: "工单" }, workspace: { en: "Workspace", zh: "工作台" }, other: { en: "中文", zh: "English" },
  search: { en: "Search words or a reference", zh: "搜索文字或编号" }, all: { en: "all", zh: "全部" }, mine: { en: "Mine", zh: "我的" },
  board: { en: "Board", zh: "看板" }, list: { en: "List", zh: "列表" }, due: { en: "by the next clock", zh: "按最近时限" },
  newest: { en: "newest first", zh: "最新优先" }, more: { en: "Show more", zh: "显示更多" }, export: { en: "Export", zh: "导出" },
  take: { en: "Take", zh: "领取" }, send: { en: "Send", zh: "发送" }, internal: { en: "among staff", zh: "内部" }, public: { en: "to the customer", zh: "发给客户" },
  clocks: { en: "Clocks", zh: "时限" }, history: { en: "History", zh: "历史" }, related: { en: "Alike", zh: "相似工单" },
  duplicates: { en: "The same customer about the same", zh: "同一客户的相同事项" }, merge: { en: "Merge into this one", zh: "并入此单" },
  why: { en: "Why it is here", zh: "分派理由" }, here: { en: "I am here", zh: "在线" }, away: { en: "Away", zh: "离开" },
  signin: { en: "Sign in at the workspace first.", zh: "请先在工作台登录。" }, met: { en: "met", zh: "已满足" }, broken: { en: "broken", zh: "已超时" },
  macro: { en: "Several changes at once", zh: "批量操作" }, reply: { en: "Ready answer", zh: "常用答复" }, run: { en: "Do it", zh: "执行" },
  cancel: { en: "Leave it", zh: "取消" }, choose: { en: "choose", zh: "请选择" }, will: { en: "This will be done", zh: "将执行以下操作" },
  stands: { en: "stands", zh: "暂停" }, none: { en: "No tickets.", zh: "没有工单。" }, queue: { en: "Queue", zh: "队列" }, state: { en: "State", zh: "状态" },
  first_response: { en: "first response", zh: "首次响应" }, next_response: { en: "next response", zh: "下次响应" }, resolution: { en: "resolution", zh: "解决" },
  new: { en: "new", zh: "新建" }, open: { en: "open", zh: "处理中" }, waiting_customer: { en: "waiting for the customer", zh: "等待客户" },
  waiting_internal: { en: "waiting internally", zh: "等待内部" }, resolved: { en: "resolved", zh: "已解决" }, closed: { en: "closed", zh: "已关闭" }, archived: { en: "archived", zh: "已归档" },
  cards: { en: "cards", zh: "卡片" }, payments: { en: "payments", zh: "支付" }, accounts: { en: "accounts", zh: "账户" }, lending: { en: "lending", zh: "贷款" },
  wealth: { en: "wealth", zh: "财富" }, digital: { en: "digital", zh: "电子渠道" }, fraud: { en: "fraud", zh: "反欺诈" }, complaints: { en: "complaints", zh: "投诉" },
  general: { en: "general", zh: "综合" }, compliance: { en: "compliance", zh: "合规" }, low: { en: "low", zh: "低" }, normal: { en: "normal", zh: "普通" },
  high: { en: "high", zh: "高" }, urgent: { en: "urgent", zh: "紧急" },
} as const;

class TicketConsole extends LitElement {
  static override properties = {
    language: { state: true }, me: { state: true }, tickets: { state: true }, cursor: { state: true }, counts: { state: true }, board: { state: true },
    chosen: { state: true }, comments: { state: true }, changes: { state: true }, related: { state: true }, duplicates: { state: true },
    error: { state: true }, presence: { state: true }, macros: { state: true }, replies: { state: true }, preview: { state: true },
  };

  language: Language = document.documentElement.lang === "zh" ? "zh" : "en";
  me: Me | null = null;
  tickets: Ticket[] = [];
  cursor: string | null = null;
  counts: Record<string, Record<string, number>> = {};
  board = false;
  chosen: Detail | null = null;
  comments: Comment[] = [];
  changes: Change[] = [];
  related: Near[] = [];
  duplicates: Near[] = [];
  error = "";
  presence: "online" | "away" | "offline" = "offline";
  macros: Entry[] = [];
  replies: Entry[] = [];
  preview: (Preview & { code: string }) | null = null;
  private query = new URLSearchParams({ active: "true", sort: "due" });

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(async () => { this.me = await call<Me>("GET", "/v1/auth/me"); await this.read(); await this.readBook(); });
    window.setInterval(() => { if (this.presence !== "offline") void this.tell(this.presence); }, HEARD_MS);
  }

  private say(key: string): string {
    const text = (TEXTS as Record<string, Record<Language, string>>)[key];
    return text ? text[this.language] : key.replace(/[_:]/g, " ");
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.error = "";
    try { await work(); } catch (error) { this.error = error instanceof Error ? error.message : String(error); }
  }

  private async read(more = false): Promise<void> {
    const asked = new URLSearchParams(this.query);
    if (more && this.cursor) asked.set("cursor", this.cursor);
    const found = await call<Listing<Ticket>>("GET", `/v1/tickets?${asked}`);
    this.tickets = more ? [...this.tickets, ...found.items] : found.items;
    this.cursor = found.next_cursor;
    this.counts = await call("GET", "/v1/tickets/counts");
  }

  private async readBook(): Promise<void> {
    const of = async (kind: string): Promise<Entry[]> => (await call<Listing<Entry>>("GET", `/v1/rulebook/${kind}`)).items;
    this.macros = await of("macro");
    this.replies = (await of("template")).filter((entry) => entry.content.use === "reply");
  }

  private look(code: string): void {
    const ticket = this.chosen;
    if (ticket && code) void this.attempt(async () => {
      this.preview = { ...await call<Preview>("GET", `/v1/tickets/${ticket.id}/macros/${code}`), code };
    });
  }

  private insert(code: string): void {
    const ticket = this.chosen;
    if (ticket && code) void this.attempt(async () => {
      const filled = await call<{ text: string }>("GET", `/v1/tickets/${ticket.id}/replies/${code}`);
      const field = this.renderRoot.querySelector<HTMLTextAreaElement>("textarea");
      if (field) { field.value = `${field.value}${field.value ? "\n" : ""}${filled.text}`; field.focus(); }
    });
  }

  private narrow(name: string, value: string): void {
    if (value) this.query.set(name, value); else this.query.delete(name);
    if (name === "state") { if (value) this.query.delete("active"); else this.query.set("active", "true"); }
    void this.attempt(() => this.read());
  }

  private async choose(id: string): Promise<void> {
    await this.attempt(async () => {
      const path = `/v1/tickets/${id}`;
      const [detail, comments, changes, related, duplicates] = await Promise.all([
        call<Detail>("GET", path), call<Listing<Comment>>("GET", `${path}/comments`), call<Listing<Change>>("GET", `${path}/history`),
        call<Near[]>("GET", `${path}/related?limit=5`), call<Near[]>("GET", `${path}/duplicates`),
      ]);
      this.chosen = detail;
      this.preview = null;
      [this.comments, this.changes, this.related, this.duplicates] = [comments.items, changes.items, related, duplicates];
    });
  }

  private change(path: string, body: unknown): void {
    const ticket = this.chosen;
    if (ticket) void this.attempt(async () => {
      await call("POST", `/v1/tickets/${ticket.id}/${path}`, body, undefined, ticket.version);
      await this.choose(ticket.id);
      await this.read();
    });
  }

  private comment(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    this.change("comments", { text: given.get("text"), visibility: given.get("visibility") });
    form.reset();
  }

  private merge(other: Ticket): void {
    const into = this.chosen;
    if (into) void this.attempt(async () => {
      await call("POST", `/v1/tickets/${other.id}/merge`, { into: into.id }, undefined, other.version);
      await this.choose(into.id);
      await this.read();
    });
  }

  private async tell(presence: "online" | "away" | "offline"): Promise<void> {
    await this.attempt(async () => { await call("PUT", "/v1/workforce/presence", { presence }); this.presence = presence; });
  }

  private when(at: string | null): string {
    return at ? new Date(at).toLocaleString(this.language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" }) : "";
  }

  override render(): TemplateResult {
    return html`
      <header><h1>${this.say("tickets")}</h1><a href="/workspace">${this.say("workspace")}</a>
        <button @click=${() => { this.language = this.language === "en" ? "zh" : "en"; }}>${this.say("other")}</button>
        ${this.me ? html`
          <button aria-pressed=${this.presence === "online"} @click=${() => void this.tell("online")}>${this.say("here")}</button>
          <button aria-pressed=${this.presence === "away"} @click=${() => void this.tell("away")}>${this.say("away")}</button>` : nothing}
      </header>
      ${this.error ? html`<p class="error" role="alert">${this.me ? this.error : this.say("signin")}</p>` : nothing}
      ${this.me ? html`${this.bar()}<main>${this.board ? this.boarded() : this.listed()}${this.chosen ? this.detail(this.chosen) : nothing}</main>` : nothing}`;
  }

  private bar(): TemplateResult {
    const options = (names: readonly string[]): TemplateResult[] => ["", ...names].map((name) => html`<option value=${name}>${this.say(name || "all")}</option>`);
    const totals = Object.entries(this.counts).map(([queue, states]) => `${this.say(queue)} ${Object.values(states).reduce((a, b) => a + b, 0)}`);
    return html`<div class="bar">
      <input type="search" aria-label=${this.say("search")} placeholder=${this.say("search")} @change=${(e: Event) => this.narrow("q", (e.target as HTMLInputElement).value)}>
      <label>${this.say("queue")} <select @change=${(e: Event) => this.narrow("queue", (e.target as HTMLSelectElement).value)}>${options(QUEUES)}</select></label>
      <label>${this.say("state")} <select @change=${(e: Event) => this.narrow("state", (e.target as HTMLSelectElement).value)}>${options(STATES)}</select></label>
      <select aria-label="sort" @change=${(e: Event) => this.narrow("sort", (e.target as HTMLSelectElement).value)}><option value="due">${this.say("due")}</option><option value="newest">${this.say("newest")}</option></select>
      <button @click=${() => this.narrow("assignee", this.query.has("assignee") ? "" : this.me?.id ?? "")}>${this.say("mine")}</button>
      <button @click=${() => { this.board = !this.board; }}>${this.say(this.board ? "list" : "board")}</button>
      <a href=${`/v1/tickets/export?${new URLSearchParams([...this.query].filter(([name]) => name !== "sort"))}`}>${this.say("export")}</a>
      <small>${totals.join(" · ")}</small></div>`;
  }

  private line(ticket: Ticket): TemplateResult {
    return html`<li><button class="entry" aria-current=${this.chosen?.id === ticket.id} @click=${() => void this.choose(ticket.id)}>
      <b>${ticket.reference}</b> ${ticket.subject}<br><small>${this.say(ticket.queue)} · ${this.say(ticket.priority)} · ${this.say(ticket.state)} · ${this.when(ticket.next_due)}</small></button></li>`;
  }

  private listed(): TemplateResult {
    return html`<section><ul>${this.tickets.map((ticket) => this.line(ticket))}</ul>
      ${this.tickets.length ? nothing : html`<p>${this.say("none")}</p>`}
      ${this.cursor ? html`<button @click=${() => void this.attempt(() => this.read(true))}>${this.say("more")}</button>` : nothing}</section>`;
  }

  private boarded(): TemplateResult {
    const columns = STATES.filter((state) => this.tickets.some((ticket) => ticket.state === state));
    return html`<section class="board">${columns.map((state) => html`<div><h3>${this.say(state)}</h3>
      <ul>${this.tickets.filter((ticket) => ticket.state === state).map((ticket) => this.line(ticket))}</ul></div>`)}</section>`;
  }

  private detail(ticket: Detail): TemplateResult {
    const told = (clock: Clock): string => clock.met_at ? `${this.say("met")} ${this.when(clock.met_at)}` : clock.due_at ? this.when(clock.due_at) : this.say("stands");
    return html`<article aria-live="polite">
      <h2>${ticket.reference} ${ticket.subject}</h2><p class="said">${ticket.description}</p>
      <div class="bar">${ticket.possible_steps.map((to) => html`<button @click=${() => this.change("transition", { to })}>→ ${this.say(to)}</button>`)}
        <button class="primary" @click=${() => this.change("assign", { assignee: this.me?.id })}>${this.say("take")}</button>
        ${this.picker("macro", this.macros, (code) => this.look(code))}</div>
      ${this.preview ? this.previewed(this.preview) : nothing}
      <h3>${this.say("clocks")}</h3><ul>${ticket.clocks.map((clock) => html`<li class=${clock.breached_at ? "late" : ""}>${this.say(clock.name)}: ${told(clock)} ${clock.breached_at ? this.say("broken") : ""}</li>`)}</ul>
      <h3>${this.say("why")}</h3><ul>${ticket.routing.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
      <ul>${this.comments.map((c) => html`<li class="card"><small>${c.author.split(":")[0]} · ${this.say(c.visibility)} · ${this.when(c.created_at)}</small><p class="said">${c.text}</p></li>`)}</ul>
      <div class="bar">${this.picker("reply", this.replies, (code) => this.insert(code))}</div>
      <form @submit=${this.comment}><textarea name="text" required rows="3" aria-label=${this.say("send")}></textarea>
        <select name="visibility"><option value="public">${this.say("public")}</option><option value="internal">${this.say("internal")}</option></select>
        <button class="primary">${this.say("send")}</button></form>
      ${this.duplicates.length ? html`<h3>${this.say("duplicates")}</h3><ul>${this.duplicates.map((near) => html`<li>${near.ticket.reference} ${near.ticket.subject}
        <button @click=${() => this.merge(near.ticket)}>${this.say("merge")}</button></li>`)}</ul>` : nothing}
      ${this.related.length ? html`<h3>${this.say("related")}</h3><ul>${this.related.map((near) => this.line(near.ticket))}</ul>` : nothing}
      <h3>${this.say("history")}</h3><ul>${this.changes.map((c) => html`<li><small>${this.when(c.at)} · ${c.actor.split(":")[0]} · ${c.what} ${c.before ?? ""} → ${c.after ?? ""} ${c.reason ?? ""}</small></li>`)}</ul>
    </article>`;
  }

  private picker(name: string, entries: Entry[], picked: (code: string) => void): TemplateResult {
    const pick = (event: Event): void => { const select = event.target as HTMLSelectElement; picked(select.value); select.value = ""; };
    return html`<label>${this.say(name)} <select @change=${pick}><option value="">${this.say("choose")}</option>
      ${entries.map((entry) => html`<option value=${entry.code}>${entry.content.names[this.language]}</option>`)}</select></label>`;
  }

  private previewed(preview: Preview & { code: string }): TemplateResult {
    return html`<section class="card" aria-live="polite"><h3>${this.say("will")}</h3><ul>${preview.steps.map((step) => html`<li>${step}</li>`)}</ul>
      <button class="primary" @click=${() => this.change(`macros/${preview.code}`, undefined)}>${this.say("run")}</button>
      <button @click=${() => { this.preview = null; }}>${this.say("cancel")}</button></section>`;
  }

  static override styles = css`
    :host { --paper: #fff; --ink: #1b1f24; --soft: #f1f4f7; --line: #c9d1d9; --brand: #0b57a4; display: block; color: var(--ink); background: var(--paper); font: 16px/1.45 system-ui, sans-serif; min-height: 100vh; }
    @media (prefers-color-scheme: dark) { :host { --paper: #14181d; --ink: #e6eaef; --soft: #222a33; --line: #3b4653; --brand: #1565b8; } }
    header, .bar { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; padding: .5rem 1rem; }
    article .bar { padding: .5rem 0; }
    h1 { font-size: 1.3rem; margin: 0; }
    a { color: inherit; }
    main { display: grid; grid-template-columns: minmax(18rem, 28rem) 1fr; gap: 1.5rem; padding: 0 1rem 2rem; }
    main:has(.board) { grid-template-columns: 1fr; }
    .board { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(14rem, 1fr); gap: 1rem; overflow-x: auto; }
    ul { list-style: none; padding: 0; margin: .4rem 0; display: grid; gap: .4rem; }
    button, input, textarea, select { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .6rem; max-width: 100%; }
    button { cursor: pointer; }
    button[aria-current="true"], button[aria-pressed="true"] { border: 2px solid var(--brand); }
    .primary { background: var(--brand); color: #fff; border: 0; }
    .entry { width: 100%; text-align: left; overflow-wrap: anywhere; }
    .said { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
    .card { border: 1px solid var(--line); border-radius: .6rem; padding: .6rem; }
    form { display: grid; gap: .5rem; max-width: 40rem; }
    .late, .error { color: #b3261e; }
    @media (prefers-color-scheme: dark) { .late, .error { color: #ff8a80; } }
    .error { padding: 0 1rem; }
    @media (max-width: 900px) { main { grid-template-columns: 1fr; } }
  `;
}

customElements.define("ticket-console", TicketConsole);
document.querySelector("#desk")?.append(document.createElement("ticket-console"));
