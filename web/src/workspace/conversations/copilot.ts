// The copilot beside a conversation. It comes after each message by itself and never stands in the
// way of writing.

import { html, nothing, type TemplateResult } from "lit";
import type { Me, NextAction, StaffQuestion, SuggestionsOut } from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { percent } from "../../shared/language.js";
import { WorkspaceElement, formFields, icon } from "../element.js";
import { href } from "../router.js";
import { name } from "../words.js";
import type { CopilotHost } from "./host.js";
import { say } from "./words.js";
import "./forms.js";
import type { ActionForm } from "./forms.js";

interface Citation {
  slug: string;
  language: string;
  title: string;
}
interface StaffAnswer {
  id: string;
  question: string;
  text: string;
  citations: Citation[];
}

class CopilotPanel extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    view: { attribute: false },
    suggestions: { attribute: false },
    suggesting: { attribute: false },
    me: { attribute: false },
    customerId: { attribute: false },
    answers: { state: true },
    complaining: { state: true },
  };
  view!: CopilotHost;
  suggestions: SuggestionsOut | null = null;
  suggesting = false;
  me!: Me;
  customerId: string | null = null;
  answers: StaffAnswer[] = [];
  complaining = false;

  private acknowledge(code: string): void {
    const { suggestions } = this;
    if (!suggestions) return;
    const params = { path: { suggestion_id: suggestions.id } };
    const body = { part: "warning", item: code, outcome: "acknowledged" } as const;
    void this.attempt(async () => {
      await api.POST("/v1/copilot/suggestions/{suggestion_id}/uses", { params, body });
      suggestions.unacknowledged = suggestions.unacknowledged.filter((one) => one !== code);
    });
  }

  private wrong(event: SubmitEvent): void {
    const { reason } = formFields<{ reason: string }>(event);
    const params = { path: { suggestion_id: this.suggestions?.id ?? "" } };
    const body = { part: "reply", outcome: "wrong", reason } as const;
    void this.attempt(async () => {
      await api.POST("/v1/copilot/suggestions/{suggestion_id}/uses", { params, body });
      this.complaining = false;
    }, say("thanks"));
  }

  private ask(event: SubmitEvent): void {
    const { text } = formFields<{ text: string }>(event);
    const form = event.target as HTMLFormElement;
    const body = {
      text,
      conversation_id: this.view.conversationId,
      ...(this.customerId ? { customer_id: this.customerId } : {}),
    } as StaffQuestion;
    void this.attempt(async () => {
      const { messages } = await data(api.POST("/v1/copilot/questions", { body }));
      const answer = {
        id: messages[0]?.id ?? "",
        question: text,
        text: messages.map((message) => message.text).join("\n"),
        citations: messages.flatMap((message) => message.citations as unknown as Citation[]),
      };
      this.answers = [answer, ...this.answers];
      form.reset();
    });
  }

  private begin(action: NextAction): void {
    const form = this.querySelector<ActionForm>("action-form");
    if (!form) return;
    this.view.use({ part: "action", item: action.type, outcome: "opened" });
    form.begin(action);
  }

  override render(): TemplateResult {
    const s = this.suggestions;
    return html`<aside aria-label=${say("copilot")}>
      <h2>
        ${icon("sparkles")} ${say("copilot")}
        ${this.suggesting ? html`<wa-spinner></wa-spinner>` : nothing}
      </h2>
      ${this.feedback()}
      ${
        s
          ? html`${this.warnings(s)}
              <section>
                <h3>${say("summary")}</h3>
                <p>${s.summary}</p>
                <p>
                  ${
                    s.intent
                      ? html`<wa-badge variant="brand"
                          >${say("intent")}: ${s.intent.title}</wa-badge
                        > `
                      : nothing
                  }<wa-badge variant=${s.mood.name === "calm" ? "neutral" : "warning"}
                    >${say("mood")}: ${s.mood.title}</wa-badge
                  >
                </p>
              </section>
              ${this.reply(s)}${this.nextSteps(s)}${this.articles(s)}${this.similar(s)}${this.customer(s)}`
          : this.suggesting
            ? html`<p>${say("loading")}</p>`
            : nothing
      }
      <section>
        <form class="row" @submit=${(event: SubmitEvent) => this.ask(event)}>
          <input
            class="question"
            name="text"
            required
            maxlength="2000"
            aria-label=${say("ask")}
            placeholder=${say("ask_hint")}
          /><button ?disabled=${this.busy}>${say("ask_button")}</button>
        </form>
        <div aria-live="polite">
          ${this.answers.map(
            (a) =>
              html`<div class="answer">
                <b>${a.question}</b>
                <p class="quote">${a.text}</p>
                ${a.citations.map((c) => this.source(c))}
                <button @click=${() => this.view.insertAnswer(a.id, a.text)}>
                  ${say("insert")}
                </button>
              </div>`,
          )}
        </div>
      </section>
      <action-form
        .conversation=${this.view}
        @done=${(event: CustomEvent<string>) => {
          this.notice = event.detail;
        }}
      ></action-form>
    </aside>`;
  }

  private source(cited: { slug: string; language: string; title: string }): TemplateResult {
    return html`<small
      ><a href="/help/${cited.language}/${cited.slug}" target="_blank" rel="noopener"
        >${cited.title}</a
      ></small
    > `;
  }

  private warnings(s: SuggestionsOut): TemplateResult | typeof nothing {
    if (!s.warnings.length) return nothing;
    return html`<section aria-label=${say("before_writing")}>
      ${s.warnings.map(
        (warning) =>
          html` <wa-callout
            variant=${s.unacknowledged.includes(warning.code) ? "danger" : "warning"}
            >${warning.text}
            ${
              s.unacknowledged.includes(warning.code)
                ? html`<button @click=${() => this.acknowledge(warning.code)}>
                    ${say("acknowledge")}
                  </button>`
                : nothing
            }</wa-callout
          >`,
      )}
    </section>`;
  }

  private reply(s: SuggestionsOut): TemplateResult {
    return html`<section>
      <h3>${say("suggested")}</h3>
      ${
        s.reply.text
          ? html`<p class="quote">${s.reply.text}</p>
              <p>
                ${(s.reply.citations as unknown as Citation[])
                  .filter((c, at, all) => all.findIndex((one) => one.slug === c.slug) === at)
                  .map((c) => this.source(c))}
              </p>`
          : html`<p>${say("nothing")}</p>`
      }
      <div class="bar">
        ${
          s.reply.text
            ? html`<button class="wa-brand" @click=${() => this.view.insertSuggestion()}>
                ${say("insert")}
              </button>`
            : nothing
        }
        <button @click=${() => void this.view.suggest(true)}>
          ${icon("refresh-cw")} ${say("another")}
        </button>
        ${
          s.reply.text
            ? html`<button
                aria-expanded=${this.complaining}
                @click=${() => {
                  this.complaining = !this.complaining;
                }}
              >
                ${icon("thumbs-down")} ${say("wrong")}
              </button>`
            : nothing
        }
      </div>
      ${
        this.complaining
          ? html`<form class="row" @submit=${(event: SubmitEvent) => this.wrong(event)}>
              <input
                name="reason"
                required
                maxlength="1000"
                aria-label=${say("why_wrong")}
                placeholder=${say("why_wrong")}
              /><button>${say("done")}</button>
            </form>`
          : nothing
      }
    </section>`;
  }

  private nextSteps(s: SuggestionsOut): TemplateResult | typeof nothing {
    if (!s.next_actions.length) return nothing;
    return html`<section>
      <h3>${say("actions")}</h3>
      <ul class="plain">
        ${s.next_actions.map(
          (action) =>
            html`<li>
              <button
                @click=${() => this.begin(action)}
                ?disabled=${action.type !== "open_ticket" && s.unacknowledged.length > 0}
              >
                ${action.title}
              </button>
              <small>${action.reason}</small>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  private articles(s: SuggestionsOut): TemplateResult | typeof nothing {
    if (!s.articles.length) return nothing;
    return html`<section>
      <h3>${say("articles")}</h3>
      ${s.articles.map(
        (article) =>
          html`<wa-details
            summary=${article.title}
            @wa-show=${() =>
              this.view.use({ part: "article", item: article.slug, outcome: "opened" })}
          >
            <p class="said">${article.passage}</p>
            ${this.source(article)}</wa-details
          >`,
      )}
    </section>`;
  }

  private similar(s: SuggestionsOut): TemplateResult | typeof nothing {
    if (!s.similar_tickets.length) return nothing;
    return html`<section>
      <h3>${say("similar")}</h3>
      <ul class="plain">
        ${s.similar_tickets.map(
          (ticket) =>
            html`<li>
              <a
                href=${href("tickets", ticket.id)}
                @click=${() =>
                  this.view.use({ part: "ticket", item: ticket.reference, outcome: "opened" })}
                >${ticket.reference}</a
              >
              ${ticket.subject} <small>${name(ticket.state)} · ${percent(ticket.cosine)}</small>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  private customer(s: SuggestionsOut): TemplateResult | typeof nothing {
    const c = s.customer;
    if (!c) return nothing;
    return html`<section>
      <h3>${say("at_a_glance")}</h3>
      <p><b>${c.native_name ?? c.name}</b> · ${c.number}</p>
      <dl class="facts">
        <dt>${say("segment")}</dt>
        <dd>${name(c.segment)}</dd>
        <dt>${say("risk")}</dt>
        <dd>${c.risk_level}</dd>
        <dt>${say("kyc")}</dt>
        <dd>${name(c.kyc_state)}</dd>
      </dl>
      <a href=${href("customers", c.id)}>${say("profile")}</a>
    </section>`;
  }
}

customElements.define("copilot-panel", CopilotPanel);
