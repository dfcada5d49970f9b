// Conversations: the inbox, the ones that are open side by side, the copilot beside the one that is
// looked at.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { InboxEntry, InboxOut } from "../../shared/contract.js";
import { call } from "../../shared/api.js";
import { distance } from "../../shared/language.js";
import { changes, type Change } from "../changes.js";
import { QUEUES } from "../lists.js";
import { Page } from "../page.js";
import { dialog, icon } from "../part.js";
import { address, go, place } from "../places.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";
import { shortcuts, type Shortcut } from "./shortcuts.js";
import type { ConversationView } from "./view.js";
import "./view.js";

const VIEWS = ["waiting", "mine", "team", "assistant"] as const;
type View = (typeof VIEWS)[number];
const GATHER_MS = 250; // changes that come together are read together
const WAITED_MS = 30_000; // how often "waiting since" is told anew

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
    const ticking = window.setInterval(() => this.requestUpdate(), WAITED_MS);
    this.until(() => clearInterval(ticking));
    this.until(changes.on((change) => this.hear(change)));
    this.until(shortcuts(this.keys()));
  }

  private get view(): View {
    return (place().query.get("view") as View | null) ?? "waiting";
  }
  private get queue(): string {
    return place().query.get("queue") ?? "";
  }
  private get chosen(): string {
    return place().part === "conversations" ? place().id : "";
  }

  protected override arrive(): void {
    if (this.chosen && !this.opened.includes(this.chosen)) this.keep([...this.opened, this.chosen]);
    this.unseen.delete(this.chosen);
    super.arrive();
  }

  private keep(opened: string[]): void {
    this.opened = opened;
    sessionStorage.setItem("opened", JSON.stringify(opened));
  }

  protected override async read(): Promise<void> {
    const query = new URLSearchParams({
      view: this.view,
      ...(this.queue ? { queue: this.queue } : {}),
    });
    const found = await call<InboxOut>("GET", `/v1/conversations/inbox?${query}`);
    this.list = found.items;
    this.counts = found.counts;
  }

  /**
   * A change is told to the conversation if it is open; the inbox is read once for all that come
   * together.
   */
  private hear(change: Change): void {
    if (change.type === "typing:customer") {
      if (change.conversation_id) this.viewOf(change.conversation_id)?.customerWrites();
      return;
    }
    if (change.type !== "message" && change.type !== "state" && change.type !== "everything")
      return;
    if (change.conversation_id) this.changed.add(change.conversation_id);
    else this.everything = true;
    this.gather(() => void this.gathered(), GATHER_MS);
  }

  private async gathered(): Promise<void> {
    const [changed, everything] = [new Set(this.changed), this.everything];
    this.changed.clear();
    this.everything = false;
    const before = new Map(this.list.map((one) => [one.id, one]));
    const waited = this.counts["waiting"] ?? 0;
    await this.refresh(() => this.read());
    for (const id of this.opened) {
      if (!everything && !changed.has(id)) continue;
      void this.viewOf(id)?.read();
      if (id !== this.chosen && !everything) this.unseen.add(id);
    }
    this.requestUpdate();
    this.announce(before, waited, changed);
  }

  private announce(before: Map<string, InboxEntry>, waited: number, changed: Set<string>): void {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted")
      return;
    const more = (this.counts["waiting"] ?? 0) > waited;
    const said = this.list.find(
      (one) =>
        changed.has(one.id) &&
        one.agent_id === this.me.id &&
        one.last_author === "customer" &&
        before.get(one.id)?.last_at !== one.last_at,
    );
    if (more) new Notification(say("somebody_waits"), { tag: "waiting" });
    else if (said) new Notification(say("new_message"), { tag: said.id });
  }

  private viewOf(id: string): ConversationView | null {
    return this.querySelector<ConversationView>(`conversation-view[data-id="${CSS.escape(id)}"]`);
  }

  private where(id: string): string {
    return address("conversations", id, place().query);
  }

  private async next(): Promise<void> {
    await this.attempt(async () => {
      const waiting = (
        await call<InboxOut>(
          "GET",
          `/v1/conversations/inbox?view=waiting${this.queue ? `&queue=${this.queue}` : ""}`,
        )
      ).items;
      const first = waiting[0];
      if (!first) return;
      await call("POST", `/v1/conversations/${first.id}/claim`, {});
      go(this.where(first.id));
      void this.viewOf(first.id)?.read();
    });
  }

  private shut(id: string): void {
    this.keep(this.opened.filter((one) => one !== id));
    if (id === this.chosen) go(this.where(this.opened.at(-1) ?? ""));
  }

  private move(step: 1 | -1): void {
    const at = this.list.findIndex((one) => one.id === this.chosen);
    const to = this.list[Math.max(0, Math.min(this.list.length - 1, at + step))];
    if (to) go(this.where(to.id));
  }

  private keys(): Shortcut[] {
    const view = (): ConversationView | null => this.viewOf(this.chosen);
    return [
      { key: "n", says: () => say("key_next"), run: () => void this.next() },
      { key: "ArrowDown", says: () => say("key_move"), run: () => this.move(1) },
      { key: "ArrowUp", says: () => say("key_move"), run: () => this.move(-1) },
      { key: "c", says: () => say("key_claim"), run: () => void view()?.step("claim") },
      { key: "r", says: () => say("key_reply"), run: () => view()?.focusReply() },
      { key: "i", says: () => say("key_insert"), run: () => view()?.insertSuggestion() },
      {
        key: "q",
        says: () => say("key_ask"),
        run: () =>
          this.querySelector<HTMLInputElement>(
            `conversation-view[data-id="${CSS.escape(this.chosen)}"] .question`,
          )?.focus(),
      },
      {
        key: "k",
        says: () => say("key_keys"),
        run: () => {
          dialog(this, "keys").open = true;
        },
      },
      ...Array.from({ length: 9 }, (_, at): Shortcut => ({
        key: String(at + 1),
        says: () => say("key_tab"),
        run: () => {
          const id = this.opened[at];
          if (id) go(this.where(id));
        },
      })),
    ];
  }

  override render(): TemplateResult {
    return html`<div class="desk ${this.chosen ? "has-chosen" : ""}">
        <section class="inbox" aria-label=${say("inbox")}>
          <div class="bar">
            <button
              class="wa-brand"
              @click=${() => void this.next()}
              ?disabled=${!this.counts["waiting"]}
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
                  href=${address("conversations", this.chosen, this.viewQuery(view))}
                  aria-current=${view === this.view ? "true" : nothing}
                >
                  ${say(view)} <span class="count">${this.counts[view] ?? 0}</span></a
                >`,
            )}
          </div>
          <label class="row"
            >${common("queue")}
            <select
              @change=${(event: Event) => this.narrow((event.target as HTMLSelectElement).value)}
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
          ${this.error ? this.told() : nothing}
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
                ?hidden=${id !== this.chosen}
                .shown=${id === this.chosen}
              ></conversation-view>`,
          )}
          ${this.chosen ? nothing : html`<p class="empty">${say("choose")}</p>`}
        </section>
      </div>
      <wa-dialog id="keys" label=${say("shortcuts")} light-dismiss>${this.keyList()}</wa-dialog>`;
  }

  private viewQuery(view: View): URLSearchParams {
    const query = new URLSearchParams(place().query);
    query.set("view", view);
    return query;
  }

  private narrow(queue: string): void {
    const query = new URLSearchParams(place().query);
    if (queue) query.set("queue", queue);
    else query.delete("queue");
    go(address("conversations", this.chosen, query), true);
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
        aria-current=${one.id === this.chosen ? "true" : nothing}
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
    const known = new Map(this.list.map((one) => [one.id, one]));
    return html`<ul class="tabs">
      <li class="back"><a href=${this.where("")}>${icon("chevron-left")} ${say("back")}</a></li>
      ${this.opened.map(
        (id, at) =>
          html`<li class=${id === this.chosen ? "now" : ""}>
            <a href=${this.where(id)} aria-current=${id === this.chosen ? "true" : nothing}
              >${at + 1} ·
              ${this.viewOf(id)?.called || known.get(id)?.customer_name || say("visitor")}
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
      (one, at, all) => all.findIndex((other) => other.says() === one.says()) === at,
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
            <dd>${one.says()}</dd>`,
      )}
      <dt><kbd>Ctrl</kbd>+<kbd>Enter</kbd></dt>
      <dd>${say("key_send")}</dd>
    </dl>`;
  }
}

customElements.define("conversations-page", ConversationsPage);
