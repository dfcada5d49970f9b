// Customers: searched by words or on a list, and the selected one in one view.

import { html, nothing, type TemplateResult } from "lit";
import type { CustomerOut, ListedOut } from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { language, money, percent } from "../../shared/language.js";
import { Page } from "../page.js";
import { formFields } from "../element.js";
import { href, navigate, setFilter, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import "./profile.js";

const LISTS = ["high_value", "potential", "at_risk"] as const;

class CustomersPage extends Page {
  static override properties = {
    ...Page.properties,
    customers: { state: true },
    listed: { state: true },
    cursor: { state: true },
  };
  protected readonly at = "customers";
  customers: CustomerOut[] = [];
  listed: ListedOut[] = [];
  cursor: string | null = null;

  protected override queryKey(): string {
    return currentRoute().query.toString();
  }

  protected override async read(more = false): Promise<void> {
    const { query } = currentRoute();
    const list = query.get("list");
    if (list) {
      const name = list as (typeof LISTS)[number];
      const mine = query.get("mine") ? { mine: true } : {};
      const params = { path: { name }, query: { limit: 100, ...mine } };
      this.listed = (await data(api.GET("/v1/customers/lists/{name}", { params }))).items;
      return;
    }
    const params = { query: { q: query.get("q") ?? "", cursor: more ? this.cursor : null } };
    const page = await data(api.GET("/v1/customers", { params }));
    this.customers = more ? [...this.customers, ...page.items] : page.items;
    this.cursor = page.next_cursor;
  }

  override render(): TemplateResult {
    const { id, query } = currentRoute();
    const list = query.get("list");
    return html`<h1 class="hidden-label">${common("customers")}</h1>
      <section class="bar">
        <form
          role="search"
          @submit=${(event: SubmitEvent) =>
            navigate(
              href("customers", id, new URLSearchParams({ q: formFields<{ q: string }>(event).q })),
              true,
            )}
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
              @click=${() => setFilter("list", one === list ? "" : one)}
            >
              ${say(one)}
            </button>`,
        )}
        ${
          list
            ? html`<button
                aria-pressed=${query.has("mine")}
                @click=${() => setFilter("mine", query.has("mine") ? "" : "1")}
              >
                ${say("mine_only")}
              </button>`
            : nothing
        }
      </section>
      ${this.feedback()}
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
    const displayName =
      language() === "zh" ? (customer.native_name ?? customer.name) : customer.name;
    return html`<li>
      <a
        class="entry"
        href=${href("customers", customer.id, currentRoute().query)}
        aria-current=${customer.id === chosen ? "true" : nothing}
        ><b>${displayName}</b> ${customer.number}<br />
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
    if (!this.customers.length) return html`<p>${say("nobody")}</p>`;
    return html`<ul class="entries">
        ${this.customers.map((customer) => this.entry(customer, chosen))}
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
