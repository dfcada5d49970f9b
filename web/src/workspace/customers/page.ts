// Customers: found by words or on a list, and the one that is chosen in one view.

import { html, nothing, type TemplateResult } from "lit";
import type {
  CustomerOut,
  ListedOut,
  ListingCustomerOut,
  ListingListedOut,
} from "../../shared/contract.js";
import { call } from "../../shared/api.js";
import { language, money, percent } from "../../shared/language.js";
import { Page } from "../page.js";
import { given } from "../part.js";
import { address, go, narrow, place } from "../places.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import "./profile.js";

const LISTS = ["high_value", "potential", "at_risk"] as const;

class CustomersPage extends Page {
  static override properties = {
    ...Page.properties,
    found: { state: true },
    listed: { state: true },
    cursor: { state: true },
  };
  protected readonly at = "customers";
  found: CustomerOut[] = [];
  listed: ListedOut[] = [];
  cursor: string | null = null;

  protected override asks(): string {
    return place().query.toString();
  }

  protected override async read(more = false): Promise<void> {
    const { query } = place();
    const list = query.get("list");
    if (list) {
      this.listed = (
        await call<ListingListedOut>(
          "GET",
          `/v1/customers/lists/${list}?limit=100${query.get("mine") ? "&mine=true" : ""}`,
        )
      ).items;
      return;
    }
    const asked = new URLSearchParams({
      q: query.get("q") ?? "",
      ...(more && this.cursor ? { cursor: this.cursor } : {}),
    });
    const found = await call<ListingCustomerOut>("GET", `/v1/customers?${asked}`);
    this.found = more ? [...this.found, ...found.items] : found.items;
    this.cursor = found.next_cursor;
  }

  override render(): TemplateResult {
    const { id, query } = place();
    const list = query.get("list");
    return html`<h1 class="hidden-label">${common("customers")}</h1>
      <section class="bar">
        <form
          role="search"
          @submit=${(event: SubmitEvent) =>
            go(address("customers", id, new URLSearchParams({ q: given(event)["q"] ?? "" })), true)}
        >
          <input
            type="search"
            name="q"
            aria-label=${say("search")}
            placeholder=${say("search")}
            .value=${query.get("q") ?? ""}
          />
        </form>
        <span>${say("lists")}:</span>${LISTS.map(
          (one) =>
            html`<button
              aria-pressed=${one === list}
              @click=${() => narrow("list", one === list ? "" : one)}
            >
              ${say(one)}
            </button>`,
        )}
        ${
          list
            ? html`<button
                aria-pressed=${query.has("mine")}
                @click=${() => narrow("mine", query.has("mine") ? "" : "1")}
              >
                ${say("mine_only")}
              </button>`
            : nothing
        }
      </section>
      ${this.told()}
      <div class="split">
        <section aria-label=${say("results")}>${list ? this.list(id) : this.results(id)}</section>
        ${
          id
            ? html`<customer-profile .me=${this.me} .customerId=${id}></customer-profile>`
            : html`<p>${say("choose")}</p>`
        }
      </div>`;
  }

  private entry(
    customer: CustomerOut,
    chosen: string,
    more: TemplateResult | typeof nothing = nothing,
  ): TemplateResult {
    const said = language() === "zh" ? (customer.native_name ?? customer.name) : customer.name;
    return html`<li>
      <a
        class="entry"
        href=${address("customers", customer.id, place().query)}
        aria-current=${customer.id === chosen ? "true" : nothing}
        ><b>${said}</b> ${customer.number}<br />
        <small
          >${[
            name(customer.segment),
            customer.risk_level,
            name(customer.kyc_state),
            customer.residency,
          ].join(" · ")}</small
        >${more}</a
      >
    </li>`;
  }

  private results(chosen: string): TemplateResult {
    if (!this.found.length) return html`<p>${say("nobody")}</p>`;
    return html`<ul class="entries">
        ${this.found.map((customer) => this.entry(customer, chosen))}
      </ul>
      ${
        this.cursor
          ? html`<button @click=${() => void this.attempt(() => this.read(true))}>
              ${common("more")}
            </button>`
          : nothing
      }`;
  }

  private list(chosen: string): TemplateResult {
    if (!this.listed.length) return html`<p>${say("nobody")}</p>`;
    return html`<ul class="entries">
      ${this.listed.map((one) =>
        this.entry(
          one.customer,
          chosen,
          html`<br /><small
              >${say("assets")} ${money(one.assets)} · ${say("contribution")}
              ${money(one.contribution)}${
                one.churn_risk === null
                  ? nothing
                  : html` · ${say("churn_risk")} ${percent(one.churn_risk)}`
              }</small
            >`,
        ),
      )}
    </ul>`;
  }
}

customElements.define("customers-page", CustomersPage);
