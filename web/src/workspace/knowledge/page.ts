// The knowledge desk: articles in both languages side by side, gaps that become drafts, imports,
// question sets, what nobody reads and what readers vote down.

import { html, nothing, type TemplateResult } from "lit";
import type {
  ArticleOut,
  GapGroup,
  JobOut,
  JobOrdered,
  ListingArticleOut,
  ListingGapGroup,
  ListingQuestionSetOut,
  ListingVotes,
  QuestionSetOut,
  SetRun,
  UnusedOut,
  Votes,
} from "../../shared/contract.js";
import { call, upload } from "../../shared/api.js";
import { language, moment } from "../../shared/language.js";
import { LANGUAGES } from "../lists.js";
import { Page } from "../page.js";
import { given, options, valueOf } from "../part.js";
import { address, go, narrow, place } from "../places.js";
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
    return (place().query.get("view") as View | null) ?? "articles";
  }

  protected override asks(): string {
    return place().query.toString();
  }

  protected override async read(more = false): Promise<void> {
    if (this.view === "articles") {
      const query = new URLSearchParams(
        [...place().query].filter(([key, value]) => key !== "view" && value),
      );
      query.set("limit", "100");
      if (more && this.cursor) query.set("cursor", this.cursor);
      const found = await call<ListingArticleOut>("GET", `/v1/knowledge/articles?${query}`);
      this.articles = more ? [...this.articles, ...found.items] : found.items;
      this.cursor = found.next_cursor;
    } else if (this.view === "gaps")
      this.groups = (await call<ListingGapGroup>("GET", "/v1/knowledge/gaps/groups")).items;
    else if (this.view === "sets")
      this.sets = (await call<ListingQuestionSetOut>("GET", "/v1/knowledge/question-sets")).items;
    else if (this.view === "votes")
      this.votes = (await call<ListingVotes>("GET", "/v1/knowledge/votes")).items;
    else if (this.view === "unused")
      this.unused = await call<UnusedOut[]>("GET", "/v1/analytics/unused-articles");
  }

  private draft(event: SubmitEvent, group: GapGroup): void {
    const { slug } = given(event);
    void this.attempt(async () => {
      const made = await call<ArticleOut>("POST", "/v1/knowledge/gaps/drafts", {
        gap_ids: group.gap_ids,
        slug,
      });
      go(address("knowledge", made.slug));
    });
  }

  private dismiss(group: GapGroup): void {
    void this.attempt(async () => {
      await call("POST", "/v1/knowledge/gaps/dismiss", { gap_ids: group.gap_ids });
      await this.read();
    });
  }

  private import(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void this.attempt(async () => {
      const { job_id } = await upload<JobOrdered>("/v1/knowledge/imports", form);
      do {
        await new Promise((done) => window.setTimeout(done, POLL_MS));
        this.job = await call<JobOut>("GET", `/v1/jobs/${job_id}?language=${language()}`);
      } while (this.job.state === "queued" || this.job.state === "running");
    });
  }

  private approveImport(): void {
    void this.attempt(async () => {
      const live = await call<ListingArticleOut>(
        "POST",
        `/v1/knowledge/imports/${this.job?.id}/approve`,
      );
      this.notice = say("published_count", { count: live.items.length });
    });
  }

  private run(set: QuestionSetOut): void {
    void this.attempt(async () => {
      const run = await call<SetRun>("POST", `/v1/knowledge/question-sets/${set.id}/run`);
      this.runs = { ...this.runs, [set.id]: run };
    });
  }

  private keepSet(event: SubmitEvent): void {
    const { set_name, lines = "", set_language } = given(event);
    const questions = lines
      .split("\n")
      .map((line) => line.split("|").map((part) => part.trim()))
      .filter((parts) => parts.length === 2)
      .map(([question, slug]) => ({ question, slug, language: set_language }));
    void this.attempt(async () => {
      await call("POST", "/v1/knowledge/question-sets", { name: set_name, questions });
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
              href=${address("knowledge", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.told()}
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
    const { id, query } = place();
    const select = (
      key: string,
      label: string,
      values: readonly string[],
      said: (value: string) => string = name,
    ): TemplateResult =>
      html`<label class="row"
        >${label}
        <select @change=${(event: Event) => narrow(key, valueOf(event))}>
          <option value="">${common("all")}</option>
          ${options(values, said, query.get(key) ?? "")}
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
          @submit=${(event: SubmitEvent) => go(address("knowledge", given(event)["slug"] ?? ""))}
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
                    href=${address("knowledge", one.slug, query)}
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
      <form class="stack" @submit=${(event: SubmitEvent) => this.keepSet(event)}>
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
                  <a translate="no" href=${address("knowledge", one.slug)}>${one.slug}</a>
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
                    <a href=${address("knowledge", one.slug)} lang=${one.language}>${one.title}</a>
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
