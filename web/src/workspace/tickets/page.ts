// Tickets: the list or the board with filters in the address, and beside it the one that is chosen.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { FilterOut, TicketOut } from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { isPast } from "../../shared/clock.js";
import { distance } from "../../shared/language.js";
import { changes } from "../changes.js";
import { PRIORITIES, QUEUES } from "../lists.js";
import { Page } from "../page.js";
import { formFields, icon, menu, options, valueOf } from "../element.js";
import { href, navigate, setFilter, asQuery, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import "./detail.js";

export const STATES = [
  "new",
  "open",
  "waiting_customer",
  "waiting_internal",
  "resolved",
  "closed",
] as const;
const ALL_QUEUES = [...QUEUES, "compliance"];
const KINDS = [
  "question",
  "service_request",
  "complaint",
  "fraud_report",
  "compliance_alert",
  "lead",
] as const;
const FILTERS = [
  "q",
  "queue",
  "state",
  "kind",
  "priority",
  "sla",
  "assignee",
  "sort",
  "customer_id",
] as const;
const COALESCE_MS = 1500;

class TicketsPage extends Page {
  static override properties = {
    ...Page.properties,
    list: { state: true },
    cursor: { state: true },
    counts: { state: true },
    filters: { state: true },
  };
  protected readonly at = "tickets";
  list: TicketOut[] = [];
  cursor: string | null = null;
  counts: Record<string, Record<string, number>> = {};
  filters: FilterOut[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.onDisconnect(
      changes.on((change) => {
        if (change.type.startsWith("ticket.") || change.type === "everything")
          this.coalesce(() => void this.refresh(() => this.read()), COALESCE_MS);
      }),
    );
    void this.readFilters();
  }

  protected override queryKey(): string {
    return this.query().toString();
  }

  private async readFilters(): Promise<void> {
    const saved = await data(api.GET("/v1/tickets/filters")).catch(() => null);
    this.filters = saved?.items ?? [];
  }

  /** What the service is asked for, by the address. */
  private query(): URLSearchParams {
    const filters = currentRoute().query;
    const query = new URLSearchParams({ sort: "due" });
    for (const filter of FILTERS) {
      const value = filters.get(filter);
      if (value) query.set(filter, value);
    }
    if (!query.has("state")) query.set("active", "true");
    return query;
  }

  protected override async read(more = false): Promise<void> {
    const query = { ...asQuery(this.query()), cursor: more ? this.cursor : null };
    const [page, counts] = await Promise.all([
      data(api.GET("/v1/tickets", { params: { query } })),
      data(api.GET("/v1/tickets/counts")),
    ]);
    this.list = more ? [...this.list, ...page.items] : page.items;
    this.cursor = page.next_cursor;
    this.counts = counts;
  }

  private saveFilter(event: SubmitEvent): void {
    const { filter_name } = formFields<{ filter_name: string }>(event);
    const filters = Object.fromEntries(
      [...currentRoute().query].filter(([key]) => key !== "view" && key !== "sort"),
    );
    void this.attempt(async () => {
      const body = { name: filter_name, filters, shared: false };
      await api.POST("/v1/tickets/filters", { body });
      await this.readFilters();
    });
  }

  override render(): TemplateResult {
    const { id, query } = currentRoute();
    const board = query.get("view") === "board";
    return html`<h1 class="hidden-label">${common("tickets")}</h1>
      ${this.bar(query, board)}${this.feedback()}
      <div class=${board && !id ? "" : "split"}>
        <section aria-label=${say("results")}>
          ${board ? this.board() : this.listed(id)}
          ${
            this.cursor
              ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
                  ${common("more")}
                </button>`
              : nothing
          }
        </section>
        ${
          id
            ? html`<ticket-detail .me=${this.me} .ticketId=${id}></ticket-detail>`
            : board
              ? nothing
              : html`<p>${say("choose")}</p>`
        }
      </div>`;
  }

  private bar(query: URLSearchParams, board: boolean): TemplateResult {
    const select = (
      label: string,
      key: string,
      values: readonly string[],
      text: (value: string) => string = name,
      none = common("all"),
    ): TemplateResult =>
      html`<label class="row"
        >${label}
        <select @change=${(event: Event) => setFilter(key, valueOf(event))}>
          <option value="">${none}</option>
          ${options(values, text, query.get(key) ?? "")}
        </select></label
      >`;
    const exported = new URLSearchParams([...this.query()].filter(([key]) => key !== "sort"));
    const mine = query.get("assignee") === this.me.id;
    return html`<section class="bar" aria-label=${say("filters")}>
      <form
        role="search"
        @submit=${(event: SubmitEvent) => setFilter("q", formFields<{ q: string }>(event).q)}
      >
        <input
          type="search"
          name="q"
          aria-label=${say("search")}
          placeholder=${say("search")}
          .value=${query.get("q") ?? ""}
        />
      </form>
      ${select(
        common("queue"),
        "queue",
        ALL_QUEUES,
        (queue) =>
          `${name(queue)} ${Object.values(this.counts[queue] ?? {}).reduce((one, other) => one + other, 0) || ""}`,
      )}
      ${select(
        common("state"),
        "state",
        STATES,
        name,
        say("open_only"),
      )}${select(common("kind"), "kind", KINDS)}${select(common("priority"), "priority", PRIORITIES)}
      ${select(
        say("sla"),
        "sla",
        ["breached", "running"],
        (value) => say(value as "breached" | "running"),
        say("any"),
      )}${select(say("sort"), "sort", ["newest"], () => say("newest"), say("due"))}
      <button aria-pressed=${mine} @click=${() => setFilter("assignee", mine ? "" : this.me.id)}>
        ${icon("user")} ${say("mine")}
      </button>
      <button aria-pressed=${board} @click=${() => setFilter("view", board ? "" : "board")}>
        ${icon(board ? "list" : "columns-3")} ${say(board ? "list" : "board")}
      </button>
      <a class="button" href="/v1/tickets/export?${exported}" download
        >${icon("download")} ${say("export")}</a
      >
      ${
        this.filters.length
          ? menu(
              say("saved"),
              this.filters.map((one) => [one.id, html`<span translate="no">${one.name}</span>`]),
              (id) => this.filter(id),
            )
          : nothing
      }
      ${
        [...query].some(([key]) => key !== "view")
          ? html`<form class="row" @submit=${(event: SubmitEvent) => this.saveFilter(event)}>
              <input
                name="filter_name"
                required
                maxlength="80"
                aria-label=${say("save_filter")}
                placeholder=${say("save_filter")}
              /><button>${common("save")}</button>
            </form>`
          : nothing
      }
    </section>`;
  }

  private filter(id: string): void {
    const chosen = this.filters.find((one) => one.id === id);
    if (chosen)
      navigate(href("tickets", "", new URLSearchParams(chosen.filters as Record<string, string>)));
  }

  private line(ticket: TicketOut, chosen: string): TemplateResult {
    const late = ticket.next_due !== null && isPast(ticket.next_due);
    return html`<li>
      <a
        class="entry"
        href=${href("tickets", ticket.id, currentRoute().query)}
        aria-current=${chosen === ticket.id ? "true" : nothing}
      >
        <b>${ticket.reference}</b> <span lang=${ticket.language}>${ticket.subject}</span><br />
        <small
          >${[
            name(ticket.queue),
            ...(ticket.priority === "normal" ? [] : [name(ticket.priority)]),
            name(ticket.state),
          ].join(" · ")}</small
        >
        ${
          ticket.next_due
            ? html`<small class=${late ? "late" : ""}>
                · ${icon("clock")} ${distance(ticket.next_due)}</small
              >`
            : nothing
        }</a
      >
    </li>`;
  }

  private listed(chosen: string): TemplateResult {
    if (!this.list.length) return html`<p>${say("none")}</p>`;
    return html`<ul class="entries">
      ${repeat(
        this.list,
        (ticket) => ticket.id,
        (ticket) => this.line(ticket, chosen),
      )}
    </ul>`;
  }

  private board(): TemplateResult {
    const columns = STATES.filter((state) => this.list.some((ticket) => ticket.state === state));
    return html`<div class="board" tabindex="0" role="group" aria-label=${say("board")}>
      ${columns.map(
        (state) =>
          html`<div>
            <h2>${name(state)}</h2>
            <ul class="entries">
              ${this.list
                .filter((ticket) => ticket.state === state)
                .map((ticket) => this.line(ticket, currentRoute().id))}
            </ul>
          </div>`,
      )}
    </div>`;
  }
}

customElements.define("tickets-page", TicketsPage);
