// Compliance: names against the lists with the reasons of each match, alerts, cases with four eyes,
// lists, the audit trail.

import { html, nothing, type TemplateResult } from "lit";
import type {
  AlertOut,
  AuditOut,
  CaseDetail,
  CaseOut,
  CompareOut,
  ListingAlertOut,
  ListingAuditOut,
  ListingCaseOut,
  ScreeningOut,
  WatchlistOut,
} from "../../shared/contract.js";
import { call, upload } from "../../shared/api.js";
import { language, moment, number, percent } from "../../shared/language.js";
import { Page } from "../page.js";
import { given, options, valueOf } from "../part.js";
import { address, go, narrow, place } from "../places.js";
import { shown } from "../values.js";
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
    const wanted = place().query.get("view") as View | null;
    return wanted && this.sees(wanted)
      ? wanted
      : this.sees("alerts")
        ? (wanted ?? "alerts")
        : "screening";
  }

  protected override async read(more = false): Promise<void> {
    const { id, query } = place();
    const later = more && this.more ? `&cursor=${encodeURIComponent(this.more)}` : "";
    if (this.view === "alerts") {
      const found = await call<ListingAlertOut>(
        "GET",
        `/v1/compliance/alerts?limit=50&language=${language()}${later}`,
      );
      this.alerts = more ? [...this.alerts, ...found.items] : found.items;
      this.more = found.next_cursor;
    } else if (this.view === "cases") {
      const state = query.get("state");
      this.cases = (
        await call<ListingCaseOut>(
          "GET",
          `/v1/compliance/cases?limit=100${state ? `&state=${state}` : ""}`,
        )
      ).items;
      this.case = id ? await call<CaseDetail>("GET", `/v1/compliance/cases/${id}`) : null;
    } else if (this.view === "lists") {
      this.lists = await call<WatchlistOut[]>("GET", "/v1/compliance/watchlists");
    } else if (this.view === "audit") {
      const subject = query.get("subject");
      const found = await call<ListingAuditOut>(
        "GET",
        `/v1/audit?limit=50${subject ? `&subject=${encodeURIComponent(subject)}` : ""}${later}`,
      );
      this.entries = more ? [...this.entries, ...found.items] : found.items;
      this.more = found.next_cursor;
    }
  }

  private screen(event: SubmitEvent): void {
    const filled = Object.fromEntries(Object.entries(given(event)).filter(([, value]) => value));
    void this.attempt(async () => {
      this.screened = {
        ...(await call<ScreeningOut>(
          "POST",
          `/v1/compliance/screenings?language=${language()}`,
          filled,
        )),
        name: filled["name"] ?? "",
      };
    });
  }

  private compare(event: SubmitEvent): void {
    const filled = given(event);
    void this.attempt(async () => {
      this.compared = await call<CompareOut>(
        "POST",
        `/v1/compliance/screenings/compare?language=${language()}`,
        filled,
      );
    });
  }

  private propose(event: SubmitEvent): void {
    const { disposition, reason } = given(event);
    void this.attempt(async () => {
      await call("POST", `/v1/compliance/cases/${this.case?.id}/proposal`, { disposition, reason });
      await this.read();
    });
  }

  private decide(event: SubmitEvent): void {
    const approve = (event.submitter as HTMLButtonElement | null)?.value === "approve";
    const { reason } = given(event);
    void this.attempt(async () => {
      await call("POST", `/v1/compliance/cases/${this.case?.id}/decision`, { approve, reason });
      await this.read();
    });
  }

  private load(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const file = new FormData();
    file.set("file", form.get("file") as File);
    void this.attempt(async () => {
      await upload(
        `/v1/compliance/watchlists/${String(form.get("code"))}?format=${String(form.get("format"))}`,
        file,
      );
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
              href=${address("compliance", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.told()}${{
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
            ? html`<a href=${address("customers", alert.customer_id)}>${say("customer")}</a>`
            : nothing
        }
        ${
          alert.evidence["ticket"]
            ? html`<a
                href=${address(
                  "tickets",
                  "",
                  new URLSearchParams({ q: String(alert.evidence["ticket"]) }),
                )}
                >${String(alert.evidence["ticket"])}</a
              >`
            : nothing
        }
      </td>
      <td>
        <dl class="facts">
          ${facts.map(
            ([key, value]) =>
              html`<dt>${name(key)}</dt>
                <dd>${shown(value)}</dd>`,
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
    const { id, query } = place();
    return html`<label class="row"
        >${common("state")}
        <select @change=${(event: Event) => narrow("state", valueOf(event))}>
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
                          href=${address("compliance", one.id, query)}
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
      <p><a href=${address("customers", one.customer_id)}>${say("customer")}</a></p>
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
                              <dd>${shown(value)}</dd>`,
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
                    ${options(["opensanctions", "un_sc", "eu_fsf", "ofac_sdn"], (one) => one)}
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
            subject: given(event)["subject"] ?? "",
          });
          go(address("compliance", "", query));
        }}
      >
        <input
          type="search"
          name="subject"
          aria-label=${say("subject")}
          placeholder="ticket:… customer:…"
          .value=${place().query.get("subject") ?? ""}
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
                  <td><small>${shown(entry.details)}</small></td>
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
