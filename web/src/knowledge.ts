// The knowledge desk, plain: articles with their steps, gaps that become drafts, imports, question sets.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { type Language, Problem, call, upload } from "./api.js";
import { type DeskText, sayDesk } from "./desk_texts.js";

interface Similar { slug: string; title: string; share: number }
interface Article {
  id: string; slug: string; language: Language; title: string; body: string; audience: "public" | "staff"; category: string;
  questions: string[]; valid_until: string | null; review_by: string | null; state: string; version: number;
  published_version: number | null; similar?: Similar[];
}
interface Version { version: number; author: string; created_at: string }
interface Difference { changes: { field: string; lines: string[] }[] }
interface Trial { total: number; verdict: string; lost: string[] }
interface GapGroup { question: string; language: Language; count: number; questions: string[]; gap_ids: string[]; offered: string[] }
interface Job { id: string; state: string; done: number; error: string | null; outcomes: Record<string, number>; lines: { name: string; outcome: string; reason: string | null }[] }
interface QuestionSet { id: string; name: string; questions: { question: string; slug: string }[] }
interface SetRun { total: number; first: number; in_three: number; wrong: { question: string; slug: string; instead: string | null }[] }
interface Listing<Item> { items: Item[]; next_cursor: string | null }

const PARTS = ["articles", "gaps", "imports", "sets"] as const;
type Part = (typeof PARTS)[number];
const STEPS = ["submit", "approve", "publish", "archive"] as const;
const POLL_MS = 400;

class KnowledgeDesk extends LitElement {
  static override properties = {
    language: { state: true }, view: { state: true }, articles: { state: true }, cursor: { state: true }, chosen: { state: true },
    versions: { state: true }, difference: { state: true }, trial: { state: true }, groups: { state: true }, job: { state: true },
    sets: { state: true }, runs: { state: true }, notice: { state: true }, error: { state: true },
  };

  language: Language = document.documentElement.lang === "zh" ? "zh" : "en";
  view: Part = "articles";
  articles: Article[] = [];
  cursor: string | null = null;
  chosen: Article | null = null;
  versions: Version[] = [];
  difference: Difference | null = null;
  trial: Trial | null = null;
  groups: GapGroup[] = [];
  job: Job | null = null;
  sets: QuestionSet[] = [];
  runs: Record<string, SetRun> = {};
  notice = "";
  error = "";
  private filter: Record<string, string> = {};

  override connectedCallback(): void {
    super.connectedCallback();
    void this.open("articles");
  }

  private say(key: DeskText): string { return sayDesk(key, this.language); }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.error = this.notice = "";
    try { await work(); } catch (error) {
      if (error instanceof Problem && error.status === 401) window.location.assign("/workspace");
      this.error = error instanceof Error ? error.message : String(error);
    }
  }

  private open(part: Part): Promise<void> {
    this.view = part;
    return this.attempt(async () => {
      if (part === "articles") await this.list();
      if (part === "gaps") this.groups = (await call<Listing<GapGroup>>("GET", "/v1/knowledge/gaps/groups")).items;
      if (part === "sets") this.sets = (await call<Listing<QuestionSet>>("GET", "/v1/knowledge/question-sets")).items;
    });
  }

  private async list(more = false): Promise<void> {
    const query = new URLSearchParams({ limit: "100", ...this.filter, ...(more && this.cursor ? { cursor: this.cursor } : {}) });
    const found = await call<Listing<Article>>("GET", `/v1/knowledge/articles?${query}`);
    this.articles = more ? [...this.articles, ...found.items] : found.items;
    this.cursor = found.next_cursor;
  }

  private narrow(name: string, value: string): void {
    if (value) this.filter[name] = value; else delete this.filter[name];
    void this.attempt(() => this.list());
  }

  private async choose(article: Article): Promise<void> {
    this.chosen = article;
    this.difference = this.trial = null;
    this.versions = (await call<Listing<Version>>("GET", `/v1/knowledge/articles/${article.id}/versions`)).items;
  }

  private begin(): void {
    this.versions = [];
    this.difference = this.trial = null;
    this.chosen = {
      id: "", slug: "", language: this.language, title: "", body: "", audience: "public", category: "general", questions: [],
      valid_until: null, review_by: null, state: "draft", version: 0, published_version: null,
    };
  }

  private save(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const content = {
      title: text("title"), body: text("body"), audience: text("audience"), category: text("category"), review_by: text("review_by") || null,
      questions: text("questions").split("\n").map((line) => line.trim()).filter(Boolean),
    };
    void this.attempt(async () => {
      if (!this.chosen) return;
      const saved = this.chosen.id
        ? await call<Article>("PATCH", `/v1/knowledge/articles/${this.chosen.id}`, content, undefined, this.chosen.version)
        : await call<Article>("POST", "/v1/knowledge/articles", { ...content, slug: text("slug"), language: this.chosen.language });
      await this.choose(saved);
      await this.list();
      this.notice = this.say("saved");
    });
  }

  private step(name: (typeof STEPS)[number]): void {
    void this.attempt(async () => {
      if (!this.chosen) return;
      const at = this.renderRoot.querySelector<HTMLInputElement>("#at")?.value;
      const accept = this.renderRoot.querySelector<HTMLInputElement>("#accept")?.checked ?? false;
      const how = name === "publish" ? { accept_losses: accept, ...(at ? { at: new Date(at).toISOString() } : {}) } : undefined;
      await this.choose(await call<Article>("POST", `/v1/knowledge/articles/${this.chosen.id}/${name}`, how));
      await this.list();
    });
  }

  private attemptTrial(): void {
    void this.attempt(async () => { if (this.chosen) this.trial = await call<Trial>("POST", `/v1/knowledge/articles/${this.chosen.id}/trial`); });
  }

  private compare(version: number): void {
    void this.attempt(async () => {
      if (this.chosen) this.difference = await call<Difference>("GET", `/v1/knowledge/articles/${this.chosen.id}/versions/${version}/difference?to=${this.chosen.version}`);
    });
  }

  private restore(version: number): void {
    void this.attempt(async () => {
      if (!this.chosen) return;
      await this.choose(await call<Article>("POST", `/v1/knowledge/articles/${this.chosen.id}/versions/${version}/restore`, undefined, undefined, this.chosen.version));
    });
  }

  private draft(event: SubmitEvent, group: GapGroup): void {
    event.preventDefault();
    const slug = String(new FormData(event.target as HTMLFormElement).get("slug"));
    void this.attempt(async () => {
      const made = await call<Article>("POST", "/v1/knowledge/gaps/drafts", { gap_ids: group.gap_ids, slug });
      this.view = "articles";
      await this.list();
      await this.choose(made);
    });
  }

  private dismiss(group: GapGroup): void {
    void this.attempt(async () => {
      await call("POST", "/v1/knowledge/gaps/dismiss", { gap_ids: group.gap_ids });
      await this.open("gaps");
    });
  }

  private import(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void this.attempt(async () => {
      let { id } = { id: (await upload<{ job_id: string }>("/v1/knowledge/imports", form)).job_id };
      do {
        await new Promise((done) => window.setTimeout(done, POLL_MS));
        this.job = await call<Job>("GET", `/v1/jobs/${id}`);
        id = this.job.id;
      } while (this.job.state === "queued" || this.job.state === "running");
    });
  }

  private approveImport(): void {
    void this.attempt(async () => {
      const live = await call<Listing<Article>>("POST", `/v1/knowledge/imports/${this.job?.id}/approve`);
      this.notice = `${live.items.length} ${this.say("published")}`;
    });
  }

  private run(set: QuestionSet): void {
    void this.attempt(async () => { this.runs = { ...this.runs, [set.id]: await call<SetRun>("POST", `/v1/knowledge/question-sets/${set.id}/run`) }; });
  }

  private keepSet(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const questions = String(form.get("lines")).split("\n").map((line) => line.split("|").map((part) => part.trim())).filter((parts) => parts.length === 2)
      .map(([question, slug]) => ({ question, slug, language: this.language }));
    void this.attempt(async () => {
      await call("POST", "/v1/knowledge/question-sets", { name: form.get("name"), questions });
      await this.open("sets");
    });
  }

  override render(): TemplateResult {
    return html`<header><strong>${this.say("desk")}</strong>
        <nav>${PARTS.map((part) => html`<button aria-current=${part === this.view} @click=${() => void this.open(part)}>${this.say(part)}</button>`)}</nav>
        <button @click=${() => { this.language = this.language === "en" ? "zh" : "en"; }}>${this.say("other")}</button>
        <a href="/workspace">${this.say("workspace")}</a></header>
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${this.notice ? html`<p role="status">${this.notice}</p>` : nothing}
      <main lang=${this.language}>${this[this.view === "articles" ? "articlesPart" : this.view === "gaps" ? "gapsPart" : this.view === "imports" ? "importsPart" : "setsPart"]()}</main>`;
  }

  private select(name: string, values: readonly string[]): TemplateResult {
    return html`<label>${this.say(name as DeskText)} <select @change=${(e: Event) => this.narrow(name, (e.target as HTMLSelectElement).value)}>
      <option value="">${this.say("all")}</option>${values.map((value) => html`<option value=${value}>${value.replace("_", " ")}</option>`)}</select></label>`;
  }

  private articlesPart(): TemplateResult {
    return html`<div class="columns"><section aria-label=${this.say("articles")}>
        <p>${this.select("state", ["draft", "in_review", "approved", "published", "archived"])} ${this.select("language", ["en", "zh"])} ${this.select("due", ["review", "expiry"])}
          <button class="primary" @click=${() => this.begin()}>${this.say("write")}</button></p>
        <ul>${this.articles.map((a) => html`<li><button class="entry" lang=${a.language} aria-current=${a.id === this.chosen?.id} @click=${() => void this.attempt(() => this.choose(a))}>
          ${a.title}<br><small>${a.slug} · ${a.language} · ${a.state.replace("_", " ")} · ${a.version}</small></button></li>`)}</ul>
        ${this.cursor ? html`<button @click=${() => void this.attempt(() => this.list(true))}>${this.say("more")}</button>` : nothing}</section>
      <section>${this.chosen ? this.editor(this.chosen) : nothing}</section></div>`;
  }

  private editor(a: Article): TemplateResult {
    return html`<form class="editor" @submit=${(event: SubmitEvent) => this.save(event)} lang=${a.language}>
        ${a.id ? html`<p><strong>${a.slug}</strong> · ${a.language} · ${a.state.replace("_", " ")} · ${this.say("version")} ${a.version}${a.published_version ? html` · ${this.say("live")} ${a.published_version}` : nothing}</p>`
          : html`<label>${this.say("slug")} <input name="slug" required pattern="[a-z0-9]+(-[a-z0-9]+)*"></label>`}
        <label>${this.say("name")} <input name="title" required maxlength="200" .value=${a.title}></label>
        <label>${this.say("body")} <textarea name="body" required rows="14" .value=${a.body}></textarea></label>
        <label>${this.say("questions")} <textarea name="questions" rows="6" .value=${a.questions.join("\n")}></textarea></label>
        <label>${this.say("category")} <input name="category" required .value=${a.category}></label>
        <label>${this.say("audience")} <select name="audience"><option value="public" ?selected=${a.audience === "public"}>public</option><option value="staff" ?selected=${a.audience === "staff"}>staff</option></select></label>
        <label>${this.say("review_by")} <input name="review_by" type="date" .value=${a.review_by ?? ""}></label>
        <button class="primary">${this.say("save")}</button></form>
      ${a.similar?.length ? html`<p class="warning">${this.say("similar")}: ${a.similar.map((s) => `${s.title} (${Math.round(100 * s.share)} %)`).join(", ")}</p>` : nothing}
      ${a.id ? html`<p>${STEPS.map((step) => html`<button @click=${() => this.step(step)}>${this.say(step)}</button> `)}
          <label>${this.say("at")} <input id="at" type="datetime-local"></label> <label><input id="accept" type="checkbox"> ${this.say("accept")}</label></p>
        <p><button @click=${() => this.attemptTrial()}>${this.say("trial")}</button> ${this.trial ? html`<span role="status">${this.trial.verdict}</span>` : nothing}</p>
        <h3>${this.say("versions")}</h3>
        <ul>${this.versions.map((v) => html`<li>${v.version} · ${new Date(v.created_at).toLocaleString()} <button @click=${() => this.compare(v.version)}>${this.say("compare")}</button>
          <button @click=${() => this.restore(v.version)}>${this.say("restore")}</button></li>`)}</ul>
        ${this.difference?.changes.map((change) => html`<h4>${change.field}</h4><pre>${change.lines.map((line) => html`<span class=${line.startsWith("+") ? "came" : line.startsWith("-") ? "went" : ""}>${line}\n</span>`)}</pre>`) ?? nothing}` : nothing}`;
  }

  private gapsPart(): TemplateResult {
    if (!this.groups.length) return html`<p>${this.say("no_gaps")}</p>`;
    return html`<ul>${this.groups.map((group) => html`<li class="card" lang=${group.language}><strong>${group.count} × ${group.question}</strong>
      <ul>${group.questions.slice(0, 8).map((question) => html`<li>${question}</li>`)}</ul>
      ${group.offered.length ? html`<small>${this.say("offered")}: ${group.offered.join(", ")}</small>` : nothing}
      <form class="row" @submit=${(event: SubmitEvent) => this.draft(event, group)}><input name="slug" aria-label=${this.say("slug")} placeholder=${this.say("slug")} required pattern="[a-z0-9]+(-[a-z0-9]+)*">
        <button class="primary">${this.say("make_draft")}</button> <button type="button" @click=${() => this.dismiss(group)}>${this.say("dismiss")}</button></form></li>`)}</ul>`;
  }

  private importsPart(): TemplateResult {
    const job = this.job;
    return html`<form class="editor" @submit=${(event: SubmitEvent) => this.import(event)}>
        <label>${this.say("file")} <input name="file" type="file" required accept=".md,.html,.htm,.pdf,.docx,.xlsx,.csv,.txt,.zip"></label>
        <label>${this.say("category")} <input name="category" value="general"></label>
        <label>${this.say("audience")} <select name="audience"><option>public</option><option>staff</option></select></label>
        <label class="inline"><input type="checkbox" name="submit" value="true"> ${this.say("submit_all")}</label>
        <label class="inline"><input type="checkbox" name="replace" value="true"> ${this.say("replace")}</label>
        <button class="primary">${this.say("import")}</button></form>
      ${job ? html`<section aria-live="polite"><h3>${this.say(job.state as DeskText)}: ${job.done}</h3>${job.error ? html`<p class="error">${job.error}</p>` : nothing}
        <table><tbody>${job.lines.map((line) => html`<tr><td>${line.name}</td><td>${this.say(line.outcome as DeskText)}</td><td>${line.reason ?? ""}</td></tr>`)}</tbody></table>
        ${job.state === "done" ? html`<button @click=${() => this.approveImport()}>${this.say("approve_all")}</button>` : nothing}</section>` : nothing}`;
  }

  private setsPart(): TemplateResult {
    return html`<form class="editor" @submit=${(event: SubmitEvent) => this.keepSet(event)}><label>${this.say("set_name")} <input name="name" required></label>
        <label>${this.say("set_lines")} <textarea name="lines" rows="5" required placeholder="where is my card | card-arrival"></textarea></label><button class="primary">${this.say("save")}</button></form>
      <ul>${this.sets.map((set) => html`<li class="card"><strong>${set.name}</strong> (${set.questions.length}) <button @click=${() => this.run(set)}>${this.say("run")}</button>
        ${this.runs[set.id] ? this.result(this.runs[set.id]!) : nothing}</li>`)}</ul>`;
  }

  private result(run: SetRun): TemplateResult {
    return html`<p role="status">${run.first} / ${run.total} ${this.say("first")}, ${run.in_three} ${this.say("in_three")}</p>
      <ul>${run.wrong.map((one) => html`<li>${one.question}: ${one.slug} ← ${one.instead ?? "–"}</li>`)}</ul>`;
  }

  static override styles = css`
    :host { display: block; color: var(--ink); }
    header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
    header nav { flex: 1; display: flex; gap: .4rem; flex-wrap: wrap; }
    main { padding: 1rem; }
    .columns { display: grid; grid-template-columns: minmax(16rem, 26rem) 1fr; gap: 1.5rem; }
    button, input, textarea, select { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .6rem; }
    input, textarea, select { background: var(--paper); max-width: 100%; }
    button { cursor: pointer; }
    button[aria-current="true"] { border: 2px solid var(--brand); }
    .primary { background: var(--brand); color: var(--on-brand); border: 0; }
    .entry { width: 100%; text-align: left; overflow-wrap: anywhere; }
    .editor { display: grid; gap: .7rem; max-width: 50rem; }
    .editor label { display: grid; gap: .2rem; }
    .editor .inline { display: flex; gap: .5rem; align-items: center; }
    ul { list-style: none; padding: 0; margin: .5rem 0; display: grid; gap: .4rem; }
    .card { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; }
    pre { white-space: pre-wrap; background: var(--soft); padding: .6rem; border-radius: .5rem; overflow-wrap: anywhere; }
    .came { background: color-mix(in srgb, var(--paper) 80%, #1a7f37); }
    .went { background: color-mix(in srgb, var(--paper) 80%, #b3261e); }
    .error, .warning { color: #b3261e; padding: 0 1rem; }
    @media (prefers-color-scheme: dark) { .error, .warning { color: #ff8a80; } }
    td { padding: .2rem .8rem .2rem 0; overflow-wrap: anywhere; }
    @media (max-width: 900px) { .columns { grid-template-columns: 1fr; } }
  `;
}

customElements.define("knowledge-desk", KnowledgeDesk);
document.querySelector("#desk")?.append(document.createElement("knowledge-desk"));
