// What an answer carries beside its words: sources, products, tickets, files, fields.

import { html, nothing, type TemplateResult } from "lit";
import { textOf } from "../shared/json.js";
import type { MessageOut, TicketCard } from "../shared/contract.js";
import { ticketIds } from "./actions.js";
import { say, type Language, type Text } from "./texts.js";

interface Citation {
  slug: string;
  title: string;
  passage: string;
  anchor?: string;
  language: Language;
  version: number;
}
interface Product {
  product_id: string;
  name: string;
  risk_level: string;
  reasons: string[];
  disclosures: string[];
}
export interface Field {
  name: string;
  label: string;
  type: string;
  required: boolean;
  options: string[];
}
export interface Form {
  title: string | null;
  fields: Field[];
}

const INPUTS: Record<string, { type: string; mode?: string; complete?: string }> = {
  date: { type: "date" },
  phone: { type: "tel", complete: "tel" },
  email: { type: "email", complete: "email" },
  amount: { type: "text", mode: "decimal" },
  number: { type: "text", mode: "decimal" },
};
const STATES: Record<string, Text> = {
  new: "new",
  open: "state_open",
  waiting_customer: "waiting_customer",
  waiting_internal: "waiting_internal",
  resolved: "resolved",
  closed: "state_closed",
  archived: "archived",
};

/**
 * The sources of an answer; each unfolds to the passage that was quoted and leads to the article.
 */
export function sources(
  message: MessageOut,
  base: string,
  l: Language,
): TemplateResult | typeof nothing {
  const cited = message.citations as unknown as Citation[];
  if (!cited.length) return nothing;
  const articles = [...new Set(cited.map((c) => c.slug))].map((slug) =>
    cited.filter((c) => c.slug === slug),
  );
  return html`${articles.map(
    ([first, ...more]) =>
      first &&
      html`<details class="source">
        <summary>${say("source", l)}: <span lang=${first.language}>${first.title}</span></summary>
        ${[first, ...more].map(
          (c) => html`<blockquote lang=${c.language}>${c.passage}</blockquote>`,
        )}
        <a
          href="${base}/help/${first.language}/${first.slug}${first.anchor ? `#${first.anchor}` : ""}"
          target="_blank"
          rel="noopener"
          >${say("read", l)}</a
        >
      </details>`,
  )}`;
}

/** Products that were recommended, each with its risk level and what must be read. */
export function products(message: MessageOut, l: Language): TemplateResult | typeof nothing {
  const shown = message.actions
    .filter((action) => action.type === "recommendation.shown")
    .flatMap((action) => (action.products as Product[] | undefined) ?? []);
  if (!shown.length) return nothing;
  return html`<ul class="cards">
    ${shown.map(
      (product) =>
        html`<li class="card">
          <strong>${product.name}</strong>
          <span class="level">${say("level", l, { level: product.risk_level })}</span>
          ${product.reasons.length ? html`<p>${product.reasons[0]}</p>` : nothing}
          ${
            product.disclosures.length
              ? html`<details>
                  <summary>${say("disclosures", l)}</summary>
                  <ul>
                    ${product.disclosures.map((line) => html`<li>${line}</li>`)}
                  </ul>
                </details>`
              : nothing
          }
        </li>`,
    )}
  </ul>`;
}

/** Tickets that a message speaks of, as they stand now. */
export function tickets(
  message: MessageOut,
  cards: ReadonlyMap<string, TicketCard>,
  l: Language,
): TemplateResult | typeof nothing {
  const ids = ticketIds(message.actions);
  const shown = ids.map((id) => cards.get(id)).filter((ticket) => ticket !== undefined);
  if (!shown.length) return nothing;
  const time = new Intl.DateTimeFormat(l === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return html`<ul class="cards">
    ${shown.map(
      (ticket) =>
        html`<li class="card">
          <span>${say("ticket", l)} <strong>${ticket.reference}</strong></span>
          <span class="level">${say(STATES[ticket.state] ?? "state_open", l)}</span>
          <p>${ticket.subject}</p>
          ${
            ticket.first_responded_at || ticket.resolved_at
              ? nothing
              : html`<small
                  >${say("answer_by", l, {
                    time: time.format(new Date(ticket.first_response_due)),
                  })}</small
                >`
          }
        </li>`,
    )}
  </ul>`;
}

/** The file that a message is, if it is one. */
export const fileOf = (message: MessageOut): { id: string; name: string } | null => {
  const action = message.actions.find((one) => one.type === "file.added");
  return action ? { id: textOf(action.id), name: textOf(action.name) } : null;
};

/** The form that the last message asks for. */
export const formOf = (message: MessageOut | undefined): Form | null =>
  (message?.actions.find((action) => action.type === "form.asked") as unknown as
    Form | undefined) ?? null;

/** Fields to fill in instead of answering one question after the other. */
export function fields(
  form: Form,
  l: Language,
  submit: (event: SubmitEvent) => void,
): TemplateResult {
  return html`<form class="fields" @submit=${submit} aria-label=${form.title ?? say("fill", l)}>
    ${form.title ? html`<strong>${form.title}</strong>` : nothing}
    ${form.fields.map(
      (field) =>
        html`<label
          >${field.label}${field.required ? nothing : html` <small>(${say("optional", l)})</small>`}
          ${control(field, l)}</label
        >`,
    )}
    <button class="primary">${say("send", l)}</button>
  </form>`;
}

function control(field: Field, l: Language): TemplateResult {
  if (field.options.length) {
    return html`<select name=${field.name} ?required=${field.required}>
      <option value="">${say("choose", l)}</option>
      ${field.options.map((option) => html`<option>${option}</option>`)}
    </select>`;
  }
  if (field.type === "long_text")
    return html`<textarea
      name=${field.name}
      rows="3"
      maxlength="3000"
      ?required=${field.required}
    ></textarea>`;
  const input = INPUTS[field.type] ?? { type: "text" };
  return html`<input
    name=${field.name}
    type=${input.type}
    inputmode=${input.mode ?? nothing}
    autocomplete=${input.complete ?? "off"}
    maxlength="300"
    ?required=${field.required}
  />`;
}
