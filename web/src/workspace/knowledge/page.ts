// The knowledge desk: articles in both languages side by side, gaps that become drafts, imports,
// question sets, what nobody reads and what readers vote down.

import { html, nothing, type TemplateResult } from "lit";
import type {
  ArticleOut,
  GapDraft,
  GapGroup,
  JobOut,
  QuestionSetContent,
  QuestionSetOut,
  SetRun,
  UnusedOut,
  Votes,
} from "../../shared/contract.js";
import { api, data, multipart } from "../../shared/api.js";
import { language, moment, type Language } from "../../shared/language.js";
import { LANGUAGES } from "../lists.js";
import { Page } from "../page.js";
import { formFields, options, valueOf } from "../element.js";
import { href, navigate, setFilter, asQuery, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import "./editor.js";

const VIEWS = ["articles", "gaps", "sets", "imports", "votes", "unused"] as const;
type View = (typeof VIEWS)[number];
const STATES = ["draft", "in_review", "approved", "published", "archived"] as const;
const POLL_MS = 500;

class KnowledgePage extends Page {
  static override properties = {
    ...Page.properties,
    articles: { state: true },
    cursor: { state: true },
    groups: { state: true },
    sets: { state: true },
    runs: { state: true },
    job: { state: true },
    votes: { state: true },
    unused: { state: true },
  };
  protected readonly at = "knowledge";
  articles: ArticleOut[] = [];
  cursor: string | null = null;
  groups: GapGroup[] = [];
  sets: QuestionSetOut[] = [];
  runs: Record<string, SetRun> = {};
  job: JobOut | null = null;
  votes: Votes[] = [];
  unused: UnusedOut[] = [];

  private get view(): View {
    return (currentRoute().query.get("view") as View | null) ?? "articles";
  }

  protected override queryKey(): string {
    return currentRoute().query.toString();
  }

  protected override async read(more = false): Promise<void> {
    if (this.view === "articles") {
      const query = new URLSearchParams(
        [...currentRoute().query].filter(([key, value]) => key !== "view" && value),
      );
      const cursor = more ? this.cursor : null;
      const params = { query: { ...asQuery(query), limit: 100, cursor } };
      const page = await data(api.GET("/v1/knowledge/articles", { params }));
      this.articles = more ? [...this.articles, ...page.items] : page.items;
      this.cursor = page.next_cursor;
    } else if (this.view === "gaps")
      this.groups = (await data(api.GET("/v1/knowledge/gaps/groups"))).items;
    else if (this.view === "sets")
      this.sets = (await data(api.GET("/v1/knowledge/question-sets"))).items;
    else if (this.view === "votes") this.votes = (await data(api.GET("/v1/knowledge/votes"))).items;
    else if (this.view === "unused")
      this.unused = await data(api.GET("/v1/analytics/unused-articles"));
  }

  private draft(event: SubmitEvent, group: GapGroup): void {
    const { slug } = formFields<{ slug: string }>(event);
    const body = { slug, gap_ids: group.gap_ids } as GapDraft;
    void this.attempt(async () => {
      const draft = await data(api.POST("/v1/knowledge/gaps/drafts", { body }));
      navigate(href("knowledge", draft.slug));
    });
  }

  private dismiss(group: GapGroup): void {
    void this.attempt(async () => {
      await api.POST("/v1/knowledge/gaps/dismiss", { body: { gap_ids: group.gap_ids } });
      await this.read();
    });
  }

  private import(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void this.attempt(async () => {
      const { job_id } = await data(api.POST("/v1/knowledge/imports", multipart(form)));
      const params = { path: { job_id }, query: { language: language() } };
      do {
        await new Promise((resolve) => window.setTimeout(resolve, POLL_MS));
        this.job = await data(api.GET("/v1/jobs/{job_id}", { params }));
      } while (this.job.state === "queued" || this.job.state === "running");
    });
  }

  private approveImport(): void {
    const params = { path: { job_id: this.job?.id ?? "" } };
    void this.attempt(async () => {
      const path = "/v1/knowledge/imports/{job_id}/approve";
      const { items } = await data(api.POST(path, { params }));
      this.notice = say("published_count", { count: items.length });
    });
  }

  private run(set: QuestionSetOut): void {
    const params = { path: { set_id: set.id } };
    void this.attempt(async () => {
      const run = await data(api.POST("/v1/knowledge/question-sets/{set_id}/run", { params }));
      this.runs = { ...this.runs, [set.id]: run };
    });
  }

  private saveSet(event: SubmitEvent): void {
    const fields = formFields<{ set_name: string; lines: string; set_language: Language }>(event);
    const questions = fields.lines
      .split("\n")
      .map((line) => line.split("|").map((part) => part.trim()))
      .filter((parts) => parts.length === 2)
      .map(([question = "", slug = ""]) => ({ question, slug, language: fields.set_language }));
    void this.attempt(async () => {
      const body = { name: fields.set_name, questions } as QuestionSetContent;
      await api.POST("/v1/knowledge/question-sets", { body });
      await this.read();
    });
  }

  override render(): TemplateResult {
    return html`<h1 class="hidden-label">${common("knowledge")}</h1>
      <div class="bar views">
        ${VIEWS.map(
          (view) =>
            html`<a
              class="view"
              href=${href("knowledge", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.feedback()}
      ${{
        articles: () => this.writing(),
        gaps: () => this.gapList(),
        sets: () => this.setList(),
        imports: () => this.importing(),
        votes: () => this.voteList(),
        unused: () => this.unusedList(),
      }[this.view]()}`;
  }

  private writing(): TemplateResult {
    const { id, query } = currentRoute();
    const select = (
      key: string,
      label: string,
      values: readonly string[],
      text: (value: string) => string = name,
    ): TemplateResult =>
      html`<label class="row"
        >${label}
        <select @change=${(event: Event) => setFilter(key, valueOf(event))}>
          <option value="">${common("all")}</option>
          ${options(values, text, query.get(key) ?? "")}
        </select></label
      >`;
    return html`<div class="bar">
        ${select(
          "state",
          common("state"),
          STATES,
        )}${select("language", common("language"), LANGUAGES)}${select("due", say("due"), ["review", "expiry"], (value) => say(value as "review"))}
        <form
          class="row"
          @submit=${(event: SubmitEvent) => navigate(href("knowledge", formFields<{ slug: string }>(event).slug))}
        >
          <input
            name="slug"
            required
            pattern="[a-z0-9]+(-[a-z0-9]+)*"
            maxlength="100"
            aria-label=${say("slug")}
            placeholder=${say("slug")}
          /><button class="wa-brand">${say("write")}</button>
        </form>
      </div>
      <div class="split">
        <section aria-label=${say("list")}>
          <ul class="entries">
            ${this.articles.map(
              (one) =>
                html`<li>
                  <a
                    class="entry"
                    lang=${one.language}
                    href=${href("knowledge", one.slug, query)}
                    aria-current=${one.slug === id ? "true" : nothing}
                    >${one.title}<br /><small lang=${language()}
                      ><span translate="no">${one.slug}</span> · ${name(one.language)} ·
                      ${name(one.state)} · ${one.version}</small
                    ></a
                  >
                </li>`,
            )}
          </ul>
          ${this.articles.length ? nothing : html`<p>${say("none")}</p>`}${
            this.cursor
              ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
                  ${common("more")}
                </button>`
              : nothing
          }
        </section>
        ${
          id
            ? html`<div>
                <h2 translate="no">${id}</h2>
                <div class="halves" @changed=${() => void this.attempt(() => this.read())}>
                  ${LANGUAGES.map(
                    (one) =>
                      html`<article-editor
                        .me=${this.me}
                        .slug=${id}
                        .language=${one}
                      ></article-editor>`,
                  )}
                </div>
              </div>`
            : html`<p>${say("choose")}</p>`
        }
      </div>`;
  }

  private gapList(): TemplateResult {
    if (!this.groups.length) return html`<p>${say("no_gaps")}</p>`;
    return html`<ul class="plain">
      ${this.groups.map(
        (group) =>
          html`<li class="card gap" lang=${group.language}>
            <b>${say("times", { count: group.count })} ${group.question}</b>
            <ul>
              ${group.questions.slice(0, 8).map((question) => html`<li>${question}</li>`)}
            </ul>
            ${
              group.offered.length
                ? html`<small>${say("offered", { names: group.offered.join(", ") })}</small>`
                : nothing
            }
            <form class="row" @submit=${(event: SubmitEvent) => this.draft(event, group)}>
              <input
                name="slug"
                aria-label=${say("slug")}
                placeholder=${say("slug")}
                required
                pattern="[a-z0-9]+(-[a-z0-9]+)*"
              /><button class="wa-brand">${say("make_draft")}</button
              ><button type="button" @click=${() => this.dismiss(group)}>${say("dismiss")}</button>
            </form>
          </li>`,
      )}
    </ul>`;
  }

  private importing(): TemplateResult {
    const job = this.job;
    return html`<form class="stack" @submit=${(event: SubmitEvent) => this.import(event)}>
        <label
          >${say("file")}
          <input
            name="file"
            type="file"
            required
            accept=".md,.html,.htm,.pdf,.docx,.xlsx,.csv,.txt,.zip"
        /></label>
        <label>${say("category")} <input name="category" value="general" /></label
        ><label
          >${say("audience")}
          <select name="audience">
            ${options(["public", "staff"], name)}
          </select></label
        >
        <label class="check"
          ><input type="checkbox" name="submit" value="true" /> ${say("submit_all")}</label
        ><label class="check"
          ><input type="checkbox" name="replace" value="true" /> ${say("replace")}</label
        ><button class="wa-brand" ?disabled=${this.busy}>${say("import")}</button>
      </form>
      ${
        job
          ? html`<section aria-live="polite">
              <h2>${name(job.state)}: ${say("progress", { done: job.done })}</h2>
              ${job.error ? html`<wa-callout variant="danger">${job.error}</wa-callout>` : nothing}
              <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
                <table>
                  <tbody>
                    ${(job.lines ?? []).map(
                      (line) =>
                        html`<tr>
                          <td>${line.name}</td>
                          <td>${name(line.outcome)}</td>
                          <td>${line.reason ?? ""}</td>
                        </tr>`,
                    )}
                  </tbody>
                </table>
              </div>
              ${
                job.state === "done"
                  ? html`<button @click=${() => this.approveImport()}>
                      ${say("approve_all")}
                    </button>`
                  : nothing
              }
            </section>`
          : nothing
      }`;
  }

  private setList(): TemplateResult {
    return html`<ul class="plain">
        ${this.sets.map(
          (set) =>
            html`<li class="card">
              <b translate="no">${set.name}</b> (${set.questions.length})
              <button ?disabled=${this.busy} @click=${() => this.run(set)}>${say("run")}</button
              >${this.ran(set)}
            </li>`,
        )}
      </ul>
      <form class="stack" @submit=${(event: SubmitEvent) => this.saveSet(event)}>
        <label>${say("set_name")} <input name="set_name" required maxlength="100" /></label
        ><label
          >${common("language")}
          <select name="set_language">
            ${options(LANGUAGES, name, language())}
          </select></label
        >
        <label
          >${say("set_lines")}
          <textarea
            name="lines"
            rows="5"
            required
            placeholder="where is my card | card-arrival"
          ></textarea></label
        ><button class="wa-brand">${common("save")}</button>
      </form>`;
  }

  /** How a set fares now, beside the run before; until it runs, how it fared then. */
  private ran(set: QuestionSetOut): TemplateResult | typeof nothing {
    const [now, before] = [this.runs[set.id], this.runs[set.id]?.before ?? set.last_run];
    const then = before
      ? html`<small
          >${say("last_run", {
            time: moment(before.at),
            first: before.first,
            total: before.total,
            three: before.in_three,
          })}</small
        >`
      : nothing;
    if (!now) return before ? html`<p>${then}</p>` : nothing;
    const moved = (label: "lost" | "won", questions: string[]): TemplateResult | typeof nothing =>
      questions.length ? html`<p>${say(label)}: ${questions.join("; ")}</p>` : nothing;
    return html`<div role="status">
      <p>${say("ran", { first: now.first, total: now.total, three: now.in_three })} ${then}</p>
      ${moved("lost", now.lost)}${moved("won", now.won)}
      <ul>
        ${now.wrong.map(
          (one) =>
            html`<li>
              ${say("instead", {
                question: one.question,
                slug: one.slug,
                instead: one.instead ?? "–",
              })}
            </li>`,
        )}
      </ul>
    </div>`;
  }

  private voteList(): TemplateResult {
    if (!this.votes.length) return html`<p>${say("none")}</p>`;
    return html`<div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
      <table>
        <thead>
          <tr>
            <th>${say("articles")}</th>
            <th>${say("helpful")}</th>
            <th>${say("not_helpful")}</th>
            <th>${say("comments")}</th>
          </tr>
        </thead>
        <tbody>
          ${this.votes.map(
            (one) =>
              html`<tr>
                <td>
                  <a translate="no" href=${href("knowledge", one.slug)}>${one.slug}</a>
                  <small>${name(one.language)}</small>
                </td>
                <td>${one.helpful}</td>
                <td>${one.not_helpful}</td>
                <td>${one.comments.join("; ")}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private unusedList(): TemplateResult {
    return html`<p>${say("unused_hint")}</p>
      ${
        this.unused.length
          ? html`<ul class="plain">
              ${this.unused.map(
                (one) =>
                  html`<li>
                    <a href=${href("knowledge", one.slug)} lang=${one.language}>${one.title}</a>
                    <small
                      ><span translate="no">${one.slug}</span> · ${name(one.language)} ·
                      ${name(one.audience)}</small
                    >
                  </li>`,
              )}
            </ul>`
          : html`<p>${say("none")}</p>`
      }`;
  }
}

customElements.define("knowledge-page", KnowledgePage);
