// The next steps as forms that are filled in already: a ticket, the check of a sale, an offer.

import { html, nothing, type TemplateResult } from "lit";
import type {
  CheckOut,
  CheckRequest,
  NextAction,
  ProductOut,
  TicketNew,
} from "../../shared/contract.js";
import { api, data, idempotencyKey } from "../../shared/api.js";
import { textOf } from "../../shared/json.js";
import { language } from "../../shared/language.js";
import { WorkspaceElement, dialog, formFields, options } from "../element.js";
import { name, say as common } from "../words.js";
import type { CopilotHost } from "./host.js";
import { say } from "./words.js";

const KINDS = ["question", "service_request", "complaint", "fraud_report"] as const;
// What a ticket takes over from the conversation as it is.
const PREFILLED = ["conversation_id", "customer_id", "language", "contact"] as const;
const OUTCOMES = ["clicked", "declined"] as const;

export class ActionForm extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    conversation: { attribute: false },
    action: { state: true },
    products: { state: true },
    checked: { state: true },
  };
  conversation!: CopilotHost;
  action: NextAction | null = null;
  products: ProductOut[] = [];
  checked: CheckOut | null = null;

  begin(action: NextAction): void {
    this.action = action;
    this.checked = null;
    this.error = "";
    if (action.type === "check_sale") {
      const params = { query: { limit: 200 } };
      void this.attempt(async () => {
        this.products = (await data(api.GET("/v1/products", { params }))).items;
      });
    }
    void this.updateComplete.then(() => {
      dialog(this, "action").open = true;
    });
  }

  private finish(notice: string): void {
    dialog(this, "action").open = false;
    this.conversation.use({ part: "action", item: this.action?.type ?? null, outcome: "done" });
    this.dispatchEvent(new CustomEvent("done", { detail: notice }));
  }

  private openTicket(event: SubmitEvent): void {
    const fields = Object.entries(formFields<Record<string, string>>(event));
    const prefill = this.action?.prefill ?? {};
    const prefilled = PREFILLED.map((key) => [key, prefill[key]] as const);
    const entries = [...fields, ...prefilled].filter(([, value]) => value);
    const body = Object.fromEntries(entries) as object as TicketNew;
    void this.attempt(async () => {
      const ticket = await data(api.POST("/v1/tickets", { body, headers: idempotencyKey() }));
      this.finish(say("opened", { reference: ticket.reference, queue: name(ticket.queue) }));
    });
  }

  private check(event: SubmitEvent): void {
    const { product_id, amount } = formFields<{ product_id: string; amount: string }>(event);
    const body = {
      customer_id: this.action?.prefill.customer_id,
      purpose: "product_sale",
      product_id,
      ...(amount ? { amount: { amount, currency: "EUR" } } : {}),
    } as CheckRequest;
    const params = { query: { language: language() } };
    void this.attempt(async () => {
      this.checked = await data(api.POST("/v1/compliance/checks", { params, body }));
      this.conversation.use({ part: "action", item: "check_sale", outcome: "done" });
    });
  }

  private offered(outcome: (typeof OUTCOMES)[number]): void {
    const params = { path: { contact_id: textOf(this.action?.prefill.contact_id) } };
    void this.attempt(async () => {
      const path = "/v1/marketing/contacts/{contact_id}/outcome";
      await api.POST(path, { params, body: { outcome } });
      this.finish(say(outcome));
    });
  }

  override render(): TemplateResult {
    const action = this.action;
    return html`<wa-dialog id="action" label=${action?.title ?? ""}
      >${this.feedback()}
      ${
        action?.type === "open_ticket"
          ? this.ticketForm(action)
          : action?.type === "check_sale"
            ? this.saleForm()
            : action
              ? this.offerForm(action)
              : nothing
      }</wa-dialog
    >`;
  }

  private ticketForm(action: NextAction): TemplateResult {
    const { subject = "", description = "", contact } = action.prefill;
    return html`<form class="stack" @submit=${(event: SubmitEvent) => this.openTicket(event)}>
      <label
        >${say("subject")} <input name="subject" required maxlength="200" .value=${subject}
      /></label>
      <label
        >${say("description")}
        <textarea
          name="description"
          required
          rows="5"
          maxlength="10000"
          .value=${description}
        ></textarea>
      </label>
      ${contact ? html`<p>${say("contact")}: ${contact}</p>` : nothing}
      <label
        >${common("kind")}
        <select name="kind">
          <option value="">${say("decided")}</option>
          ${options(KINDS, name)}
        </select></label
      >
      <button class="wa-brand" ?disabled=${this.busy}>${say("open_ticket")}</button>
    </form>`;
  }

  private saleForm(): TemplateResult {
    return html`<form class="stack" @submit=${(event: SubmitEvent) => this.check(event)}>
        <label
          >${say("product")}
          <select name="product_id" required>
            ${this.products.map(
              (product) =>
                html`<option value=${product.id}>
                  ${language() === "zh" ? product.name_zh : product.name} (${product.risk_level})
                </option>`,
            )}
          </select></label
        >
        <label
          >${say("amount")}
          <input name="amount" inputmode="decimal" pattern="[0-9]+([.][0-9]{1,2})?"
        /></label>
        <button class="wa-brand" ?disabled=${this.busy}>${say("check")}</button>
      </form>
      ${
        this.checked
          ? html`<div role="status">
              <p>
                <wa-badge
                  variant=${
                    this.checked.decision === "allow"
                      ? "success"
                      : this.checked.decision === "block"
                        ? "danger"
                        : "warning"
                  }
                  >${name(this.checked.decision)}</wa-badge
                >
              </p>
              <ul class="plain">
                ${this.checked.rules.map(
                  (rule) =>
                    html`<li>
                      ${name(rule.outcome)}: ${rule.reason}
                      <small>${rule.id} v${rule.version}</small>
                    </li>`,
                )}
              </ul>
            </div>`
          : nothing
      }`;
  }

  private offerForm(action: NextAction): TemplateResult {
    return html`<p class="quote">${action.reason}</p>
      <div class="bar">
        ${OUTCOMES.map(
          (outcome) =>
            html`<button ?disabled=${this.busy} @click=${() => this.offered(outcome)}>
              ${say(outcome)}
            </button>`,
        )}
      </div>`;
  }
}

customElements.define("action-form", ActionForm);
