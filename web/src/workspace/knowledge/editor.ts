// One article in one language: written with a live preview, tried, compared, and taken through
// review to publication.

import DOMPurify from "dompurify";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type {
  ArticleChange,
  ArticleContent,
  ArticleOut,
  Difference,
  Me,
  RankOut,
  SavedArticle,
  Similar,
  Trial,
  VersionOut,
} from "../../shared/contract.js";
import { api, data, ifMatch } from "../../shared/api.js";
import { fromLocal, localMinute } from "../../shared/clock.js";
import { language as read, moment, type Language } from "../../shared/language.js";
import { WorkspaceElement, formFields, options } from "../element.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";

const STEPS = ["submit", "approve", "publish", "archive"] as const;
const AUDIENCES = ["public", "staff"] as const;
const PAUSE_MS = 350; // after the last key before the preview and the rank are asked for
interface ArticleFields {
  category: string;
  audience: (typeof AUDIENCES)[number];
  review_by: string;
  valid_from: string;
  valid_until: string;
}
interface Written {
  title: string;
  body: string;
  questions: string[];
}

class ArticleEditor extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    me: { attribute: false },
    slug: { attribute: false },
    language: { attribute: false },
    article: { state: true },
    similar: { state: true },
    preview: { state: true },
    question: { state: true },
    rank: { state: true },
    trial: { state: true },
    versions: { state: true },
    difference: { state: true },
    read: { state: true },
  };
  me!: Me;
  slug = "";
  language: Language = "en";
  article: ArticleOut | null = null;
  similar: Similar[] = [];
  preview: DocumentFragment | null = null;
  question = "";
  rank: RankOut | null = null;
  trial: Trial | null = null;
  versions: VersionOut[] = [];
  difference: Difference | null = null;
  read = false;
  private pause = 0;

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("slug") || changed.has("language")) void this.attempt(() => this.load());
  }

  private get params(): { path: { article_id: string } } {
    return { path: { article_id: this.article?.id ?? "" } };
  }

  private async load(): Promise<void> {
    [this.article, this.similar, this.rank, this.trial, this.versions, this.difference, this.read] =
      [null, [], null, null, [], null, false];
    const params = { query: { slug: this.slug, language: this.language } };
    const { items } = await data(api.GET("/v1/knowledge/articles", { params }));
    this.read = true;
    await this.show(items[0] ?? null);
  }

  private async show(article: ArticleOut | null): Promise<void> {
    this.article = article;
    await this.showPreview(article?.body ?? "");
    if (!article) return;
    const { params } = this;
    const path = "/v1/knowledge/articles/{article_id}/versions";
    this.versions = (await data(api.GET(path, { params }))).items;
  }

  private async showPreview(body: string): Promise<void> {
    const { html: clean } = await data(api.POST("/v1/knowledge/previews", { body: { body } }));
    this.preview = DOMPurify.sanitize(clean, { RETURN_DOM_FRAGMENT: true });
  }

  private written(): Written {
    const field = (key: string): string =>
      this.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name="${key}"]`)?.value ?? "";
    return {
      title: field("title"),
      body: field("body"),
      questions: field("questions")
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    };
  }

  /** After a pause in writing: the preview, and where the question would be found. */
  private typed(): void {
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => {
      const written = this.written();
      void this.showPreview(written.body).catch(() => undefined);
      void this.ask(written);
    }, PAUSE_MS);
  }

  private async ask(written: Written): Promise<void> {
    if (!this.article || !this.question || !written.title || !written.body) return;
    const { params } = this;
    const body = { question: this.question, ...written };
    const path = "/v1/knowledge/articles/{article_id}/rank";
    this.rank = await data(api.POST(path, { params, body })).catch(() => null);
  }

  private save(event: SubmitEvent): void {
    const fields = formFields<ArticleFields>(event);
    const content = {
      ...this.written(),
      category: fields.category,
      audience: fields.audience,
      review_by: fields.review_by || null,
      valid_from: fromLocal(fields.valid_from),
      valid_until: fromLocal(fields.valid_until),
    };
    void this.attempt(async () => {
      const saved = await this.store(content);
      this.similar = saved.similar;
      await this.show(saved);
      this.notifyChanged();
    }, say("saved"));
  }

  private store(content: ArticleChange): Promise<SavedArticle> {
    if (!this.article) {
      const body = { ...content, slug: this.slug, language: this.language } as ArticleContent;
      return data(api.POST("/v1/knowledge/articles", { body }));
    }
    const { params } = this;
    const headers = ifMatch(this.article.version);
    const path = "/v1/knowledge/articles/{article_id}";
    return data(api.PATCH(path, { params, headers, body: content }));
  }

  private notifyChanged(): void {
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
  }

  private step(step: (typeof STEPS)[number]): void {
    const at = this.querySelector<HTMLInputElement>("[name=publish_at]")?.value;
    const accept_losses = this.querySelector<HTMLInputElement>("[name=accept]")?.checked ?? false;
    const publication = { accept_losses, ...(at ? { at: fromLocal(at) } : {}) };
    const params = { path: { ...this.params.path, step } };
    const body = step === "publish" ? publication : undefined;
    void this.attempt(async () => {
      const path = "/v1/knowledge/articles/{article_id}/{step}";
      await this.show(await data(api.POST(path, { params, body })));
      this.notifyChanged();
    });
  }

  private restore(number: number): void {
    const params = { path: { ...this.params.path, number } };
    const headers = ifMatch(this.article?.version);
    void this.attempt(async () => {
      const path = "/v1/knowledge/articles/{article_id}/versions/{number}/restore";
      await this.show(await data(api.POST(path, { params, headers })));
      this.notifyChanged();
    });
  }

  private tryOut(): void {
    const params = { ...this.params, query: { language: read() } };
    void this.attempt(async () => {
      const path = "/v1/knowledge/articles/{article_id}/trial";
      this.trial = await data(api.POST(path, { params }));
    });
  }

  private compare(old: number, to: number): void {
    const params = { path: { ...this.params.path, old }, query: { to } };
    void this.attempt(async () => {
      const path = "/v1/knowledge/articles/{article_id}/versions/{old}/difference";
      this.difference = await data(api.GET(path, { params }));
    });
  }

  override render(): TemplateResult {
    const a = this.article;
    if (!this.read)
      return html`${this.feedback()}
        <p role="status">${common("loading")}</p>`;
    return html`<section class="card" aria-label="${this.slug} ${name(this.language)}">
      <h2>
        ${name(this.language)}
        ${
          a
            ? html`<wa-badge variant=${a.state === "published" ? "success" : "neutral"}
                  >${name(a.state)}</wa-badge
                >
                <small
                  >${say("version", {
                    number: a.version,
                  })}${a.published_version ? ` · ${say("live", { number: a.published_version })}` : ""}</small
                >`
            : html`<small>${say("not_written")}</small>`
        }
      </h2>
      ${this.feedback()}
      ${
        this.similar.length
          ? html`<wa-callout variant="warning"
              >${say("similar", {
                names: this.similar
                  .map((one) => `${one.title} (${Math.round(100 * one.share)} %)`)
                  .join(", "),
              })}</wa-callout
            >`
          : nothing
      }
      <form
        class="stack"
        lang=${this.language}
        @submit=${(event: SubmitEvent) => this.save(event)}
        @input=${() => this.typed()}
      >
        <label
          >${say("title")} <input name="title" required maxlength="200" .value=${a?.title ?? ""}
        /></label>
        <label
          >${say("body")}
          <textarea
            name="body"
            required
            rows="12"
            maxlength="100000"
            .value=${a?.body ?? ""}
          ></textarea>
        </label>
        <wa-details summary=${say("preview")} open
          ><div class="article" lang=${this.language}>${this.preview}</div></wa-details
        >
        <label
          >${say("questions")}
          <textarea name="questions" rows="5" .value=${a?.questions.join("\n") ?? ""}></textarea>
        </label>
        <div class="bar">
          <label
            >${say("category")}
            <input
              name="category"
              required
              maxlength="60"
              .value=${a?.category ?? "general"} /></label
          ><label
            >${say("audience")}
            <select name="audience">
              ${options(AUDIENCES, name, a?.audience)}
            </select></label
          >
          <label
            >${say("review_by")}
            <input name="review_by" type="date" .value=${a?.review_by ?? ""} /></label
          ><label
            >${say("valid_from")}
            <input name="valid_from" type="datetime-local" .value=${local(a?.valid_from)} /></label
          ><label
            >${say("valid_until")}
            <input name="valid_until" type="datetime-local" .value=${local(a?.valid_until)}
          /></label>
        </div>
        <button class="wa-brand" ?disabled=${this.busy}>${common("save")}</button>
      </form>
      ${a ? this.tools(a) : nothing}
    </section>`;
  }

  private tools(a: ArticleOut): TemplateResult {
    const rank = this.rank;
    return html`<label
        >${say("try_question")}
        <input
          type="text"
          maxlength="500"
          .value=${this.question}
          @input=${(event: Event) => {
            this.question = (event.target as HTMLInputElement).value;
            this.typed();
          }}
      /></label>
      <p role="status">
        ${
          rank && this.question
            ? html`${
                rank.rank
                  ? html`<b>${say("found_at", { rank: rank.rank })}</b>`
                  : html`<b>${say("not_found")}</b>`
              }${
                rank.before.length
                  ? html` <small>${say("before", { slugs: rank.before.join(", ") })}</small>`
                  : nothing
              }`
            : nothing
        }
      </p>
      <h3>${say("steps")}</h3>
      <div class="bar">
        ${STEPS.map((step) => html`<button @click=${() => this.step(step)}>${say(step)}</button>`)}
      </div>
      <div class="bar">
        <label class="row">${say("at")} <input name="publish_at" type="datetime-local" /></label
        ><label class="check"><input name="accept" type="checkbox" /> ${say("accept")}</label>
      </div>
      <div class="bar">
        <button @click=${() => this.tryOut()}>${say("trial")}</button>
      </div>
      ${
        this.trial
          ? html`<div role="status" class="trial">
              <p>${say("trial_said", { total: this.trial.total, verdict: this.trial.verdict })}</p>
              ${
                this.trial.lost.length
                  ? html`<p>${say("lost")}: ${this.trial.lost.join("; ")}</p>`
                  : nothing
              }${
                this.trial.won.length
                  ? html`<p>${say("won")}: ${this.trial.won.join("; ")}</p>`
                  : nothing
              }
            </div>`
          : nothing
      }
      <wa-details summary="${say("versions")} (${this.versions.length})"
        ><ul class="plain">
          ${this.versions.map(
            (one) =>
              html`<li>
                ${say("version", { number: one.version })} ·
                <small>${moment(one.created_at)} · ${name(one.author.split(":")[0])}</small>
                <div class="bar">
                  <button @click=${() => this.compare(one.version, a.version)}>
                    ${say("compare")}</button
                  ><button @click=${() => this.restore(one.version)}>${say("restore")}</button>
                </div>
              </li>`,
          )}
        </ul>
        ${
          this.difference?.changes.map(
            (change) =>
              html`<h4>${name(change.field)}</h4>
                <pre>${change.lines.map(changedLine)}</pre>`,
          ) ?? nothing
        }</wa-details
      >`;
  }
}

/** A time as a field for local times holds it. */
const local = (at: string | null | undefined): string =>
  at ? localMinute(new Date(at).getTime()) : "";

/**
 * A line of a difference; it ends with its own line break, since what stands in `pre` is shown as
 * it is.
 */
function changedLine(line: string): TemplateResult {
  const mark = line.startsWith("+") ? "came" : line.startsWith("-") ? "went" : "";
  return html`<span class=${mark}>${`${line}\n`}</span>`;
}

customElements.define("article-editor", ArticleEditor);
