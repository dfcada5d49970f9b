// The supervisor's view: now, over time with filters in the address, ahead, campaigns, and reports
// of one's own.

import { html, nothing, type TemplateResult } from "lit";
import type {
  CampaignOut,
  FiguresOut,
  ForecastOut,
  FunnelOut,
  ListingCampaignOut,
  ListingReportInfo,
  ListingSavedOut,
  LiveOut,
  MeasureOut,
  ReportInfo,
  SavedOut,
} from "../../shared/contract.js";
import { call } from "../../shared/api.js";
import { day, hour, language, moment, number, percent, pick } from "../../shared/language.js";
import { changes } from "../changes.js";
import { CHANNELS, LANGUAGES, QUEUES } from "../lists.js";
import { Page } from "../page.js";
import { given, icon, options, valueOf } from "../part.js";
import { address, narrow, place } from "../places.js";
import { name, say as common } from "../words.js";
import { called, say } from "./words.js";
import "./chart.js";

const VIEWS = ["live", "reports", "forecast", "campaigns", "saved"] as const;
type View = (typeof VIEWS)[number];
const FILTERS = { channel: CHANNELS, language: LANGUAGES, queue: QUEUES } as const;
const LIVE_MS = 15_000;
const GATHER_MS = 1_000;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

class InsightsPage extends Page {
  static override properties = {
    ...Page.properties,
    now: { state: true },
    catalogue: { state: true },
    figures: { state: true },
    ahead: { state: true },
    campaigns: { state: true },
    kept: { state: true },
  };
  protected readonly at = "insights";
  now: LiveOut | null = null;
  catalogue: ReportInfo[] = [];
  figures: FiguresOut | null = null;
  ahead: ForecastOut | null = null;
  campaigns: { campaign: CampaignOut; funnel: FunnelOut }[] = [];
  kept: SavedOut[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const again = (): void => {
      if (this.view === "live" && place().part === this.at && !document.hidden)
        void this.refresh(() => this.readLive());
    };
    const ticking = window.setInterval(again, LIVE_MS);
    this.until(() => clearInterval(ticking));
    this.until(
      changes.on((change) => {
        if (change.type === "state" || change.type.startsWith("ticket."))
          this.gather(again, GATHER_MS);
      }),
    );
  }

  /** Which figure the chart shows is read from what is there already. */
  protected override asks(): string {
    const { query } = place();
    query.delete("figure");
    return query.toString();
  }

  private get view(): View {
    return (place().query.get("view") as View | null) ?? "live";
  }
  private get sees(): readonly View[] {
    return VIEWS.filter(
      (view) => view !== "campaigns" || this.me.permissions.includes("marketing:manage"),
    );
  }

  private async readLive(): Promise<void> {
    this.now = await call<LiveOut>("GET", "/v1/analytics/live");
  }

  protected override async read(): Promise<void> {
    if (this.view === "live") await this.readLive();
    else if (this.view === "forecast")
      this.ahead = await call<ForecastOut>("GET", "/v1/analytics/forecast");
    else if (this.view === "saved") {
      await this.readCatalogue();
      this.kept = (await call<ListingSavedOut>("GET", "/v1/analytics/saved")).items;
    } else if (this.view === "campaigns") {
      const found = (await call<ListingCampaignOut>("GET", "/v1/marketing/campaigns")).items;
      this.campaigns = await Promise.all(
        found.map(async (campaign) => ({
          campaign,
          funnel: await call<FunnelOut>("GET", `/v1/marketing/campaigns/${campaign.code}/funnel`),
        })),
      );
    } else {
      await this.readCatalogue();
      this.figures = await call<FiguresOut>(
        "GET",
        `/v1/analytics/reports/${this.report}?${this.period()}&compare=${this.compares}`,
      );
    }
  }

  private async readCatalogue(): Promise<void> {
    if (!this.catalogue.length)
      this.catalogue = (await call<ListingReportInfo>("GET", "/v1/analytics/reports")).items;
  }

  private get report(): string {
    return place().query.get("report") ?? "conversations";
  }
  private reportName(code: string): string {
    return pick(this.catalogue.find((one) => one.code === code)?.names ?? {});
  }
  private get by(): string {
    return place().query.get("by") ?? "day";
  }
  private get compares(): boolean {
    return place().query.has("compare");
  }

  /**
   * The period in days of this machine's calendar, and what it is narrowed to; shared by table,
   * chart and file.
   */
  private period(): URLSearchParams {
    const { query } = place();
    const from = query.get("from") ?? iso(new Date(Date.now() - DEFAULT_DAYS * DAY_MS));
    const to = query.get("to") ?? iso(new Date());
    const asked = new URLSearchParams({
      from: new Date(`${from}T00:00:00`).toISOString(),
      to: new Date(new Date(`${to}T00:00:00`).getTime() + DAY_MS).toISOString(),
      by: this.by,
    });
    for (const [key, value] of this.only()) asked.set(key, value);
    return asked;
  }

  private only(): [string, string][] {
    const groups =
      this.catalogue.find((one) => one.code === this.report)?.groups ?? Object.keys(FILTERS);
    return [...place().query].filter(([key, value]) => groups.includes(key) && value);
  }

  private keep(event: SubmitEvent): void {
    const { report_name, schedule, recipients = "" } = given(event);
    const { query } = place();
    const days = query.get("from")
      ? Math.max(
          1,
          Math.round(
            (new Date(query.get("to") ?? Date.now()).getTime() -
              new Date(query.get("from")!).getTime()) /
              DAY_MS,
          ) + 1,
        )
      : DEFAULT_DAYS;
    const body = {
      name: report_name,
      report: this.report,
      query: { by: this.by, days, only: Object.fromEntries(this.only()) },
      schedule: schedule || null,
      recipients: recipients.split(/[\s,;]+/).filter(Boolean),
      language: language(),
    };
    void this.attempt(async () => {
      await call("POST", "/v1/analytics/saved", body, { key: crypto.randomUUID() });
    }, say("kept"));
  }

  override render(): TemplateResult {
    return html`<h1 class="hidden-label">${common("insights")}</h1>
      <div class="bar views">
        ${this.sees.map(
          (view) =>
            html`<a
              class="view"
              href=${address("insights", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.told()}
      ${{
        live: () => this.live(),
        reports: () => this.reporting(),
        forecast: () => this.forecasting(),
        campaigns: () => this.campaigning(),
        saved: () => this.saving(),
      }[this.view]()}`;
  }

  private live(): TemplateResult | typeof nothing {
    const n = this.now;
    if (!n) return nothing;
    const wait = (seconds: number): string => say("minutes", { value: number(seconds / 60) });
    const here = n.agents.filter((agent) => agent.on_duty).length;
    const cards: [string, string, boolean][] = [
      [say("waiting"), number(n.waiting), n.waiting > 0],
      [say("active"), number(n.active), false],
      [say("longest"), wait(n.longest_wait_s), n.longest_wait_s > 300],
      [say("broken"), number(n.clocks.broken), n.clocks.broken > 0],
      [say("soon"), number(n.clocks.soon), false],
      [say("here"), number(here), here === 0],
    ];
    return html`<div class="cards" aria-live="polite">
        ${cards.map(
          ([label, value, bad]) =>
            html`<div class="card">
              <small>${label}</small>
              <div class="figure ${bad ? "late" : ""}">${value}</div>
            </div>`,
        )}
      </div>
      <div class="halves">
        <section>
          <h2>${say("queues")}</h2>
          <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
            <table class="full">
              <thead>
                <tr>
                  <th>${say("queue")}</th>
                  <th>${say("waiting")}</th>
                  <th>${say("longest")}</th>
                </tr>
              </thead>
              <tbody>
                ${Object.entries(n.queues).map(
                  ([queue, one]) =>
                    html`<tr>
                      <td>
                        <a
                          href=${address(
                            "conversations",
                            "",
                            new URLSearchParams({ view: "waiting", queue }),
                          )}
                          >${name(queue)}</a
                        >
                      </td>
                      <td>${one.waiting}</td>
                      <td>${wait(one.longest_s)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
          ${Object.keys(n.queues).length ? nothing : html`<p>${say("nobody")}</p>`}
        </section>
        <section>
          <h2>${say("team")}</h2>
          <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
            <table class="full">
              <thead>
                <tr>
                  <th>${say("agent")}</th>
                  <th>${say("presence")}</th>
                  <th>${say("conversations_now")}</th>
                  <th>${say("tickets_now")}</th>
                </tr>
              </thead>
              <tbody>
                ${n.agents.map(
                  (agent) =>
                    html`<tr>
                      <td>${agent.name}</td>
                      <td><span class="dot ${agent.presence}"></span> ${name(agent.presence)}</td>
                      <td>${agent.conversations}</td>
                      <td>${agent.tickets}/${agent.most_tickets}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
        </section>
      </div>
      <p><small>${say("updated", { time: hour(n.at) })}</small></p>`;
  }

  private reporting(): TemplateResult {
    const { query } = place();
    const info = this.catalogue.find((one) => one.code === this.report);
    const field = (key: "from" | "to", otherwise: string): TemplateResult =>
      html`<label class="row"
        >${say(key)}
        <input
          type="date"
          .value=${query.get(key) ?? otherwise}
          @change=${(event: Event) => narrow(key, valueOf(event))}
      /></label>`;
    return html`<div class="bar">
        <label class="row"
          >${say("report")}
          <select @change=${(event: Event) => narrow("report", valueOf(event))}>
            ${options(
              this.catalogue.map((one) => one.code),
              (code) => this.reportName(code),
              this.report,
            )}
          </select></label
        >
        <label class="row"
          >${say("by")}
          <select @change=${(event: Event) => narrow("by", valueOf(event))}>
            ${options(info?.groups ?? [], called, this.by)}
          </select></label
        >${field(
          "from",
          iso(new Date(Date.now() - DEFAULT_DAYS * DAY_MS)),
        )}${field("to", iso(new Date()))}
        ${Object.entries(FILTERS).map(
          ([key, values]) =>
            html`<label class="row"
              >${called(key)}
              <select @change=${(event: Event) => narrow(key, valueOf(event))}>
                <option value="">${common("all")}</option>
                ${options(values, name, query.get(key) ?? "")}
              </select></label
            >`,
        )}
        <label class="check"
          ><input
            type="checkbox"
            .checked=${this.compares}
            @change=${(event: Event) =>
              narrow("compare", (event.target as HTMLInputElement).checked ? "1" : "")}
          />
          ${say("compare")}</label
        >
      </div>
      ${this.figures ? this.shown(this.figures) : nothing}
      ${
        this.report === "complaints"
          ? html`<p>
              <a class="button" href="/v1/complaints/register?format=csv" download
                >${icon("download")} ${say("download")}</a
              >
            </p>`
          : nothing
      }
      <wa-details summary=${say("keep")}
        ><form class="stack" @submit=${(event: SubmitEvent) => this.keep(event)}>
          <label>${say("name")} <input name="report_name" required maxlength="100" /></label>
          <label
            >${say("schedule")}
            <select name="schedule">
              <option value="">${say("never")}</option>
              ${options(["daily", "weekly", "monthly"], (one) => say(one as "daily"))}
            </select></label
          >
          <label>${say("recipients")} <textarea name="recipients" rows="2"></textarea></label
          ><button class="wa-brand">${common("save")}</button>
        </form></wa-details
      >`;
  }

  private shown(f: FiguresOut): TemplateResult {
    const chosen = Math.max(
      0,
      f.measures.findIndex((measure) => measure.key === place().query.get("figure")),
    );
    const measure = f.measures[chosen]!;
    const time = ["day", "week", "month"].includes(f.by);
    const group = (key: string): string =>
      time ? day(key) : key === "" ? say("nothing_set") : name(key);
    const label = say("chart_of", { figure: pick(measure.names), by: called(f.by) });
    return html`<div class="cards">
        ${f.measures.map(
          (one, at) =>
            html`<button
              class="card"
              aria-pressed=${at === chosen}
              @click=${() => narrow("figure", one.key)}
            >
              <span
                ><small>${pick(one.names)}</small><br /><span class="figure"
                  >${told(one, f.total.values[at])}</span
                >
                ${
                  f.total.before
                    ? html`<br /><small
                          >${say("before", { value: told(one, f.total.before[at]) })}</small
                        >`
                    : nothing
                }</span
              >
            </button>`,
        )}
      </div>
      ${
        f.rows.length
          ? html`<series-chart
                ?lines=${time}
                label=${label}
                .said=${(value: number) => told(measure, value)}
                .labels=${f.rows.map((row) => group(row.group))}
                .series=${[
                  {
                    label: pick(measure.names),
                    values: f.rows.map((row) => row.values[chosen] ?? null),
                  },
                ]}
              ></series-chart>
              <wa-details summary=${say("table")} open
                ><div class="bar">
                  <a
                    class="button"
                    href="/v1/analytics/reports/${f.code}/export?${this.period()}"
                    download
                    >${icon("download")} ${say("csv")}</a
                  ><a
                    class="button"
                    href="/v1/analytics/reports/${f.code}/export?${this.period()}&format=xlsx"
                    download
                    >${icon("download")} ${say("xlsx")}</a
                  >
                </div>
                <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
                  <table>
                    <caption class="hidden-label">
                      ${label}
                    </caption>
                    <thead>
                      <tr>
                        <th>${called(f.by)}</th>
                        ${f.measures.map((one) => html`<th>${pick(one.names)}</th>`)}
                      </tr>
                    </thead>
                    <tbody>
                      ${f.rows.map(
                        (row) =>
                          html`<tr>
                            <td>${group(row.group)}</td>
                            ${f.measures.map(
                              (one, at) =>
                                html`<td>
                                  ${told(one, row.values[at])}${
                                    row.before
                                      ? html` <small>(${told(one, row.before[at])})</small>`
                                      : nothing
                                  }
                                </td>`,
                            )}
                          </tr>`,
                      )}
                      <tr>
                        <th>${say("total")}</th>
                        ${f.measures.map(
                          (one, at) => html`<th>${told(one, f.total.values[at])}</th>`,
                        )}
                      </tr>
                    </tbody>
                  </table>
                </div></wa-details
              >`
          : html`<p>${say("none")}</p>`
      }`;
  }

  private forecasting(): TemplateResult | typeof nothing {
    const a = this.ahead;
    if (!a) return nothing;
    if (!a.expected.length) return html`<p>${say("too_short")}</p>`;
    const gap = (count: number): null[] => Array.from({ length: count }, () => null);
    const behind = gap(a.past.length);
    const series = [
      {
        label: say("past"),
        values: [...a.past.map((one) => one.value), ...gap(a.expected.length)],
      },
      {
        label: say("expected"),
        values: [...behind, ...a.expected.map((one) => one.value)],
        dashed: true,
      },
      { label: say("low"), values: [...behind, ...a.expected.map((one) => one.low)], band: true },
      {
        label: say("range"),
        values: [...behind, ...a.expected.map((one) => one.high)],
        band: true,
      },
    ];
    return html`<h2>${say("volume")}</h2>
      ${
        a.error === null
          ? nothing
          : html`<p>${say("error", { error: percent(a.error), naive: percent(a.naive_error) })}</p>`
      }
      <series-chart
        lines
        label=${say("volume")}
        .said=${(value: number) => number(value)}
        .labels=${[...a.past, ...a.expected].map((one) => day(one.day))}
        .series=${series}
      ></series-chart>
      <wa-details summary=${say("table")} open
        ><div class="bar">
          <a class="button" href="/v1/analytics/forecast/export" download
            >${icon("download")} ${say("csv")}</a
          ><a class="button" href="/v1/analytics/forecast/export?format=xlsx" download
            >${icon("download")} ${say("xlsx")}</a
          >
        </div>
        <div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
          <table>
            <thead>
              <tr>
                <th>${say("day")}</th>
                <th>${say("expected")}</th>
                <th>${say("low")}</th>
                <th>${say("high")}</th>
              </tr>
            </thead>
            <tbody>
              ${a.expected.map(
                (one) =>
                  html`<tr>
                    <td>${day(one.day)}</td>
                    <td>${number(one.value, 1)}</td>
                    <td>${number(one.low, 1)}</td>
                    <td>${number(one.high, 1)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div></wa-details
      >`;
  }

  private campaigning(): TemplateResult {
    const points = (share: number): string => number(share * 100, 1);
    return html`<div class="scroll" role="group" tabindex="0" aria-label=${common("table")}>
      <table class="full">
        <thead>
          <tr>
            <th>${say("campaigns")}</th>
            <th>${common("state")}</th>
            <th>${say("shown")}</th>
            <th>${say("sold")}</th>
            <th>${say("lift")} (95 %)</th>
          </tr>
        </thead>
        <tbody>
          ${this.campaigns.map(
            ({ campaign, funnel }) =>
              html`<tr>
                <td>
                  <a href=${address("sales", "", new URLSearchParams({ view: "campaigns" }))}
                    >${pick(
                      (campaign.content as unknown as { names: Record<"en" | "zh", string> }).names,
                    )}</a
                  >
                </td>
                <td>${name(campaign.state)}</td>
                <td>${funnel.steps.reduce((sum, step) => sum + step.shown, 0)}</td>
                <td>${funnel.steps.reduce((sum, step) => sum + step.sold, 0)}</td>
                <td>
                  ${
                    funnel.lift
                      ? `${points(funnel.lift.difference)} (${points(funnel.lift.low)} – ${points(funnel.lift.high)})`
                      : "–"
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private saving(): TemplateResult {
    if (!this.kept.length) return html`<p>${common("none")}</p>`;
    const link = (one: SavedOut): string =>
      address(
        "insights",
        "",
        new URLSearchParams({
          view: "reports",
          report: one.report,
          by: one.query.by ?? "day",
          from: iso(new Date(Date.now() - ((one.query.days ?? 7) - 1) * DAY_MS)),
          ...one.query.only,
        }),
      );
    return html`<ul class="plain">
      ${this.kept.map(
        (one) =>
          html`<li class="card">
            <a href=${link(one)}><b translate="no">${one.name}</b></a>
            <small
              >${this.reportName(one.report)} · ${called(one.query.by ?? "day")} ·
              ${say("last_days", {
                count: one.query.days ?? 7,
              })}${one.schedule ? ` · ${say(one.schedule)} · ${one.recipients.join(", ")} · ${say("next", { time: moment(one.next_at) })}` : ""}</small
            >
            <button
              @click=${() =>
                void this.attempt(async () => {
                  await call("DELETE", `/v1/analytics/saved/${one.id}`);
                  await this.read();
                })}
            >
              ${icon("trash-2")} ${say("remove")}
            </button>
          </li>`,
      )}
    </ul>`;
  }
}

/** A day of this machine's calendar as fields for days hold it. */
function iso(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** A figure as people read it. */
function told(measure: MeasureOut, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  switch (measure.kind) {
    case "share":
      return percent(value);
    case "minutes":
      return say("minutes", { value: number(value, 1) });
    case "hours":
      return say("hours", { value: number(value, 1) });
    case "days":
      return say("days", { value: number(value, 1) });
    case "count":
      return number(value);
    default:
      return number(value, 2);
  }
}

customElements.define("insights-page", InsightsPage);
