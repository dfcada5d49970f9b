// The supervisor's view: now, over time with filters in the address, ahead, campaigns, and reports
// of one's own.

import { html, nothing, type TemplateResult } from "lit";
import type {
  CampaignOut,
  FiguresOut,
  ForecastOut,
  FunnelOut,
  LiveOut,
  MeasureOut,
  ReportInfo,
  SavedNew,
  SavedOut,
} from "../../shared/contract.js";
import { api, data, idempotencyKey } from "../../shared/api.js";
import { DAY_MS, daysAgo, now } from "../../shared/clock.js";
import { day, hour, language, moment, number, percent, pick } from "../../shared/language.js";
import { changes } from "../changes.js";
import { CHANNELS, LANGUAGES, QUEUES } from "../lists.js";
import { Page } from "../page.js";
import { formFields, icon, options, valueOf } from "../element.js";
import { href, setFilter, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { called, say } from "./words.js";
import "./chart.js";

const VIEWS = ["live", "reports", "forecast", "campaigns", "saved"] as const;
type View = (typeof VIEWS)[number];
const FILTERS = { channel: CHANNELS, language: LANGUAGES, queue: QUEUES } as const;
const LIVE_MS = 15_000;
const COALESCE_MS = 1_000;
const DEFAULT_DAYS = 30;

class InsightsPage extends Page {
  static override properties = {
    ...Page.properties,
    now: { state: true },
    catalogue: { state: true },
    figures: { state: true },
    ahead: { state: true },
    campaigns: { state: true },
    saved: { state: true },
  };
  protected readonly at = "insights";
  now: LiveOut | null = null;
  catalogue: ReportInfo[] = [];
  figures: FiguresOut | null = null;
  ahead: ForecastOut | null = null;
  campaigns: { campaign: CampaignOut; funnel: FunnelOut }[] = [];
  saved: SavedOut[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const again = (): void => {
      if (this.view === "live" && currentRoute().part === this.at && !document.hidden)
        void this.refresh(() => this.readLive());
    };
    const ticking = window.setInterval(again, LIVE_MS);
    this.onDisconnect(() => clearInterval(ticking));
    this.onDisconnect(
      changes.on((change) => {
        if (change.type === "state" || change.type.startsWith("ticket."))
          this.coalesce(again, COALESCE_MS);
      }),
    );
  }

  /** Which figure the chart shows is read from what is there already. */
  protected override queryKey(): string {
    const { query } = currentRoute();
    query.delete("figure");
    return query.toString();
  }

  private get view(): View {
    return (currentRoute().query.get("view") as View | null) ?? "live";
  }
  private get sees(): readonly View[] {
    return VIEWS.filter(
      (view) => view !== "campaigns" || this.me.permissions.includes("marketing:manage"),
    );
  }

  private async readLive(): Promise<void> {
    this.now = await data(api.GET("/v1/analytics/live"));
  }

  protected override async read(): Promise<void> {
    if (this.view === "live") await this.readLive();
    else if (this.view === "forecast") this.ahead = await data(api.GET("/v1/analytics/forecast"));
    else if (this.view === "saved") {
      await this.readCatalogue();
      this.saved = (await data(api.GET("/v1/analytics/saved"))).items;
    } else if (this.view === "campaigns") {
      const { items } = await data(api.GET("/v1/marketing/campaigns"));
      // openapi-fetch reads the contract's pair of hours as a list.
      const campaigns = items as CampaignOut[];
      this.campaigns = await Promise.all(
        campaigns.map(async (campaign) => ({ campaign, funnel: await readFunnel(campaign.code) })),
      );
    } else {
      await this.readCatalogue();
      const query = { ...Object.fromEntries(this.period()), compare: this.compares };
      const params = { path: { code: this.report as ReportInfo["code"] }, query };
      this.figures = await data(api.GET("/v1/analytics/reports/{code}", { params }));
    }
  }

  private async readCatalogue(): Promise<void> {
    if (!this.catalogue.length)
      this.catalogue = (await data(api.GET("/v1/analytics/reports"))).items;
  }

  private get report(): string {
    return currentRoute().query.get("report") ?? "conversations";
  }
  private reportName(code: string): string {
    return pick(this.catalogue.find((one) => one.code === code)?.names ?? {});
  }
  private get by(): string {
    return currentRoute().query.get("by") ?? "day";
  }
  private get compares(): boolean {
    return currentRoute().query.has("compare");
  }

  /**
   * The period in days of this machine's calendar, and what it is narrowed to; shared by table,
   * chart and file.
   */
  private period(): URLSearchParams {
    const { query } = currentRoute();
    const from = query.get("from") ?? daysAgo(DEFAULT_DAYS);
    const to = query.get("to") ?? daysAgo(0);
    const period = new URLSearchParams({
      from: new Date(`${from}T00:00:00`).toISOString(),
      to: new Date(new Date(`${to}T00:00:00`).getTime() + DAY_MS).toISOString(),
      by: this.by,
    });
    for (const [key, value] of this.only()) period.set(key, value);
    return period;
  }

  private only(): [string, string][] {
    const groups =
      this.catalogue.find((one) => one.code === this.report)?.groups ?? Object.keys(FILTERS);
    return [...currentRoute().query].filter(([key, value]) => groups.includes(key) && value);
  }

  private save(event: SubmitEvent): void {
    const fields = formFields<{ report_name: string; schedule: string; recipients: string }>(event);
    const body = {
      name: fields.report_name,
      report: this.report,
      query: { by: this.by, days: this.days(), only: Object.fromEntries(this.only()) },
      schedule: fields.schedule || null,
      recipients: fields.recipients.split(/[\s,;]+/).filter(Boolean),
      language: language(),
    } as SavedNew;
    void this.attempt(async () => {
      await api.POST("/v1/analytics/saved", { body, headers: idempotencyKey() });
    }, say("kept"));
  }

  /** The length of the period in days, both ends counted. */
  private days(): number {
    const { query } = currentRoute();
    const from = query.get("from");
    if (!from) return DEFAULT_DAYS;
    const to = query.get("to");
    const span = (to ? new Date(to).getTime() : now()) - new Date(from).getTime();
    return Math.max(1, Math.round(span / DAY_MS) + 1);
  }

  override render(): TemplateResult {
    return html`<h1 class="hidden-label">${common("insights")}</h1>
      <div class="bar views">
        ${this.sees.map(
          (view) =>
            html`<a
              class="view"
              href=${href("insights", "", new URLSearchParams({ view }))}
              aria-current=${view === this.view ? "true" : nothing}
              >${say(view)}</a
            >`,
        )}
      </div>
      ${this.feedback()}
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
                          href=${href(
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
    const { query } = currentRoute();
    const info = this.catalogue.find((one) => one.code === this.report);
    const field = (key: "from" | "to", otherwise: string): TemplateResult =>
      html`<label class="row"
        >${say(key)}
        <input
          type="date"
          .value=${query.get(key) ?? otherwise}
          @change=${(event: Event) => setFilter(key, valueOf(event))}
      /></label>`;
    return html`<div class="bar">
        <label class="row"
          >${say("report")}
          <select @change=${(event: Event) => setFilter("report", valueOf(event))}>
            ${options(
              this.catalogue.map((one) => one.code),
              (code) => this.reportName(code),
              this.report,
            )}
          </select></label
        >
        <label class="row"
          >${say("by")}
          <select @change=${(event: Event) => setFilter("by", valueOf(event))}>
            ${options(info?.groups ?? [], called, this.by)}
          </select></label
        >${field("from", daysAgo(DEFAULT_DAYS))}${field("to", daysAgo(0))}
        ${Object.entries(FILTERS).map(
          ([key, values]) =>
            html`<label class="row"
              >${called(key)}
              <select @change=${(event: Event) => setFilter(key, valueOf(event))}>
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
              setFilter("compare", (event.target as HTMLInputElement).checked ? "1" : "")}
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
        ><form class="stack" @submit=${(event: SubmitEvent) => this.save(event)}>
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

  private shown(f: FiguresOut): TemplateResult | typeof nothing {
    const selected = Math.max(
      0,
      f.measures.findIndex((measure) => measure.key === currentRoute().query.get("figure")),
    );
    const measure = f.measures[selected];
    if (!measure) return nothing;
    const time = ["day", "week", "month"].includes(f.by);
    const group = (key: string): string =>
      time ? day(key) : key === "" ? say("nothing_set") : name(key);
    const label = say("chart_of", { figure: pick(measure.names), by: called(f.by) });
    return html`<div class="cards">
        ${f.measures.map(
          (one, at) =>
            html`<button
              class="card"
              aria-pressed=${at === selected}
              @click=${() => setFilter("figure", one.key)}
            >
              <span
                ><small>${pick(one.names)}</small><br /><span class="figure"
                  >${figure(one, f.total.values[at])}</span
                >
                ${
                  f.total.before
                    ? html`<br /><small
                          >${say("before", { value: figure(one, f.total.before[at]) })}</small
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
                .format=${(value: number) => figure(measure, value)}
                .labels=${f.rows.map((row) => group(row.group))}
                .series=${[
                  {
                    label: pick(measure.names),
                    values: f.rows.map((row) => row.values[selected] ?? null),
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
                    href="/v1/analytics/reports/${f.code}/export?${this.period()}&amp;format=xlsx"
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
                                  ${figure(one, row.values[at])}${
                                    row.before
                                      ? html` <small>(${figure(one, row.before[at])})</small>`
                                      : nothing
                                  }
                                </td>`,
                            )}
                          </tr>`,
                      )}
                      <tr>
                        <th>${say("total")}</th>
                        ${f.measures.map(
                          (one, at) => html`<th>${figure(one, f.total.values[at])}</th>`,
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
        .format=${(value: number) => number(value)}
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
                  <a href=${href("sales", "", new URLSearchParams({ view: "campaigns" }))}
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
    if (!this.saved.length) return html`<p>${common("none")}</p>`;
    const link = (one: SavedOut): string =>
      href(
        "insights",
        "",
        new URLSearchParams({
          view: "reports",
          report: one.report,
          by: one.query.by,
          from: daysAgo(one.query.days - 1),
          ...one.query.only,
        }),
      );
    return html`<ul class="plain">
      ${this.saved.map(
        (one) =>
          html`<li class="card">
            <a href=${link(one)}><b translate="no">${one.name}</b></a>
            <small
              >${this.reportName(one.report)} · ${called(one.query.by)} ·
              ${say("last_days", {
                count: one.query.days,
              })}${one.schedule ? ` · ${say(one.schedule)} · ${one.recipients.join(", ")} · ${say("next", { time: moment(one.next_at) })}` : ""}</small
            >
            <button
              @click=${() =>
                void this.attempt(async () => {
                  const params = { path: { report_id: one.id } };
                  await api.DELETE("/v1/analytics/saved/{report_id}", { params });
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
function readFunnel(code: string): Promise<FunnelOut> {
  return data(api.GET("/v1/marketing/campaigns/{code}/funnel", { params: { path: { code } } }));
}

/** A figure as people read it. */
function figure(measure: MeasureOut, value: number | null | undefined): string {
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
