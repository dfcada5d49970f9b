// How the assistant understood a conversation, turn by turn; it is read when somebody opens it.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { TurnTraceOut } from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { moment, percent } from "../../shared/language.js";
import { WorkspaceElement } from "../element.js";
import { name, say as common } from "../words.js";
import { clausesOf, commandText, stackText, type Clause } from "./understanding.js";
import { say } from "./words.js";

class ConversationTurns extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    conversationId: { attribute: false },
    latest: { attribute: false },
    turns: { state: true },
  };
  conversationId = "";
  /** The latest message; a new one is read of when the list is open. */
  latest = "";
  turns: TurnTraceOut[] | null = null;
  private isOpen = false;

  override updated(changed: PropertyValues): void {
    if (changed.has("latest") && this.isOpen) void this.read();
  }

  private setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    if (isOpen) void this.read();
  }

  private async read(): Promise<void> {
    const params = { path: { conversation_id: this.conversationId } };
    await this.refresh(async () => {
      const path = "/v1/conversations/{conversation_id}/turns";
      this.turns = (await data(api.GET(path, { params }))).items;
    });
  }

  override render(): TemplateResult {
    return html`<wa-details
      summary=${say("understanding")}
      @wa-show=${() => this.setOpen(true)}
      @wa-hide=${() => this.setOpen(false)}
      >${this.feedback()}${this.list()}</wa-details
    >`;
  }

  private list(): TemplateResult | typeof nothing {
    if (this.error) return nothing;
    if (!this.turns) return html`<p role="status">${common("loading")}</p>`;
    if (!this.turns.length) return html`<p>${say("no_turns")}</p>`;
    return html`<ol class="plain turns">
      ${this.turns.map((turn) => this.turn(turn))}
    </ol>`;
  }

  private turn(turn: TurnTraceOut): TemplateResult {
    const clauses = clausesOf(turn);
    return html`<li>
      <small>${moment(turn.created_at)}</small>
      ${clauses.length ? clauses.map((clause) => this.clause(clause)) : html`<p>${say("unread")}</p>`}
      <dl class="facts">
        <dt>${say("commands")}</dt>
        <dd>${turn.commands.map(commandText).join("; ") || "–"}</dd>
        <dt>${say("stack")}</dt>
        <dd>${stackText(turn.stack_before)} → ${stackText(turn.stack_after)}</dd>
      </dl>
    </li>`;
  }

  private clause(clause: Clause): TemplateResult {
    const read = [
      `${name(clause.intent)} ${percent(clause.confidence)}`,
      `${name(clause.stance)} ${percent(clause.stance_confidence)}`,
      say(clause.evidence ? "evidence" : "no_evidence"),
    ];
    return html`<p class="said">“${clause.text}” <small>${read.join(" · ")}</small></p>`;
  }
}

customElements.define("conversation-turns", ConversationTurns);
