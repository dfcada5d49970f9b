// Sales and marketing: the pipeline of leads with quotes and reminders, campaigns with their
// funnels and lift, segments.

import { html, nothing, type TemplateResult } from "lit";
import type {
  CampaignOut,
  ForecastLine,
  FunnelOut,
  LeadChangeOut,
  LeadOut,
  LeadChangeRequest,
  PreviewOut,
  ProductOut,
  QuoteChange,
  QuoteNew,
  QuoteOut,
  ReminderOut,
  SegmentOut,
} from "../../shared/contract.js";
import { api, data, ifMatch } from "../../shared/api.js";
import { isPast } from "../../shared/clock.js";
import { day, language, moment, money, number, percent, pick } from "../../shared/language.js";
import { Page } from "../page.js";
import { formFields, icon, options, valueOf } from "../element.js";
import { href, setFilter, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { inWords } from "./rules.js";
import { say } from "./words.js";

type View = "leads" | "campaigns" | "segments" | "reminders";
type Stage = LeadOut["stage"];
const STEPS: Record<Stage, readonly Stage[]> = {
  new: ["contacted", "lost"],
  contacted: ["qualified", "lost"],
  qualified: ["offered", "lost"],
  offered: ["won", "lost"],
  won: [],
  lost: ["contacted"],
};
const STAGES = Object.keys(STEPS) as Stage[];
const POINTS = 100;
type QuoteField = "product_id" | "amount" | "valid_until";

class SalesPage extends Page {
  static override properties = {
    ...Page.properties,
    leads: { state: true },
    more: { state: true },
    forecast: { state: true },
    lead: { state: true },
    quotes: { state: true },
    steps: { state: true },
    products: { state: true },
    reminders: { state: true },
    campaigns: { state: true },
    funnels: { state: true },
    segments: { state: true },
    members: { state: true },
  };
  protected readonly at = "sales";
  leads: LeadOut[] = [];
  more: string | null = null;
  forecast: ForecastLine[] = [];
  lead: LeadOut | null = null;
  quotes: QuoteOut[] = [];
  steps: LeadChangeOut[] = [];
  products: ProductOut[] = [];
  reminders: ReminderOut[] = [];
  campaigns: CampaignOut[] = [];
  funnels: Record<string, FunnelOut> = {};
  segments: SegmentOut[] = [];
  members: Record<string, PreviewOut> = {};

  private get manages(): boolean {
    return this.me.permissions.includes("marketing:manage");
  }
  private get view(): View {
    return (currentRoute().query.get("view") as View | null) ?? "leads";
  }

  protected override async read(more = false): Promise<void> {
    const { id, query } = currentRoute();
    if (this.view === "campaigns") {
      const { items } = await data(api.GET("/v1/marketing/campaigns"));
      // openapi-fetch reads the contract's pair of hours as a list.
      this.campaigns = items as CampaignOut[];
      const funnels = this.campaigns.map(async ({ code }) => {
        const params = { path: { code } };
        const path = "/v1/marketing/campaigns/{code}/funnel";
        return [code, await data(api.GET(path, { params }))] as const;
      });
      this.funnels = Object.fromEntries(await Promise.all(funnels));
    } else if (this.view === "segments") {
      this.segments = (await data(api.GET("/v1/marketing/segments"))).items;
    } else if (this.view === "reminders") {
      this.reminders = (await data(api.GET("/v1/leads/reminders"))).items;
    } else {
      const stage = query.get("stage") as Stage | null;
      const filters = { ...(stage ? { stage } : {}), ...(query.get("mine") ? { mine: true } : {}) };
      const params = { query: { limit: 100, ...filters, cursor: more ? this.more : null } };
      const [page, forecast] = await Promise.all([
        data(api.GET("/v1/leads", { params })),
        data(api.GET("/v1/leads/forecast")),
      ]);
      this.leads = more ? [...this.leads, ...page.items] : page.items;
      [this.more, this.forecast] = [page.next_cursor, forecast];
      if (id) await this.readLead(id);
      else this.lead = null;
    }
  }

  private async readLead(lead_id: string): Promise<void> {
    const params = { path: { lead_id } };
    const [lead, quotes, steps] = await Promise.all([
      data(api.GET("/v1/leads/{lead_id}", { params })),
      data(api.GET("/v1/leads/{lead_id}/quotes", { params })),
      data(api.GET("/v1/leads/{lead_id}/history", { params })),
    ]);
    [this.lead, this.quotes, this.steps] = [lead, quotes.items, steps.items];
    if (!this.products.length)
      this.products = (
        await data(api.GET("/v1/products", { params: { query: { limit: 200 } } }))
      ).items;
  }

  /** Do something that changes what is shown, and read it again. */
  private change(work: () => Promise<unknown>): void {
    void this.attempt(async () => {
      await work();
      await this.read();
    });
  }

  private changeLead(lead: LeadOut, body: LeadChangeRequest): void {
    const params = { path: { lead_id: lead.id } };
    const headers = ifMatch(lead.version);
    this.change(() => api.PATCH("/v1/leads/{lead_id}", { params, headers, body }));
  }

  private addQuote(event: SubmitEvent, lead: LeadOut): void {
    const { product_id, amount, valid_until } = formFields<Record<QuoteField, string>>(event);
    const params = { path: { lead_id: lead.id } };
    const body = { product_id, amount: { amount, currency: "EUR" }, valid_until } as QuoteNew;
    this.change(() => api.POST("/v1/leads/{lead_id}/quotes", { params, body }));
  }

  private addReminder(event: SubmitEvent, lead: LeadOut): void {
    const { due_at, note } = formFields<{ due_at: string; note: string }>(event);
    const params = { path: { lead_id: lead.id } };
    const body = { due_at: new Date(due_at).toISOString(), note };
    this.change(() => api.POST("/v1/leads/{lead_id}/reminders", { params, body }));
  }

  private changeQuote(quote: QuoteOut, body: QuoteChange): void {
    const params = { path: { quote_id: quote.id } };
    const headers = ifMatch(quote.version);
    this.change(() => api.PATCH("/v1/leads/quotes/{quote_id}", { params, headers, body }));
  }

  private finishReminder(reminder: ReminderOut): void {
    const params = { path: { reminder_id: reminder.id } };
    this.change(() => api.POST("/v1/leads/reminders/{reminder_id}/done", { params }));
  }

  private moveCampaign(campaign: CampaignOut, to: CampaignOut["state"]): void {
    const params = { path: { code: campaign.code } };
    const headers = ifMatch(campaign.version);
    const body = { to };
    const path = "/v1/marketing/campaigns/{code}/transition";
    this.change(() => api.POST(path, { params, headers, body }));
  }

  private async readMembers(code: string): Promise<void> {
    const params = { path: { code } };
    const members = await data(api.GET("/v1/marketing/segments/{code}/members", { params }));
    this.members = { ...this.members, [code]: members };
  }

  override render(): TemplateResult {
    const views: View[] = [
      "leads",
      "reminders",
      ...(this.manages ? (["campaigns", "segments"] as View[]) : []),
    ];
    return html`<h1 class="hidden-label">${common("sales")}</h1>
      <div class="bar views">
        ${views.map(
          (view) =>
            html`<a
              class="view"
              href=${href("sales", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.feedback()}
      ${{
        leads: () => this.pipeline(),
        reminders: () => this.reminding(),
        campaigns: () => this.campaigning(),
        segments: () => this.segmenting(),
      }[this.view]()}`;
  }

  private pipeline(): TemplateResult {
    const { id, query } = currentRoute();
    return html`<section>
        <h2>${say("pipeline")}</h2>
        <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
          <table>
            <thead>
              <tr>
                <th>${say("stage")}</th>
                <th>${say("count")}</th>
                <th>${say("worth")}</th>
                <th>${say("likely")}</th>
                <th>${say("expected")}</th>
              </tr>
            </thead>
            <tbody>
              ${this.forecast.map(
                (line) =>
                  html`<tr>
                    <td>${say(line.stage)}</td>
                    <td>${line.leads}</td>
                    <td>${money(line.amount)}</td>
                    <td>${percent(line.probability)}</td>
                    <td>${money(line.expected)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      <div class="bar">
        <label class="row"
          >${say("stage")}
          <select @change=${(event: Event) => setFilter("stage", valueOf(event))}>
            <option value="">${common("all")}</option>
            ${options(STAGES, (one) => say(one as Stage), query.get("stage") ?? "")}
          </select></label
        >
        <button
          aria-pressed=${query.has("mine")}
          @click=${() => setFilter("mine", query.has("mine") ? "" : "1")}
        >
          ${say("mine")}
        </button>
      </div>
      <div class="split">
        <section aria-label=${say("leads")}>
          ${
            this.leads.length
              ? html`<ul class="entries">
                  ${this.leads.map(
                    (lead) =>
                      html`<li>
                        <a
                          class="entry"
                          href=${href("sales", lead.id, query)}
                          aria-current=${lead.id === id ? "true" : nothing}
                          ><b translate="no">${lead.subject}</b><br />
                          <small
                            >${say(lead.stage)} · ${say("score")} ${lead.score} ·
                            ${name(lead.source)} · ${day(lead.created_at)}</small
                          ></a
                        >
                      </li>`,
                  )}
                </ul>`
              : html`<p>${say("none")}</p>`
          }
          ${
            this.more
              ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
                  ${common("more")}
                </button>`
              : nothing
          }
        </section>
        ${
          this.lead
            ? this.oneLead(this.lead)
            : this.leads.length
              ? html`<p>${say("choose")}</p>`
              : nothing
        }
      </div>`;
  }

  private oneLead(lead: LeadOut): TemplateResult {
    const move = (stage: Stage): void => {
      const lost_reason = this.querySelector<HTMLInputElement>("#lost")?.value.trim();
      this.changeLead(lead, { stage, ...(stage === "lost" && lost_reason ? { lost_reason } : {}) });
    };
    return html`<article aria-label=${lead.subject}>
      <h2 translate="no">${lead.subject}</h2>
      <p>
        ${say(lead.stage)} ·
        <a href=${href("customers", lead.customer_id)}>${say("customer")}</a>${
          lead.ticket_id
            ? html` · <a href=${href("tickets", lead.ticket_id)}>${name("lead")}</a>`
            : nothing
        }
      </p>
      <div class="bar">
        ${STEPS[lead.stage].map(
          (stage) => html`<button @click=${() => move(stage)}>→ ${say(stage)}</button>`,
        )}
        ${
          STEPS[lead.stage].includes("lost")
            ? html`<input
                id="lost"
                maxlength="500"
                aria-label=${say("lost_reason")}
                placeholder=${say("lost_reason")}
              />`
            : nothing
        }
        ${
          lead.owner_id === this.me.id
            ? nothing
            : html`<button
                class="wa-brand"
                @click=${() => this.changeLead(lead, { owner_id: this.me.id })}
              >
                ${icon("hand")} ${say("take")}
              </button>`
        }
      </div>
      <h3>${say("why")}: ${lead.score}</h3>
      <ul>
        ${Object.entries(lead.score_parts).map(
          ([part, points]) => html`<li>${name(part)}: ${String(points)}</li>`,
        )}
      </ul>
      <h3>${say("quotes")}</h3>
      <ul class="plain">
        ${this.quotes.map((quote) => this.quote(quote))}
      </ul>
      <wa-details summary=${say("quote")}
        ><form class="stack" @submit=${(event: SubmitEvent) => this.addQuote(event, lead)}>
          <label
            >${say("product")}
            <select name="product_id" required>
              ${this.products.map(
                (product) =>
                  html`<option value=${product.id} ?selected=${product.id === lead.product_id}>
                    ${language() === "zh" ? product.name_zh : product.name} (${product.risk_level})
                  </option>`,
              )}
            </select></label
          >
          <label
            >${say("amount")}
            <input
              name="amount"
              required
              inputmode="decimal"
              pattern="[0-9]+([.][0-9]{1,2})?" /></label
          ><label>${say("valid")} <input name="valid_until" type="date" required /></label
          ><button>${common("save")}</button>
        </form></wa-details
      >
      <wa-details summary=${say("remind")}
        ><form class="stack" @submit=${(event: SubmitEvent) => this.addReminder(event, lead)}>
          <label>${say("at")} <input name="due_at" type="datetime-local" required /></label
          ><label>${say("note")} <input name="note" required maxlength="200" /></label
          ><button>${common("save")}</button>
        </form></wa-details
      >
      <wa-details summary=${say("history")}
        ><ol class="plain">
          ${this.steps.map(
            (step) =>
              html`<li>
                <small>${moment(step.at)} · ${name(step.actor.split(":")[0])}</small>
                ${name(step.what)}:
                ${step.before ? `${name(step.before)} → ` : ""}${name(step.after)}
              </li>`,
          )}
        </ol></wa-details
      >
    </article>`;
  }

  private quote(quote: QuoteOut): TemplateResult {
    const product = this.products.find((one) => one.id === quote.product_id);
    const step = (
      label: "send" | "accept" | "reject" | "prepare" | "sign",
      body: QuoteChange,
    ): TemplateResult =>
      html`<button @click=${() => this.changeQuote(quote, body)}>${say(label)}</button>`;
    return html`<li class="card">
      ${product ? (language() === "zh" ? product.name_zh : product.name) : ""} ·
      ${money({ amount: quote.amount, currency: quote.currency })} · ${name(quote.state)} ·
      ${say("valid")} ${day(quote.valid_until)} · ${say("contract")}: ${name(quote.contract)}
      <div class="bar">
        ${
          quote.state === "draft"
            ? step("send", { state: "sent" })
            : quote.state === "sent"
              ? html`${step("accept", { state: "accepted" })}${step("reject", { state: "rejected" })}`
              : quote.state === "accepted" && quote.contract === "none"
                ? step("prepare", { contract: "prepared" })
                : quote.contract === "prepared"
                  ? step("sign", { contract: "signed" })
                  : nothing
        }
      </div>
    </li>`;
  }

  private reminding(): TemplateResult {
    if (!this.reminders.length) return html`<p>${say("none")}</p>`;
    return html`<ul class="plain">
      ${this.reminders.map(
        (one) =>
          html`<li class="card">
            ${moment(one.due_at)}
            ${
              isPast(one.due_at)
                ? html`<wa-badge variant="warning">${say("due")}</wa-badge>`
                : nothing
            }
            <a translate="no" href=${href("sales", one.lead_id)}>${one.note}</a>
            <button @click=${() => this.finishReminder(one)}>${say("done")}</button>
          </li>`,
      )}
    </ul>`;
  }

  private campaigning(): TemplateResult {
    if (!this.campaigns.length) return html`<p>${say("none")}</p>`;
    const moves: Record<CampaignOut["state"], [CampaignOut["state"], "start" | "pause" | "end"][]> =
      {
        draft: [["running", "start"]],
        running: [
          ["paused", "pause"],
          ["ended", "end"],
        ],
        paused: [
          ["running", "start"],
          ["ended", "end"],
        ],
        ended: [],
      };
    return html`${this.campaigns.map((one) => {
      const content = one.content as unknown as {
        names: Record<"en" | "zh", string>;
        segment: string;
        holdout: number;
      };
      return html`<section class="card">
        <h2>${pick(content.names)} <wa-badge>${name(one.state)}</wa-badge></h2>
        <p>
          <small
            >${say("from_to", { from: day(one.starts_at), to: day(one.ends_at) })} ·
            ${say("segment")}: ${content.segment}</small
          >
        </p>
        <div class="bar">
          ${moves[one.state].map(
            ([to, label]) =>
              html`<button @click=${() => this.moveCampaign(one, to)}>${say(label)}</button>`,
          )}
        </div>
        ${this.funnel(this.funnels[one.code])}
      </section>`;
    })}`;
  }

  private funnel(funnel: FunnelOut | undefined): TemplateResult | typeof nothing {
    if (!funnel) return nothing;
    const columns = ["assigned", "shown", "clicked", "declined", "leads", "sold"] as const;
    const lift = funnel.lift;
    const points = (share: number): string => number(share * POINTS, 1);
    if (!funnel.steps.length) return html`<p>${say("not_begun")}</p>`;
    return html`<h3>${say("funnel")}</h3>
      <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
        <table>
          <thead>
            <tr>
              <th>${say("variant")}</th>
              ${columns.map((column) => html`<th>${say(column)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${funnel.steps.map(
              (step) =>
                html`<tr>
                  <td>${step.variant}</td>
                  ${columns.map(
                    (column) =>
                      html`<td>
                        ${step[column]}
                        <small
                          >${
                            step.assigned && column !== "assigned"
                              ? percent(step[column] / step.assigned)
                              : ""
                          }</small
                        >
                      </td>`,
                  )}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${
        lift
          ? html`<p>
              ${say("lift")}:
              ${say("interval", {
                value: points(lift.difference),
                low: points(lift.low),
                high: points(lift.high),
              })}
              <wa-badge variant=${lift.proven ? "success" : "neutral"}
                >${say(lift.proven ? "proven" : "open_yet")}</wa-badge
              >
            </p>`
          : nothing
      }`;
  }

  private segmenting(): TemplateResult {
    return html`<ul class="plain">
      ${this.segments.map(
        (one) =>
          html`<li class="card">
            <b>${pick(one.names)}</b> <small translate="no">${one.code} v${one.version}</small>
            <div>${inWords(one.rule)}</div>
            <button @click=${() => void this.attempt(() => this.readMembers(one.code))}>
              ${say("who")}
            </button>
            ${this.memberList(this.members[one.code])}
          </li>`,
      )}
    </ul>`;
  }

  private memberList(members: PreviewOut | undefined): TemplateResult | typeof nothing {
    if (!members) return nothing;
    return html`<div aria-live="polite">
      <p>${say("members", { count: members.size })}</p>
      <ul>
        ${members.some.map(
          (customer) =>
            html`<li>
              <a href=${href("customers", customer.id)}>${customer.name}</a> ${customer.number}
            </li>`,
        )}
      </ul>
    </div>`;
  }
}

customElements.define("sales-page", SalesPage);
