// Compliance: names against the lists with the reasons of each match, alerts, cases with four eyes,
// lists, the audit trail.

import { html, nothing, type TemplateResult } from "lit";
import type {
  AlertOut,
  AuditOut,
  CaseDetail,
  CaseOut,
  CompareOut,
  CompareRequest,
  ProposalRequest,
  ScreeningOut,
  ScreeningRequest,
  WatchlistOut,
} from "../../shared/contract.js";
import { api, data, multipart } from "../../shared/api.js";
import { textOf } from "../../shared/json.js";
import { language, moment, number, percent } from "../../shared/language.js";
import { Page } from "../page.js";
import { formFields, options, valueOf } from "../element.js";
import { href, navigate, setFilter, currentRoute } from "../router.js";
import { readable } from "../values.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";

const VIEWS = {
  screening: "compliance:screen",
  alerts: "compliance:read",
  cases: "compliance:read",
  lists: "compliance:read",
  audit: "audit:read",
} as const;
type View = keyof typeof VIEWS;
const TYPES = ["person", "organisation"] as const;
const STATES = ["open", "proposed", "closed"] as const;
const FORMATS = ["opensanctions", "un_sc", "eu_fsf", "ofac_sdn"] as const;
type WatchlistFormat = (typeof FORMATS)[number];
const DISPOSITIONS = ["no_suspicion", "report"] as const;

class CompliancePage extends Page {
  static override properties = {
    ...Page.properties,
    screened: { state: true },
    compared: { state: true },
    alerts: { state: true },
    more: { state: true },
    cases: { state: true },
    case: { state: true },
    lists: { state: true },
    entries: { state: true },
    moved: { state: true },
  };
  protected readonly at = "compliance";
  screened: (ScreeningOut & { name: string }) | null = null;
  compared: CompareOut | null = null;
  alerts: AlertOut[] = [];
  more: string | null = null;
  cases: CaseOut[] = [];
  case: CaseDetail | null = null;
  lists: WatchlistOut[] = [];
  entries: AuditOut[] = [];

  private sees(view: View): boolean {
    return this.me.permissions.includes(VIEWS[view]);
  }
  private get view(): View {
    const requested = currentRoute().query.get("view") as View | null;
    if (requested && (this.sees(requested) || this.sees("alerts"))) return requested;
    return this.sees("alerts") ? "alerts" : "screening";
  }

  protected override async read(more = false): Promise<void> {
    const { id, query } = currentRoute();
    const cursor = more ? this.more : null;
    if (this.view === "alerts") {
      const params = { query: { limit: 50, language: language(), cursor } };
      const page = await data(api.GET("/v1/compliance/alerts", { params }));
      this.alerts = more ? [...this.alerts, ...page.items] : page.items;
      this.more = page.next_cursor;
    } else if (this.view === "cases") {
      const state = query.get("state");
      const params = { query: { limit: 100, ...(state ? { state } : {}) } };
      this.cases = (await data(api.GET("/v1/compliance/cases", { params }))).items;
      this.case = id ? await this.readCase(id) : null;
    } else if (this.view === "lists") {
      this.lists = await data(api.GET("/v1/compliance/watchlists"));
    } else if (this.view === "audit") {
      const subject = query.get("subject");
      const params = { query: { limit: 50, subject, cursor } };
      const page = await data(api.GET("/v1/audit", { params }));
      this.entries = more ? [...this.entries, ...page.items] : page.items;
      this.more = page.next_cursor;
    }
  }

  private readCase(case_id: string): Promise<CaseDetail> {
    return data(api.GET("/v1/compliance/cases/{case_id}", { params: { path: { case_id } } }));
  }

  private screen(event: SubmitEvent): void {
    const fields = Object.entries(formFields<Record<string, string>>(event));
    const body = Object.fromEntries(
      fields.filter(([, value]) => value),
    ) as object as ScreeningRequest;
    const params = { query: { language: language() } };
    void this.attempt(async () => {
      const screening = await data(api.POST("/v1/compliance/screenings", { params, body }));
      this.screened = { ...screening, name: body.name };
    });
  }

  private compare(event: SubmitEvent): void {
    const body = formFields<CompareRequest>(event);
    const params = { query: { language: language() } };
    void this.attempt(async () => {
      this.compared = await data(api.POST("/v1/compliance/screenings/compare", { params, body }));
    });
  }

  private get caseParams(): { path: { case_id: string } } {
    return { path: { case_id: this.case?.id ?? "" } };
  }

  private propose(event: SubmitEvent): void {
    const body = formFields<ProposalRequest>(event);
    void this.attempt(async () => {
      const params = this.caseParams;
      await api.POST("/v1/compliance/cases/{case_id}/proposal", { params, body });
      await this.read();
    });
  }

  private decide(event: SubmitEvent): void {
    const approve = (event.submitter as HTMLButtonElement | null)?.value === "approve";
    const body = { ...formFields<{ reason: string }>(event), approve };
    void this.attempt(async () => {
      const params = this.caseParams;
      await api.POST("/v1/compliance/cases/{case_id}/decision", { params, body });
      await this.read();
    });
  }

  private load(event: SubmitEvent): void {
    const { code, format } = formFields<{ code: string; format: WatchlistFormat }>(event);
    const form = new FormData();
    form.set("file", new FormData(event.target as HTMLFormElement).get("file") as File);
    const params = { path: { code }, query: { format } };
    void this.attempt(async () => {
      await api.POST("/v1/compliance/watchlists/{code}", { params, ...multipart(form) });
      await this.read();
    });
  }

  override render(): TemplateResult {
    const views = (Object.keys(VIEWS) as View[]).filter((view) => this.sees(view));
    return html`<h1 class="hidden-label">${common("compliance")}</h1>
      <div class="bar views">
        ${views.map(
          (view) =>
            html`<a
              class="view"
              href=${href("compliance", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.feedback()}${{
        screening: () => this.screening(),
        alerts: () => this.alerting(),
        cases: () => this.casework(),
        lists: () => this.listing(),
        audit: () => this.trail(),
      }[this.view]()}`;
  }

  private screening(): TemplateResult {
    const s = this.screened;
    return html`<form class="bar" @submit=${(event: SubmitEvent) => this.screen(event)}>
        <label class="row">${say("name")} <input name="name" required maxlength="300" /></label
        ><label class="row"
          >${say("type")}
          <select name="type">
            ${options(TYPES, (one) => say(one as "person"))}
          </select></label
        >
        <label class="row">${say("birth")} <input type="date" name="birth_date" /></label
        ><label class="row"
          >${say("country")} <input name="country" pattern="[A-Z]{2}" size="3" /></label
        ><button class="wa-brand" ?disabled=${this.busy}>${say("screen")}</button>
      </form>
      ${
        s
          ? html`<section aria-live="polite">
              <p>
                <wa-badge variant=${s.decision === "clear" ? "success" : "warning"}
                  >${name(s.decision)}</wa-badge
                >
                <b>${s.name}</b>
                <small>${say("took", { count: s.matches.length, ms: number(s.took_ms, 1) })}</small>
              </p>
              ${
                s.matches.length
                  ? html`<div
                      class="scroll"
                      role="group"
                      tabindex="0"
                      aria-label=${common("table")}
                    >
                      <table>
                        <thead>
                          <tr>
                            <th>${say("entry")}</th>
                            <th>${say("list")}</th>
                            <th>${say("score")}</th>
                            <th>${say("why")}</th>
                          </tr>
                        </thead>
                        <tbody>
                          ${s.matches.map(
                            (match) =>
                              html`<tr>
                                <td>
                                  ${match.matched_name}${
                                    match.matched_name === match.name
                                      ? nothing
                                      : html`<br /><small>${match.name}</small>`
                                  }
                                </td>
                                <td>${match.list}</td>
                                <td>${percent(match.score)}</td>
                                <td>
                                  <ul>
                                    ${match.reasons.map((reason) => html`<li>${reason}</li>`)}
                                  </ul>
                                </td>
                              </tr>`,
                          )}
                        </tbody>
                      </table>
                    </div>`
                  : nothing
              }
            </section>`
          : nothing
      }
      <h2>${say("compare")}</h2>
      <form class="bar" @submit=${(event: SubmitEvent) => this.compare(event)}>
        <label class="row">${say("name")} <input name="name" required maxlength="300" /></label
        ><label class="row">${say("other")} <input name="other" required maxlength="300" /></label>
        <label class="row"
          >${say("type")}
          <select name="type">
            ${options(TYPES, (one) => say(one as "person"))}
          </select></label
        ><button>${say("compare_it")}</button>
      </form>
      ${
        this.compared
          ? html`<div role="status">
              <wa-badge variant=${this.compared.match ? "warning" : "success"}
                >${say(this.compared.match ? "match" : "no_match")}</wa-badge
              >
              ${percent(this.compared.score)}
              <ul>
                ${this.compared.reasons.map((reason) => html`<li>${reason}</li>`)}
              </ul>
            </div>`
          : nothing
      }`;
  }

  private alert(alert: AlertOut): TemplateResult {
    const facts = Object.entries(alert.evidence).filter(
      ([key]) => key !== "ticket" && key !== "decision" && !key.endsWith("_id"),
    );
    return html`<tr>
      <td>${name(alert.kind)}</td>
      <td>
        <wa-badge variant=${alert.state === "open" ? "warning" : "neutral"}
          >${name(alert.state)}</wa-badge
        >
      </td>
      <td>${moment(alert.created_at)}</td>
      <td>
        ${
          alert.customer_id && this.me.permissions.includes("customers:read")
            ? html`<a href=${href("customers", alert.customer_id)}>${say("customer")}</a>`
            : nothing
        }
        ${
          alert.evidence.ticket
            ? html`<a
                href=${href(
                  "tickets",
                  "",
                  new URLSearchParams({ q: textOf(alert.evidence.ticket) }),
                )}
                >${textOf(alert.evidence.ticket)}</a
              >`
            : nothing
        }
      </td>
      <td>
        <dl class="facts">
          ${facts.map(
            ([key, value]) =>
              html`<dt>${name(key)}</dt>
                <dd>${readable(value)}</dd>`,
          )}
        </dl>
      </td>
    </tr>`;
  }

  private alerting(): TemplateResult {
    if (!this.alerts.length) return html`<p>${say("none")}</p>`;
    return html`<div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
        <table>
          <thead>
            <tr>
              <th>${say("kind")}</th>
              <th>${common("state")}</th>
              <th>${say("when")}</th>
              <th>${say("customer")}</th>
              <th>${say("evidence")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.alerts.map((alert) => this.alert(alert))}
          </tbody>
        </table>
      </div>
      ${
        this.more
          ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
              ${common("more")}
            </button>`
          : nothing
      }`;
  }

  private casework(): TemplateResult {
    const { id, query } = currentRoute();
    return html`<label class="row"
        >${common("state")}
        <select @change=${(event: Event) => setFilter("state", valueOf(event))}>
          <option value="">${common("all")}</option>
          ${options(STATES, (one) => say(one as "open"), query.get("state") ?? "")}
        </select></label
      >
      <div class="split">
        <section>
          ${
            this.cases.length
              ? html`<ul class="entries">
                  ${this.cases.map(
                    (one) =>
                      html`<li>
                        <a
                          class="entry"
                          href=${href("compliance", one.id, query)}
                          aria-current=${one.id === id ? "true" : nothing}
                          ><b>${one.ticket}</b> ${say(one.state as "open")}<br /><small
                            >${moment(one.created_at)}</small
                          ></a
                        >
                      </li>`,
                  )}
                </ul>`
              : html`<p>${say("none")}</p>`
          }
        </section>
        ${this.case ? this.oneCase(this.case) : nothing}
      </div>`;
  }

  private oneCase(one: CaseDetail): TemplateResult {
    const manages = this.me.permissions.includes("compliance:manage");
    return html`<article aria-label=${one.ticket}>
      <h2>${one.ticket} <small>${say(one.state as "open")}</small></h2>
      <p><a href=${href("customers", one.customer_id)}>${say("customer")}</a></p>
      <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
        <table>
          <thead>
            <tr>
              <th>${say("kind")}</th>
              <th>${common("state")}</th>
              <th>${say("when")}</th>
              <th>${say("customer")}</th>
              <th>${say("evidence")}</th>
            </tr>
          </thead>
          <tbody>
            ${one.alerts.map((alert) => this.alert(alert))}
          </tbody>
        </table>
      </div>
      ${
        one.disposition
          ? html`<p>
              ${say("disposition")}: <b>${say(one.disposition as "report")}</b>. ${one.reason}
            </p>`
          : nothing
      }${
        one.draft
          ? html`<wa-details summary=${say("draft")}><p class="said">${one.draft}</p></wa-details>`
          : nothing
      }
      ${
        manages && one.state === "open"
          ? html`<form class="stack" @submit=${(event: SubmitEvent) => this.propose(event)}>
              <label
                >${say("disposition")}
                <select name="disposition">
                  ${options(DISPOSITIONS, (value) => say(value as "report"))}
                </select></label
              >
              <label
                >${say("reason")}
                <textarea
                  name="reason"
                  required
                  minlength="5"
                  maxlength="4000"
                  rows="3"
                ></textarea></label
              ><button class="wa-brand">${say("propose")}</button>
            </form>`
          : nothing
      }
      ${
        manages && one.state === "proposed"
          ? html`<form class="stack" @submit=${(event: SubmitEvent) => this.decide(event)}>
              <p>${say("other_person")}</p>
              <label
                >${say("reason")}
                <textarea name="reason" required minlength="5" maxlength="4000" rows="3"></textarea>
              </label>
              <div class="bar">
                <button class="wa-brand" value="approve">${say("approve")}</button
                ><button value="back">${say("send_back")}</button>
              </div>
            </form>`
          : nothing
      }
    </article>`;
  }

  private listing(): TemplateResult {
    return html`<div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
        <table>
          <thead>
            <tr>
              <th>${say("code")}</th>
              <th>${say("details")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.lists.map(
              (list) =>
                html`<tr>
                  <td>${list.code}</td>
                  <td>
                    <dl class="facts">
                      ${Object.entries(list)
                        .filter(([key]) => key !== "code")
                        .map(
                          ([key, value]) =>
                            html`<dt>${name(key)}</dt>
                              <dd>${readable(value)}</dd>`,
                        )}
                    </dl>
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${this.lists.length ? nothing : html`<p>${say("none")}</p>`}
      ${
        this.me.permissions.includes("compliance:manage")
          ? html`<h2>${say("upload")}</h2>
              <form class="bar" @submit=${(event: SubmitEvent) => this.load(event)}>
                <label class="row"
                  >${say("code")} <input name="code" required pattern="[a-z][a-z0-9_-]{1,39}"
                /></label>
                <label class="row"
                  >${say("format")}
                  <select name="format">
                    ${options(FORMATS, (one) => one)}
                  </select></label
                ><label class="row">${say("file")} <input type="file" name="file" required /></label
                ><button ?disabled=${this.busy}>${say("load")}</button>
              </form>`
          : nothing
      }`;
  }

  private trail(): TemplateResult {
    return html`<form
        role="search"
        class="bar"
        @submit=${(event: SubmitEvent) => {
          const query = new URLSearchParams({
            view: "audit",
            subject: formFields<{ subject: string }>(event).subject,
          });
          navigate(href("compliance", "", query));
        }}
      >
        <input
          type="search"
          name="subject"
          aria-label=${say("subject")}
          placeholder="ticket:… customer:…"
          .value=${currentRoute().query.get("subject") ?? ""}
        /><button>${say("find")}</button>
      </form>
      <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
        <table>
          <thead>
            <tr>
              <th>${say("when")}</th>
              <th>${say("actor")}</th>
              <th>${say("action")}</th>
              <th>${say("subject")}</th>
              <th>${say("details")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.entries.map(
              (entry) =>
                html`<tr>
                  <td>${moment(entry.at)}</td>
                  <td>${entry.actor}</td>
                  <td>${entry.action}</td>
                  <td>${entry.subject}</td>
                  <td><small>${readable(entry.details)}</small></td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${
        this.more
          ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
              ${common("more")}
            </button>`
          : nothing
      }`;
  }
}

customElements.define("compliance-page", CompliancePage);
