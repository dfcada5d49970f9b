// One conversation: its transcript, what may be done with it, the reply, notes among staff, and the
// copilot beside it.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type {
  ConversationState,
  EntryOut,
  ListingAgentOut,
  Me,
  MessageOut,
  NoteNew,
  NoteOut,
  SuggestionsOut,
  Transfer,
  UseNew,
} from "../../shared/contract.js";
import { api, data, multipart } from "../../shared/api.js";
import { now } from "../../shared/clock.js";
import { distance, hour, language, moment, pick, type Language } from "../../shared/language.js";
import { textOf } from "../../shared/json.js";
import { QUEUES } from "../lists.js";
import { WorkspaceElement, dialog, formFields, icon, menu, valueOf } from "../element.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import type { CopilotHost } from "./host.js";
import "./copilot.js";
import "./turns.js";

// How long "is writing" is shown, and at most how often the customer hears of it.
const TYPING_MS = 4000;
interface Template {
  names: Record<Language, string>;
  use?: string;
}
type Step = "claim" | "release" | "close";

export class ConversationView extends WorkspaceElement implements CopilotHost {
  static override properties = {
    ...WorkspaceElement.properties,
    me: { attribute: false },
    conversationId: { attribute: false },
    shown: { attribute: false },
    conversation: { state: true },
    messages: { state: true },
    notes: { state: true },
    draft: { state: true },
    suggestions: { state: true },
    suggesting: { state: true },
    replies: { state: true },
    team: { state: true },
    writing: { state: true },
  };
  me!: Me;
  conversationId = "";
  shown = false;
  conversation: ConversationState | null = null;
  messages: MessageOut[] = [];
  notes: NoteOut[] = [];
  draft = "";
  suggestions: SuggestionsOut | null = null;
  suggesting = false;
  replies: EntryOut[] = [];
  team: ListingAgentOut["items"] = [];
  writing = false;
  private inserted = "";
  private typingSentAt = 0;
  private quietAt = 0;
  private requests = 0;

  customerName = "";

  private get params(): { path: { conversation_id: string } } {
    return { path: { conversation_id: this.conversationId } };
  }
  private get mine(): boolean {
    return this.conversation?.state === "agent" && this.conversation.agent_id === this.me.id;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.draft = sessionStorage.getItem(`draft:${this.conversationId}`) ?? "";
    void this.read();
  }

  protected override languageChanged(): void {
    void this.suggest();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("messages") || (changed.has("shown") && this.shown)) {
      const log = this.querySelector(".log");
      if (log) log.scrollTop = log.scrollHeight;
    }
  }

  /**
   * Read what stands in the conversation now; a new word of the customer's asks the copilot again.
   */
  async read(): Promise<void> {
    const before = this.lastOfCustomer();
    const { params } = this;
    await this.refresh(async () => {
      const [conversation, transcript, notes] = await Promise.all([
        data(api.GET("/v1/conversations/{conversation_id}", { params })),
        data(api.GET("/v1/conversations/{conversation_id}/messages", { params })),
        data(api.GET("/v1/conversations/{conversation_id}/notes", { params })),
      ]);
      [this.conversation, this.messages, this.notes] = [
        conversation,
        transcript.items,
        notes.items,
      ];
    });
    if ((!this.suggestions && !this.suggesting) || (before && this.lastOfCustomer() !== before))
      void this.suggest();
    if (!this.replies.length && this.me.permissions.includes("tickets:read"))
      void this.readReplies();
  }

  private async readReplies(): Promise<void> {
    const params = { path: { kind: "template" as const } };
    const listing = await data(api.GET("/v1/rulebook/{kind}", { params })).catch(() => null);
    this.replies = (listing?.items ?? []).filter(
      (entry) => (entry.content as unknown as Template).use === "chat",
    );
  }

  private lastOfCustomer(): string {
    return this.messages.findLast((message) => message.author === "customer")?.id ?? "";
  }

  /** Ask the copilot, beside everything else; of several answers the last one asked for counts. */
  async suggest(another = false): Promise<void> {
    const request = (this.requests += 1);
    this.suggesting = true;
    const body = { conversation_id: this.conversationId, language: language(), another };
    const suggestions = await data(api.POST("/v1/copilot/suggestions", { body })).catch(() => null);
    if (request !== this.requests) return;
    this.suggesting = false;
    if (!suggestions) return;
    if (another && this.suggestions) this.use({ part: "reply", outcome: "regenerated" });
    this.suggestions = suggestions;
    this.customerName = nameIn(suggestions.customer);
  }

  use(use: UseNew): void {
    if (this.suggestions) this.record(this.suggestions.id, use);
  }

  private record(suggestion_id: string, body: UseNew): void {
    const params = { path: { suggestion_id } };
    void api
      .POST("/v1/copilot/suggestions/{suggestion_id}/uses", { params, body })
      .catch(() => undefined);
  }

  customerWrites(): void {
    this.writing = true;
    clearTimeout(this.quietAt);
    this.quietAt = window.setTimeout(() => {
      this.writing = false;
    }, TYPING_MS);
  }

  focusReply(): void {
    this.querySelector<HTMLTextAreaElement>(".reply textarea")?.focus();
  }

  insertSuggestion(): void {
    const text = this.suggestions?.reply.text ?? "";
    if (!text) return;
    this.insert(text);
    this.inserted = text;
    this.use({ part: "reply", outcome: "inserted" });
  }

  insertAnswer(id: string, text: string): void {
    this.insert(text);
    this.record(id, { part: "answer", outcome: "inserted" });
  }

  private insert(text: string): void {
    this.write(this.draft ? `${this.draft}\n${text}` : text);
    void this.updateComplete.then(() => this.focusReply());
  }

  private write(text: string): void {
    this.draft = text;
    sessionStorage.setItem(`draft:${this.conversationId}`, text);
    if (this.mine && text && now() - this.typingSentAt > TYPING_MS) {
      this.typingSentAt = now();
      const { params } = this;
      void api
        .POST("/v1/conversations/{conversation_id}/typing", { params })
        .catch(() => undefined);
    }
  }

  async step(step: Step): Promise<void> {
    const params = { path: { ...this.params.path, step } };
    await this.attempt(async () => {
      await api.POST("/v1/conversations/{conversation_id}/{step}", { params });
      await this.read();
      if (step === "claim") this.focusReply();
    });
  }

  private async send(): Promise<void> {
    const text = this.draft.trim();
    if (!text || this.busy) return;
    const { params } = this;
    const body = { text, client_message_id: crypto.randomUUID() };
    await this.attempt(async () => {
      const path = "/v1/conversations/{conversation_id}/messages";
      this.add((await data(api.POST(path, { params, body }))).messages);
      if (this.inserted)
        this.use({
          part: "reply",
          outcome: text === this.inserted.trim() ? "sent" : "sent_edited",
        });
      this.inserted = "";
      this.write("");
    });
    this.focusReply();
  }

  private add(messages: MessageOut[]): void {
    const present = new Set(this.messages.map((message) => message.id));
    this.messages = [...this.messages, ...messages.filter((message) => !present.has(message.id))];
  }

  private fill(code: string): void {
    const params = { path: { ...this.params.path, code } };
    void this.attempt(async () => {
      const path = "/v1/conversations/{conversation_id}/replies/{code}";
      this.insert((await data(api.GET(path, { params }))).text);
    });
  }

  private sendFile(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("file", file);
    const options = { params: this.params, ...multipart(form) };
    void this.attempt(async () => {
      const path = "/v1/conversations/{conversation_id}/files";
      this.add((await data(api.POST(path, options))).messages);
    });
    input.value = "";
  }

  private transfer(event: SubmitEvent): void {
    const { goal, note } = formFields<{ goal: string; note: string }>(event);
    const [kind, to = ""] = goal.split(":");
    const target = kind === "agent" ? { agent_id: to } : { queue: to };
    const body = { ...target, ...(note ? { note } : {}) } as Transfer;
    const { params } = this;
    void this.attempt(async () => {
      await api.POST("/v1/conversations/{conversation_id}/transfer", { params, body });
      dialog(this, `transfer-${this.conversationId}`).open = false;
      await this.read();
    }, say("transferred"));
  }

  private async chooseGoal(): Promise<void> {
    dialog(this, `transfer-${this.conversationId}`).open = true;
    const listing = await data(api.GET("/v1/workforce/agents")).catch(() => null);
    this.team = (listing?.items ?? []).filter((one) => one.staff_id !== this.me.id);
  }

  private addNote(event: SubmitEvent): void {
    const body = formFields<NoteNew>(event);
    const form = event.target as HTMLFormElement;
    const { params } = this;
    void this.attempt(async () => {
      const path = "/v1/conversations/{conversation_id}/notes";
      this.notes = [...this.notes, await data(api.POST(path, { params, body }))];
      form.reset();
    });
  }

  override render(): TemplateResult {
    const c = this.conversation;
    if (!c)
      return html`${this.feedback()}
        <p role="status">${common("loading")}</p>`;
    return html`<div class="conversation">
      <section class="transcript" aria-label=${say("transcript")}>
        <header>
          <h2>${this.customerName || say(c.customer_id ? "customer" : "visitor")}</h2>
          <small
            >${[
              name(c.channel),
              name(c.language),
              name(c.queue),
              c.state === "queued" ? distance(c.queued_at) : (c.agent_name ?? name(c.state)),
            ]
              .filter((word) => word !== "–")
              .join(" · ")}</small
          >
          <div class="bar">${this.steps(c)}</div>
        </header>
        ${
          c.signals.length
            ? html`<p class="signs" role="note">
                ${icon("triangle-alert")} ${say("signs")}:
                ${c.signals
                  .map((sign) => `${name(String(sign.signal))} “${String(sign.words)}”`)
                  .join(", ")}
              </p>`
            : nothing
        }
        <div
          class="log"
          role="log"
          aria-live=${this.shown ? "polite" : "off"}
          tabindex="0"
          aria-label=${say("transcript")}
        >
          ${repeat(
            this.messages,
            (message) => message.id,
            (message) => this.message(message),
          )}
        </div>
        <p class="writing" aria-live="polite">${this.writing ? say("typing") : nothing}</p>
        ${this.feedback()}
        ${
          c.state === "closed"
            ? html`<p role="status">${say("ended")}</p>`
            : this.mine
              ? this.replyForm()
              : nothing
        }
        <wa-details summary="${say("notes")} (${this.notes.length})"
          ><ul class="plain">
            ${this.notes.map(
              (note) =>
                html`<li>
                  <small>${note.author} · ${moment(note.created_at)}</small>
                  <p class="said">${note.text}</p>
                </li>`,
            )}
          </ul>
          <form class="row" @submit=${(event: SubmitEvent) => this.addNote(event)}>
            <input name="text" required maxlength="4000" aria-label=${say("add_note")} /><button>
              ${say("add_note")}
            </button>
          </form></wa-details
        >
        <conversation-turns
          .conversationId=${this.conversationId}
          .latest=${this.messages.at(-1)?.id ?? ""}
        ></conversation-turns>
      </section>
      <copilot-panel
        class="copilot"
        .view=${this}
        .suggestions=${this.suggestions}
        .suggesting=${this.suggesting}
        .me=${this.me}
        .customerId=${c.customer_id}
      ></copilot-panel>
      ${this.transferForm()}
    </div>`;
  }

  private steps(c: ConversationState): TemplateResult | typeof nothing {
    if (c.state === "closed") return nothing;
    if (this.mine) {
      return html`<button @click=${() => void this.chooseGoal()}>
          ${icon("arrow-right-left")} ${say("transfer")}
        </button>
        <button @click=${() => void this.step("release")}>${icon("bot")} ${say("release")}</button
        ><button @click=${() => void this.step("close")}>${icon("check")} ${say("end")}</button>`;
    }
    if (c.state === "agent")
      return html`<span>${say("taken_by", { name: c.agent_name ?? "" })}</span>`;
    return html`<button class="wa-brand" @click=${() => void this.step("claim")}>
      ${icon("hand")} ${say("claim")}
    </button>`;
  }

  private message(message: MessageOut): TemplateResult {
    const file = message.actions.find((action) => action.type === "file.added");
    const path = `/v1/conversations/${this.conversationId}/files/${textOf(file?.id)}/content`;
    // What stands in `said` is shown with its line breaks, so the template has none there.
    const text = file
      ? html`<a href=${path} download>${icon("paperclip")} ${message.text}</a>`
      : message.text;
    return html`<div class="message ${message.author}" lang=${message.language}>
      <small>${name(message.author)} · ${hour(message.created_at)}</small>
      <p class="said">${text}</p>
      ${
        message.citations.length
          ? html`<small
              >${[...new Set(message.citations.map((cited) => String(cited.title)))].join(
                " · ",
              )}</small
            >`
          : nothing
      }
    </div>`;
  }

  private replyForm(): TemplateResult {
    return html`<form
      class="reply"
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        void this.send();
      }}
    >
      <textarea
        rows="3"
        maxlength="10000"
        aria-label=${say("reply")}
        .value=${this.draft}
        @input=${(event: Event) => this.write(valueOf(event))}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void this.send();
          }
        }}
      ></textarea>
      <div class="bar">
        ${menu(
          say("ready"),
          this.replies.map((entry) => [
            entry.code,
            pick((entry.content as unknown as Template).names),
          ]),
          (code) => this.fill(code),
        )}
        <label class="button wa-plain"
          >${icon("paperclip")}<span class="hidden-label">${say("attach")}</span
          ><input
            type="file"
            class="hidden-label"
            @change=${(event: Event) => this.sendFile(event)}
        /></label>
        <button class="wa-brand" ?disabled=${!this.draft.trim() || this.busy}>
          ${icon("send")} ${common("send")}
        </button>
      </div>
    </form>`;
  }

  private transferForm(): TemplateResult {
    return html`<wa-dialog id="transfer-${this.conversationId}" label=${say("transfer")}>
      <form class="stack" @submit=${(event: SubmitEvent) => this.transfer(event)}>
        <label
          >${say("transfer")}
          <select name="goal" required>
            <optgroup label=${say("to_team")}>
              ${QUEUES.map((queue) => html`<option value="queue:${queue}">${name(queue)}</option>`)}
            </optgroup>
            <optgroup label=${say("to_colleague")}>
              ${this.team.map(
                (one) =>
                  html`<option value="agent:${one.staff_id}">
                    ${one.name} (${name(one.presence)})
                  </option>`,
              )}
            </optgroup>
          </select></label
        >
        <label
          >${say("transfer_note")} <textarea name="note" rows="3" maxlength="4000"></textarea>
        </label>
        <button class="wa-brand">${say("transfer")}</button>
      </form></wa-dialog
    >`;
  }
}

/** A customer's name as the reader writes it. */
function nameIn(customer: SuggestionsOut["customer"]): string {
  const native = language() === "zh" ? customer?.native_name : null;
  return [native, customer?.name].find(Boolean) ?? "";
}

customElements.define("conversation-view", ConversationView);
