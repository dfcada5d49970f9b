// One customer in one view: each part with its source and time, masked until a purpose and a reason
// are given.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type {
  CategoryOut,
  ConsentsOut,
  ConsentsRequest,
  Erased,
  ErasureRequest,
  LifeEventRequest,
  Me,
  Part as ProfilePart,
  Profile,
  RecommendationsOut,
  TimelineEntry,
  TransactionOut,
} from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { textOf } from "../../shared/json.js";
import { day, language, moment, money, number, percent } from "../../shared/language.js";
import { WorkspaceElement, formFields, icon, options } from "../element.js";
import { href } from "../router.js";
import { readable } from "../values.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";

const PURPOSES = ["service", "sales", "complaint", "compliance"] as const;
const PARTS = [
  "identity",
  "contacts",
  "accounts",
  "cards",
  "loans",
  "holdings",
  "tickets",
  "conversations",
  "life_events",
  "household",
  "relationship_manager",
  "alerts",
] as const;
const CONSENTS = ["marketing", "profiling", "recording", "household"] as const;
const CHANNELS = ["branch", "phone", "web", "app", "email"] as const;
const EVENTS = [
  "marriage",
  "divorce",
  "birth",
  "move",
  "new_job",
  "job_loss",
  "retirement",
  "home_purchase",
  "inheritance",
  "bereavement",
  "graduation",
  "business_founded",
] as const;
const SHARES = ["trend", "churn_risk"];
const SCORES = [
  "assets",
  "debts",
  "contribution",
  "depth",
  "trend",
  "potential",
  "churn_risk",
  "interests",
] as const;

/** Why somebody reads what is masked. */
interface Access {
  purpose: (typeof PURPOSES)[number];
  reason: string;
}

class CustomerProfile extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    me: { attribute: false },
    customerId: { attribute: false },
    profile: { state: true },
    timeline: { state: true },
    later: { state: true },
    bookings: { state: true },
    more: { state: true },
    categories: { state: true },
    consents: { state: true },
    advice: { state: true },
    erased: { state: true },
    tab: { state: true },
  };
  me!: Me;
  customerId = "";
  profile: Profile | null = null;
  timeline: TimelineEntry[] = [];
  later: string | null = null;
  bookings: TransactionOut[] = [];
  more: string | null = null;
  categories: CategoryOut[] = [];
  consents: ConsentsOut | null = null;
  advice: RecommendationsOut | null = null;
  erased: Erased | null = null;
  tab = "overview";
  private access: Access | object = {};
  private query = "";

  private get may(): ReadonlySet<string> {
    return new Set(this.me.permissions);
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("customerId")) return;
    this.access = {};
    [
      this.profile,
      this.advice,
      this.consents,
      this.erased,
      this.bookings,
      this.categories,
      this.timeline,
    ] = [null, null, null, null, [], [], []];
    void this.attempt(() => this.read()).then(() => this.open(this.tab));
  }

  private get params(): { path: { customer_id: string } } {
    return { path: { customer_id: this.customerId } };
  }

  private async read(): Promise<void> {
    const params = { ...this.params, query: { ...this.access, language: language() } };
    this.profile = await data(api.GET("/v1/customers/{customer_id}/profile", { params }));
  }

  protected override languageChanged(): void {
    void this.refresh(() => this.read());
  }

  private async open(tab: string): Promise<void> {
    this.tab = tab;
    await this.attempt(async () => {
      if (tab === "timeline") await this.readTimeline();
      if (tab === "money") await Promise.all([this.readBookings(), this.readCategories()]);
      if (tab === "consents") {
        const { params } = this;
        this.consents = await data(api.GET("/v1/customers/{customer_id}/consents", { params }));
      }
    });
  }

  private async readTimeline(more = false): Promise<void> {
    const params = { ...this.params, query: { limit: 30, cursor: more ? this.later : null } };
    const page = await data(api.GET("/v1/customers/{customer_id}/timeline", { params }));
    this.timeline = more ? [...this.timeline, ...page.items] : page.items;
    this.later = page.next_cursor;
  }

  private async readBookings(more = false): Promise<void> {
    const q = this.query ? { q: this.query } : {};
    const query = { ...this.access, limit: 50, ...q, cursor: more ? this.more : null };
    const params = { ...this.params, query };
    const page = await data(api.GET("/v1/customers/{customer_id}/transactions", { params }));
    this.bookings = more ? [...this.bookings, ...page.items] : page.items;
    this.more = page.next_cursor;
  }

  private async readCategories(): Promise<void> {
    const params = { ...this.params, query: { months: 6 } };
    const path = "/v1/customers/{customer_id}/transactions/categories";
    this.categories = await data(api.GET(path, { params }));
  }

  private unmask(event: SubmitEvent): void {
    this.access = formFields<Access>(event);
    void this.attempt(() => this.read()).then(() => {
      if (this.tab === "money") void this.open("money");
    });
  }

  private consent(purpose: (typeof CONSENTS)[number], granted: boolean): void {
    const channel = this.querySelector<HTMLSelectElement>("#consent-channel")?.value ?? "branch";
    const body = { consents: { [purpose]: granted }, channel } as ConsentsRequest;
    const { params } = this;
    void this.attempt(async () => {
      const path = "/v1/customers/{customer_id}/consents";
      this.consents = await data(api.PATCH(path, { params, body }));
    });
  }

  private erase(event: SubmitEvent): void {
    const body = formFields<ErasureRequest>(event);
    const { params } = this;
    void this.attempt(async () => {
      const path = "/v1/customers/{customer_id}/erasure";
      this.erased = await data(api.POST(path, { params, body }));
      await this.read();
      await this.open("consents");
    });
  }

  private advise(event: SubmitEvent): void {
    const { amount, horizon } = formFields<{ amount: string; horizon: string }>(event);
    const body = {
      ...(amount ? { amount: { amount, currency: "EUR" } } : {}),
      ...(horizon ? { horizon_months: Number(horizon) } : {}),
      limit: 5,
    };
    const params = { ...this.params, query: { language: language() } };
    void this.attempt(async () => {
      const path = "/v1/customers/{customer_id}/recommendations";
      this.advice = await data(api.POST(path, { params, body }));
    });
  }

  private noteEvent(event: SubmitEvent): void {
    const body = formFields<LifeEventRequest>(event);
    const { params } = this;
    void this.attempt(async () => {
      await api.POST("/v1/customers/{customer_id}/life_events", { params, body });
      await this.read();
    });
  }

  override render(): TemplateResult {
    const p = this.profile;
    if (!p)
      return html`<div>
        ${this.feedback()}
        <p role="status">${common("loading")}</p>
      </div>`;
    const who = p.identity.items[0] as Record<string, string | null> | undefined;
    const displayName = (language() === "zh" ? who?.native_name : null) ?? who?.name ?? "";
    return html`<article aria-label=${displayName}>
      <h2>${displayName} <small>${who?.number}</small></h2>
      ${this.feedback()}
      <form class="bar" @submit=${(event: SubmitEvent) => this.unmask(event)}>
        <label class="row"
          >${say("purpose")}
          <select name="purpose">
            ${options(PURPOSES, (one) => say(one as (typeof PURPOSES)[number]))}
          </select></label
        >
        <input
          name="reason"
          required
          minlength="5"
          maxlength="300"
          aria-label=${say("reason")}
          placeholder=${say("reason")}
        /><button>${say("unmask")}</button>
        ${"purpose" in this.access ? nothing : html`<small>${say("masked")}</small>`}
      </form>
      <wa-tab-group
        .active=${this.tab}
        @wa-tab-show=${(event: CustomEvent<{ name: string }>) => void this.open(event.detail.name)}
      >
        ${(["overview", "portrait", "timeline", "money", "consents"] as const).map(
          (tab) => html`<wa-tab panel=${tab}>${say(tab)}</wa-tab>`,
        )}
        <wa-tab-panel name="overview"
          >${this.tab === "overview" ? this.overview(p) : nothing}</wa-tab-panel
        >
        <wa-tab-panel name="portrait"
          >${this.tab === "portrait" ? this.portrait(p) : nothing}</wa-tab-panel
        >
        <wa-tab-panel name="timeline"
          >${this.tab === "timeline" ? this.events() : nothing}</wa-tab-panel
        >
        <wa-tab-panel name="money">${this.tab === "money" ? this.money() : nothing}</wa-tab-panel>
        <wa-tab-panel name="consents"
          >${this.tab === "consents" ? this.consenting() : nothing}</wa-tab-panel
        ></wa-tab-group
      >
    </article>`;
  }

  private overview(p: Profile): TemplateResult {
    return html`<div class="halves">${PARTS.map((part) => this.partOf(part, p[part]))}</div>
      ${
        this.may.has("customers:write")
          ? html`<form class="bar" @submit=${(event: SubmitEvent) => this.noteEvent(event)}>
              <label class="row"
                >${say("life_event")}
                <select name="kind">
                  ${options(EVENTS, name)}
                </select></label
              >
              <label class="row"
                >${say("on")} <input type="date" name="happened_on" required /></label
              ><button>${say("add")}</button>
            </form>`
          : nothing
      }`;
  }

  private partOf(key: (typeof PARTS)[number], part: ProfilePart): TemplateResult {
    return html`<section class="card">
      <h3>${say(key)}</h3>
      ${
        part.items.length
          ? html`<ul class="plain">
              ${part.items.map((item) => html`<li>${this.item(key, item)}</li>`)}
            </ul>`
          : html`<p>${say("nothing")}</p>`
      } <small>${say("source", { source: name(part.source), time: moment(part.as_of) })}</small>
    </section>`;
  }

  /** An item of a part: its fields, with links to what has a page of its own. */
  private item(key: string, item: Record<string, unknown>): TemplateResult {
    const id = textOf(item.id);
    const link =
      key === "tickets"
        ? href("tickets", id)
        : key === "conversations"
          ? href("conversations", id)
          : key === "household"
            ? href("customers", id)
            : "";
    const facts = Object.entries(item).filter(
      ([field, value]) =>
        !["id", "product_id", "customer_id"].includes(field) &&
        value !== null &&
        !(field === (language() === "zh" ? "name" : "name_zh") && item.name_zh),
    );
    const lines = html`<dl class="facts">
      ${facts.map(
        ([field, value]) =>
          html`<dt>${name(field)}</dt>
            <dd>${readable(value)}</dd>`,
      )}
    </dl>`;
    return link
      ? html`<a href=${link}
            >${textOf(item.reference ?? item.name) || moment(textOf(item.created_at))}</a
          >${lines}`
      : lines;
  }

  private portrait(p: Profile): TemplateResult {
    const labels: Record<string, string> = { potential: say("potential_value") };
    return html`<p>
        ${say("segment")}: <b>${name(p.portrait.segment)}</b> · ${say("risk_level")}:
        <b>${p.portrait.risk_level}</b> (${day(p.portrait.risk_assessed_until)})
        ${p.portrait.lists.map((list) => html`<wa-badge>${say(list as "high_value")}</wa-badge> `)}
      </p>
      <div class="cards">
        ${SCORES.filter((key) => p.portrait.scores[key]).map((key) => {
          const score = p.portrait.scores[key];
          return html`<section class="card">
            <h3>${labels[key] ?? say(key)}</h3>
            <p class="figure">
              ${
                score?.value == null
                  ? html`<small>${say("withheld")}</small>`
                  : figure(key, score.value)
              }
            </p>
            ${
              Object.keys(score?.inputs ?? {}).length
                ? html`<small
                    >${say("inputs")}:
                    ${Object.entries(score?.inputs ?? {})
                      .map(([input, value]) => `${name(input)} ${readable(value)}`)
                      .join("; ")}</small
                  >`
                : nothing
            }
            <wa-details summary=${say("formula")}
              ><small>${p.portrait.formulas[key] ?? ""}</small></wa-details
            >
          </section>`;
        })}
      </div>
      ${this.may.has("recommendations:make") ? this.advising() : nothing}`;
  }

  private advising(): TemplateResult {
    const advice = this.advice;
    return html`<section>
      <h3>${say("advise")}</h3>
      <form class="bar" @submit=${(event: SubmitEvent) => this.advise(event)}>
        <label class="row"
          >${say("amount")}
          <input name="amount" inputmode="decimal" pattern="[0-9]+([.][0-9]{1,2})?" /></label
        ><label class="row"
          >${say("horizon")} <input name="horizon" type="number" min="1" max="600" /></label
        ><button>${say("show")}</button>
      </form>
      ${
        advice
          ? html`<div class="cards" aria-live="polite">
                ${advice.recommendations.map(
                  (product) =>
                    html`<div class="card">
                      <b>${product.name}</b> <wa-badge>${product.risk_level}</wa-badge>
                      <p>${product.reasons.join(" ")}</p>
                      <small>${product.disclosures.join(" ")}</small>
                    </div>`,
                )}
              </div>
              ${advice.recommendations.length ? nothing : html`<p>${say("no_products")}</p>`}
              <wa-details summary=${say("excluded", { count: advice.excluded.length })}
                ><ul>
                  ${advice.excluded.map(
                    (one) => html`<li>${one.reason} <small>${one.rule}</small></li>`,
                  )}
                </ul></wa-details
              >`
          : nothing
      }
    </section>`;
  }

  private events(): TemplateResult {
    if (!this.timeline.length) return html`<p>${say("nothing")}</p>`;
    const link = (one: TimelineEntry): string =>
      one.what === "ticket"
        ? href("tickets", one.id)
        : one.what === "conversation"
          ? href("conversations", one.id)
          : one.what === "lead"
            ? href("sales", one.id)
            : "";
    return html`<ol class="plain">
        ${this.timeline.map(
          (one) =>
            html`<li>
              <small>${moment(one.at)}</small>
              <wa-badge>${name(one.what)}</wa-badge>
              ${link(one) ? html`<a href=${link(one)}>${name(one.title)}</a>` : name(one.title)}
              ${one.channel ? html`<small>${name(one.channel)}</small>` : nothing}
            </li>`,
        )}
      </ol>
      ${
        this.later
          ? html`<button @click=${() => void this.attempt(() => this.readTimeline(true))}>
              ${common("more")}
            </button>`
          : nothing
      }`;
  }

  private money(): TemplateResult {
    return html`<section>
        <h3>${say("categories")}</h3>
        <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
          <table>
            <thead>
              <tr>
                <th>${say("category")}</th>
                <th>${say("count")}</th>
                <th>${say("total")}</th>
              </tr>
            </thead>
            <tbody>
              ${this.categories.map(
                (one) =>
                  html`<tr>
                    <td>${name(one.category)}</td>
                    <td>${one.bookings}</td>
                    <td>${money(one.total)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      <section>
        <h3>${say("bookings")}</h3>
        <form
          role="search"
          class="bar"
          @submit=${(event: SubmitEvent) => {
            this.query = formFields<{ q: string }>(event).q;
            void this.attempt(() => this.readBookings());
          }}
        >
          <input
            type="search"
            name="q"
            aria-label=${say("find_booking")}
            placeholder=${say("find_booking")}
          />
        </form>
        <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
          <table>
            <thead>
              <tr>
                <th>${say("when")}</th>
                <th>${say("what")}</th>
                <th>${say("category")}</th>
                <th>${say("amount")}</th>
              </tr>
            </thead>
            <tbody>
              ${this.bookings.map(
                (one) =>
                  html`<tr>
                    <td>${moment(one.booked_at)}</td>
                    <td>${one.counterparty}</td>
                    <td>${name(one.category)}</td>
                    <td>${money(one.amount)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
        ${
          this.more
            ? html`<button @click=${() => void this.attempt(() => this.readBookings(true))}>
                ${common("more")}
              </button>`
            : nothing
        }
      </section>`;
  }

  private consenting(): TemplateResult | typeof nothing {
    const c = this.consents;
    if (!c) return nothing;
    const label = (purpose: string): string =>
      purpose === "household" ? say("household_consent") : say(purpose as "marketing");
    const writes = this.may.has("customers:write");
    return html`${
        writes
          ? html`<label class="row"
              >${say("channel")}
              <select id="consent-channel">
                ${options(CHANNELS, name)}
              </select></label
            >`
          : nothing
      }
      <ul class="plain">
        ${CONSENTS.map(
          (purpose) =>
            html`<li>
              <label class="check"
                ><input
                  type="checkbox"
                  .checked=${Boolean(c.consents[purpose])}
                  ?disabled=${!writes}
                  @change=${(event: Event) =>
                    this.consent(purpose, (event.target as HTMLInputElement).checked)}
                />
                ${label(purpose)}: ${say(c.consents[purpose] ? "given" : "taken")}</label
              >
            </li>`,
        )}
      </ul>
      <h3>${say("history")}</h3>
      <ol class="plain">
        ${c.history.map(
          (one) =>
            html`<li>
              <small
                >${moment(one.created_at)} · ${name(one.channel)} ·
                ${name(one.changed_by.split(":")[0])}</small
              >
              ${label(one.purpose)}: ${say(one.given ? "given" : "taken")}
            </li>`,
        )}
      </ol>
      ${this.may.has("complaints:approve") ? this.erasing() : nothing}`;
  }

  private erasing(): TemplateResult {
    const done = this.erased;
    return html`<wa-details summary=${say("erase")}
      ><p>${say("erase_hint")}</p>
      <form class="stack" @submit=${(event: SubmitEvent) => this.erase(event)}>
        <label
          >${say("erase_reason")} <input name="reason" required minlength="5" maxlength="300"
        /></label>
        <label class="check"><input type="checkbox" required /> ${say("erase_sure")}</label
        ><button class="wa-danger" ?disabled=${this.busy}>
          ${icon("trash-2")} ${say("erase_now")}
        </button>
      </form>
      ${
        done
          ? html`<p role="status">
              ${say("erased", {
                tickets: done.tickets,
                conversations: done.conversations,
                leads: done.leads,
              })}
              ${say("erase_kept", {
                tickets: done.kept_tickets.join(", ") || common("none"),
                conversations: done.kept_conversations,
                leads: done.kept_leads,
              })}
            </p>`
          : nothing
      }</wa-details
    >`;
  }
}

function figure(key: string, value: unknown): string {
  if (SHARES.includes(key)) return percent(Number(value));
  if (Array.isArray(value)) return value.map((one) => name(String(one))).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(
        ([one, share]) =>
          `${name(one)} ${typeof share === "number" ? percent(share) : String(share)}`,
      )
      .join(", ");
  return typeof value === "string"
    ? money({ amount: value, currency: "EUR" })
    : number(Number(value));
}

customElements.define("customer-profile", CustomerProfile);
