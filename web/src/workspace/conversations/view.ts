// One conversation: its transcript, what may be done with it, the reply, notes among staff, and the
// copilot beside it.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type {
  ConversationState,
  EntryOut,
  ListingAgentOut,
  ListingEntryOut,
  ListingNoteOut,
  Me,
  MessageOut,
  NoteOut,
  ReadyLine,
  SuggestionsOut,
  TranscriptOut,
  TurnOut,
  UseNew,
} from "../../shared/contract.js";
import { call, upload } from "../../shared/api.js";
import { distance, hour, language, moment, pick, type Language } from "../../shared/language.js";
import { QUEUES } from "../lists.js";
import { Part, dialog, given, icon, menu, valueOf } from "../part.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import "./copilot.js";

const WRITES_MS = 4000; // how long "is writing" is shown, and how often it is told
interface Template {
  names: Record<Language, string>;
  use?: string;
}
type Step = "claim" | "release" | "close";

export class ConversationView extends Part {
  static override properties = {
    ...Part.properties,
    me: { attribute: false },
    conversationId: { attribute: false },
    shown: { attribute: false },
    conversation: { state: true },
    messages: { state: true },
    notes: { state: true },
    draft: { state: true },
    suggestions: { state: true },
    suggesting: { state: true },
    ready: { state: true },
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
  ready: EntryOut[] = [];
  team: ListingAgentOut["items"] = [];
  writing = false;
  private inserted = "";
  private toldAt = 0;
  private quietAt = 0;
  private asked = 0;

  called = "";

  private get path(): string {
    return `/v1/conversations/${this.conversationId}`;
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
    await this.refresh(async () => {
      const [conversation, transcript, notes] = await Promise.all([
        call<ConversationState>("GET", this.path),
        call<TranscriptOut>("GET", `${this.path}/messages`),
        call<ListingNoteOut>("GET", `${this.path}/notes`),
      ]);
      [this.conversation, this.messages, this.notes] = [
        conversation,
        transcript.items,
        notes.items,
      ];
    });
    if ((!this.suggestions && !this.suggesting) || (before && this.lastOfCustomer() !== before))
      void this.suggest();
    if (!this.ready.length && this.me.permissions.includes("tickets:read")) void this.readReady();
  }

  private async readReady(): Promise<void> {
    const found = await call<ListingEntryOut>("GET", "/v1/rulebook/template").catch(() => null);
    this.ready = (found?.items ?? []).filter(
      (entry) => (entry.content as unknown as Template).use === "chat",
    );
  }

  private lastOfCustomer(): string {
    return this.messages.findLast((message) => message.author === "customer")?.id ?? "";
  }

  /** Ask the copilot, beside everything else; of several answers the last one asked for counts. */
  async suggest(another = false): Promise<void> {
    const asked = (this.asked += 1);
    this.suggesting = true;
    const body = { conversation_id: this.conversationId, language: language(), another };
    const found = await call<SuggestionsOut>("POST", "/v1/copilot/suggestions", body).catch(
      () => null,
    );
    if (asked !== this.asked) return;
    this.suggesting = false;
    if (!found) return;
    if (another && this.suggestions) this.use({ part: "reply", outcome: "regenerated" });
    this.suggestions = found;
    this.called = found.customer
      ? (language() === "zh" && found.customer.native_name) || found.customer.name
      : "";
  }

  /** Tell the log what became of a part of the suggestion. */
  use(use: UseNew): void {
    const shown = this.suggestions;
    if (shown)
      void call("POST", `/v1/copilot/suggestions/${shown.id}/uses`, use).catch(() => undefined);
  }

  customerWrites(): void {
    this.writing = true;
    clearTimeout(this.quietAt);
    this.quietAt = window.setTimeout(() => {
      this.writing = false;
    }, WRITES_MS);
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

  /** An answer to the agent's own question goes into the reply; the log hears of it. */
  insertAnswer(id: string, text: string): void {
    this.insert(text);
    void call("POST", `/v1/copilot/suggestions/${id}/uses`, {
      part: "answer",
      outcome: "inserted",
    }).catch(() => undefined);
  }

  private insert(text: string): void {
    this.write(this.draft ? `${this.draft}\n${text}` : text);
    void this.updateComplete.then(() => this.focusReply());
  }

  private write(text: string): void {
    this.draft = text;
    sessionStorage.setItem(`draft:${this.conversationId}`, text);
    if (this.mine && text && Date.now() - this.toldAt > WRITES_MS) {
      this.toldAt = Date.now();
      void call("POST", `${this.path}/typing`).catch(() => undefined);
    }
  }

  async step(step: Step): Promise<void> {
    await this.attempt(async () => {
      await call("POST", `${this.path}/${step}`, {});
      await this.read();
      if (step === "claim") this.focusReply();
    });
  }

  private async send(): Promise<void> {
    const text = this.draft.trim();
    if (!text || this.busy) return;
    const key = crypto.randomUUID();
    await this.attempt(async () => {
      const turn = await call<TurnOut>("POST", `${this.path}/messages`, {
        text,
        client_message_id: key,
      });
      this.add(turn.messages);
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
    const known = new Set(this.messages.map((message) => message.id));
    this.messages = [...this.messages, ...messages.filter((message) => !known.has(message.id))];
  }

  private fill(code: string): void {
    void this.attempt(async () => {
      this.insert((await call<ReadyLine>("GET", `${this.path}/replies/${code}`)).text);
    });
  }

  private sendFile(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("file", file);
    void this.attempt(async () => {
      this.add((await upload<TurnOut>(`${this.path}/files`, form)).messages);
    });
    input.value = "";
  }

  private transfer(event: SubmitEvent): void {
    const { goal, note } = given(event);
    const [kind, to] = (goal ?? "").split(":");
    void this.attempt(async () => {
      await call("POST", `${this.path}/transfer`, {
        ...(kind === "agent" ? { agent_id: to } : { queue: to }),
        ...(note ? { note } : {}),
      });
      dialog(this, `transfer-${this.conversationId}`).open = false;
      await this.read();
    }, say("transferred"));
  }

  private async chooseGoal(): Promise<void> {
    dialog(this, `transfer-${this.conversationId}`).open = true;
    const found = await call<ListingAgentOut>("GET", "/v1/workforce/agents").catch(() => ({
      items: [] as ListingAgentOut["items"],
    }));
    this.team = found.items.filter((one) => one.staff_id !== this.me.id);
  }

  private addNote(event: SubmitEvent): void {
    const { text } = given(event);
    const form = event.target as HTMLFormElement;
    void this.attempt(async () => {
      this.notes = [...this.notes, await call<NoteOut>("POST", `${this.path}/notes`, { text })];
      form.reset();
    });
  }

  override render(): TemplateResult {
    const c = this.conversation;
    if (!c)
      return html`${this.told()}
        <p role="status">${common("loading")}</p>`;
    return html`<div class="conversation">
      <section class="transcript" aria-label=${say("transcript")}>
        <header>
          <h2>${this.called || say(c.customer_id ? "customer" : "visitor")}</h2>
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
                  .map((sign) => `${name(String(sign["signal"]))} “${String(sign["words"])}”`)
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
        ${this.told()}
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

  private steps(c: ConversationState): TemplateResult {
    if (c.state === "closed") return html``;
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
    const file = message.actions.find((action) => action["type"] === "file.added");
    const path = `${this.path}/files/${String(file?.["id"])}/content`;
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
              >${[...new Set(message.citations.map((cited) => String(cited["title"])))].join(
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
          this.ready.map((entry) => [
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

customElements.define("conversation-view", ConversationView);
