// Conversations: the inbox, the ones that are open side by side, the copilot beside the one that is
// looked at.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { InboxEntry, InboxOut } from "../../shared/contract.js";
import { api, data } from "../../shared/api.js";
import { distance } from "../../shared/language.js";
import { changes, type Change } from "../changes.js";
import { QUEUES } from "../lists.js";
import { Page } from "../page.js";
import { dialog, icon } from "../element.js";
import { href, navigate, currentRoute } from "../router.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import { shortcuts, type Shortcut } from "./shortcuts.js";
import type { ConversationView } from "./view.js";
import "./view.js";

const VIEWS = ["waiting", "mine", "team", "assistant"] as const;
type Queue = (typeof QUEUES)[number];
type View = (typeof VIEWS)[number];
const COALESCE_MS = 250; // changes that come together are read together
const WAITING_MS = 30_000; // how often "waiting since" is drawn anew

class ConversationsPage extends Page {
  static override properties = {
    ...Page.properties,
    list: { state: true },
    counts: { state: true },
    opened: { state: true },
    moved: { state: true },
  };
  protected readonly at = "conversations";
  list: InboxEntry[] = [];
  counts: Record<string, number> = {};
  opened: string[] = [];
  private readonly changed = new Set<string>();
  private everything = false;
  private unseen = new Set<string>();

  override connectedCallback(): void {
    this.opened = JSON.parse(sessionStorage.getItem("opened") ?? "[]") as string[];
    super.connectedCallback();
    const ticking = window.setInterval(() => this.requestUpdate(), WAITING_MS);
    this.onDisconnect(() => clearInterval(ticking));
    this.onDisconnect(changes.on((change) => this.onChange(change)));
    this.onDisconnect(shortcuts(this.keys()));
  }

  private get view(): View {
    return (currentRoute().query.get("view") as View | null) ?? "waiting";
  }
  private get queue(): string {
    return currentRoute().query.get("queue") ?? "";
  }
  private get selected(): string {
    return currentRoute().part === "conversations" ? currentRoute().id : "";
  }

  protected override arrive(): void {
    if (this.selected && !this.opened.includes(this.selected))
      this.setOpened([...this.opened, this.selected]);
    this.unseen.delete(this.selected);
    super.arrive();
  }

  private setOpened(opened: string[]): void {
    this.opened = opened;
    sessionStorage.setItem("opened", JSON.stringify(opened));
  }

  protected override async read(): Promise<void> {
    const inbox = await this.readInbox(this.view);
    this.list = inbox.items;
    this.counts = inbox.counts;
  }

  private readInbox(view: View): Promise<InboxOut> {
    const params = { query: { view, ...(this.queue ? { queue: this.queue as Queue } : {}) } };
    return data(api.GET("/v1/conversations/inbox", { params }));
  }

  /**
   * A change is passed to the conversation if it is open; the inbox is read once for all that come
   * together.
   */
  private onChange(change: Change): void {
    if (change.type === "typing:customer") {
      if (change.conversation_id) this.viewOf(change.conversation_id)?.customerWrites();
      return;
    }
    if (change.type !== "message" && change.type !== "state" && change.type !== "everything")
      return;
    if (change.conversation_id) this.changed.add(change.conversation_id);
    else this.everything = true;
    this.coalesce(() => void this.refreshChanged(), COALESCE_MS);
  }

  private async refreshChanged(): Promise<void> {
    const [changed, everything] = [new Set(this.changed), this.everything];
    this.changed.clear();
    this.everything = false;
    const before = new Map(this.list.map((one) => [one.id, one]));
    const waitingBefore = this.counts.waiting ?? 0;
    await this.refresh(() => this.read());
    for (const id of this.opened) {
      if (!everything && !changed.has(id)) continue;
      void this.viewOf(id)?.read();
      if (id !== this.selected && !everything) this.unseen.add(id);
    }
    this.requestUpdate();
    this.announce(before, waitingBefore, changed);
  }

  private announce(
    before: Map<string, InboxEntry>,
    waitingBefore: number,
    changed: Set<string>,
  ): void {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted")
      return;
    const more = (this.counts.waiting ?? 0) > waitingBefore;
    const answered = this.list.find(
      (one) =>
        changed.has(one.id) &&
        one.agent_id === this.me.id &&
        one.last_author === "customer" &&
        before.get(one.id)?.last_at !== one.last_at,
    );
    if (more) new Notification(say("somebody_waits"), { tag: "waiting" });
    else if (answered) new Notification(say("new_message"), { tag: answered.id });
  }

  private viewOf(id: string): ConversationView | null {
    return this.querySelector<ConversationView>(`conversation-view[data-id="${CSS.escape(id)}"]`);
  }

  private customerName(id: string, entry: InboxEntry | undefined): string {
    return [this.viewOf(id)?.customerName, entry?.customer_name].find(Boolean) ?? "";
  }

  private where(id: string): string {
    return href("conversations", id, currentRoute().query);
  }

  private async next(): Promise<void> {
    await this.attempt(async () => {
      const [first] = (await this.readInbox("waiting")).items;
      if (!first) return;
      const params = { path: { conversation_id: first.id, step: "claim" as const } };
      await api.POST("/v1/conversations/{conversation_id}/{step}", { params });
      navigate(this.where(first.id));
      void this.viewOf(first.id)?.read();
    });
  }

  private shut(id: string): void {
    this.setOpened(this.opened.filter((one) => one !== id));
    if (id === this.selected) navigate(this.where(this.opened.at(-1) ?? ""));
  }

  private move(step: 1 | -1): void {
    const at = this.list.findIndex((one) => one.id === this.selected);
    const to = this.list[Math.max(0, Math.min(this.list.length - 1, at + step))];
    if (to) navigate(this.where(to.id));
  }

  private keys(): Shortcut[] {
    const view = (): ConversationView | null => this.viewOf(this.selected);
    return [
      { key: "n", label: () => say("key_next"), run: () => void this.next() },
      { key: "ArrowDown", label: () => say("key_move"), run: () => this.move(1) },
      { key: "ArrowUp", label: () => say("key_move"), run: () => this.move(-1) },
      { key: "c", label: () => say("key_claim"), run: () => void view()?.step("claim") },
      { key: "r", label: () => say("key_reply"), run: () => view()?.focusReply() },
      { key: "i", label: () => say("key_insert"), run: () => view()?.insertSuggestion() },
      {
        key: "q",
        label: () => say("key_ask"),
        run: () =>
          this.querySelector<HTMLInputElement>(
            `conversation-view[data-id="${CSS.escape(this.selected)}"] .question`,
          )?.focus(),
      },
      {
        key: "k",
        label: () => say("key_keys"),
        run: () => {
          dialog(this, "keys").open = true;
        },
      },
      ...Array.from({ length: 9 }, (_, at): Shortcut => ({
        key: String(at + 1),
        label: () => say("key_tab"),
        run: () => {
          const id = this.opened[at];
          if (id) navigate(this.where(id));
        },
      })),
    ];
  }

  override render(): TemplateResult {
    return html`<div class="desk ${this.selected ? "has-chosen" : ""}">
        <section class="inbox" aria-label=${say("inbox")}>
          <div class="bar">
            <button
              class="wa-brand"
              @click=${() => void this.next()}
              ?disabled=${!this.counts.waiting}
            >
              ${say("next")}
            </button>
            <button
              class="wa-plain"
              aria-label=${say("shortcuts")}
              @click=${() => {
                dialog(this, "keys").open = true;
              }}
            >
              ${icon("keyboard")}
            </button>
            ${this.notifying()}
          </div>
          <div class="bar views" role="group" aria-label=${say("inbox")}>
            ${VIEWS.map(
              (view) =>
                html`<a
                  class="view"
                  href=${href("conversations", this.selected, this.viewQuery(view))}
                  aria-current=${view === this.view ? "true" : nothing}
                >
                  ${say(view)} <span class="count">${this.counts[view] ?? 0}</span></a
                >`,
            )}
          </div>
          <label class="row"
            >${common("queue")}
            <select
              @change=${(event: Event) => this.setFilter((event.target as HTMLSelectElement).value)}
            >
              <option value="">${common("all")}</option>
              ${QUEUES.map(
                (queue) =>
                  html`<option value=${queue} ?selected=${queue === this.queue}>
                    ${name(queue)} ${this.counts[`queue:${queue}`] ?? ""}
                  </option>`,
              )}
            </select></label
          >
          ${this.error ? this.feedback() : nothing}
          ${
            this.list.length
              ? html`<ul class="entries">
                  ${repeat(
                    this.list,
                    (one) => one.id,
                    (one) => this.entry(one),
                  )}
                </ul>`
              : html`<p>${say("nobody")}</p>`
          }
        </section>
        <section class="opened" aria-label=${say("open_ones")}>
          ${this.opened.length ? this.tabs() : nothing}
          ${repeat(
            this.opened,
            (id) => id,
            (id) =>
              html`<conversation-view
                data-id=${id}
                .me=${this.me}
                .conversationId=${id}
                ?hidden=${id !== this.selected}
                .shown=${id === this.selected}
              ></conversation-view>`,
          )}
          ${this.selected ? nothing : html`<p class="empty">${say("choose")}</p>`}
        </section>
      </div>
      <wa-dialog id="keys" label=${say("shortcuts")} light-dismiss>${this.keyList()}</wa-dialog>`;
  }

  private viewQuery(view: View): URLSearchParams {
    const query = new URLSearchParams(currentRoute().query);
    query.set("view", view);
    return query;
  }

  private setFilter(queue: string): void {
    const query = new URLSearchParams(currentRoute().query);
    if (queue) query.set("queue", queue);
    else query.delete("queue");
    navigate(href("conversations", this.selected, query), true);
  }

  private notifying(): TemplateResult | typeof nothing {
    if (!("Notification" in window) || Notification.permission !== "default") return nothing;
    return html`<button
      class="wa-plain"
      @click=${() => void Notification.requestPermission().then(() => this.requestUpdate())}
    >
      ${icon("bell")} ${common("notify")}
    </button>`;
  }

  private entry(one: InboxEntry): TemplateResult {
    const who = one.customer_name ?? say(one.customer_id ? "customer" : "visitor");
    return html`<li>
      <a
        class="entry"
        href=${this.where(one.id)}
        aria-current=${one.id === this.selected ? "true" : nothing}
      >
        <span class="top"
          ><b>${who}</b>${
            one.priority === "normal" || one.priority === "low"
              ? nothing
              : html`<wa-badge variant=${one.priority === "urgent" ? "danger" : "warning"}
                  >${name(one.priority)}</wa-badge
                >`
          }</span
        >
        <span class="said" lang=${one.language}>${one.last_text ?? ""}</span>
        <small
          >${[
            one.state === "queued" ? distance(one.queued_at) : (one.agent_name ?? name(one.state)),
            name(one.queue),
            name(one.channel),
            name(one.language),
          ]
            .filter((word) => word !== "–")
            .join(" · ")}</small
        ></a
      >
    </li>`;
  }

  private tabs(): TemplateResult {
    const listed = new Map(this.list.map((one) => [one.id, one]));
    return html`<ul class="tabs">
      <li class="back"><a href=${this.where("")}>${icon("chevron-left")} ${say("back")}</a></li>
      ${this.opened.map(
        (id, at) =>
          html`<li class=${id === this.selected ? "now" : ""}>
            <a href=${this.where(id)} aria-current=${id === this.selected ? "true" : nothing}
              >${at + 1} · ${this.customerName(id, listed.get(id)) || say("visitor")}
              ${
                this.unseen.has(id)
                  ? html`<span class="dot unread"
                      ><span class="hidden-label">${say("new_message")}</span></span
                    >`
                  : nothing
              }</a
            >
            <button
              class="wa-plain"
              aria-label="${common("close")} ${at + 1}"
              @click=${() => this.shut(id)}
            >
              ${icon("x")}
            </button>
          </li>`,
      )}
    </ul>`;
  }

  private keyList(): TemplateResult {
    const shown = this.keys().filter(
      (one, at, all) => all.findIndex((other) => other.label() === one.label()) === at,
    );
    return html`<dl class="keys">
      ${shown.map(
        (one) =>
          html`<dt>
              <kbd>Alt</kbd>+<kbd
                >${
                  one.key === "1" ? "1…9" : one.key === "ArrowDown" ? "↓ ↑" : one.key.toUpperCase()
                }</kbd
              >
            </dt>
            <dd>${one.label()}</dd>`,
      )}
      <dt><kbd>Ctrl</kbd>+<kbd>Enter</kbd></dt>
      <dd>${say("key_send")}</dd>
    </dl>`;
  }
}

customElements.define("conversations-page", ConversationsPage);
