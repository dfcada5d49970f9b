// One ticket: what was said, its clocks, its steps, whom it is with, what is like it.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type {
  AttachmentOut,
  CommentOut,
  EntryOut,
  ListingAgentOut,
  ListingAttachmentOut,
  ListingCommentOut,
  ListingEntryOut,
  Me,
  Near,
  Suggestion,
  TicketDetail,
  TicketOut,
} from "../../shared/contract.js";
import { call, upload } from "../../shared/api.js";
import { distance, language, moment, percent, pick, type Language } from "../../shared/language.js";
import { PRIORITIES } from "../lists.js";
import { Part, given, icon, menu, valueOf } from "../part.js";
import { address } from "../places.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";

interface Change {
  at: string;
  actor: string;
  what: string;
  before: string | null;
  after: string | null;
  reason: string | null;
}
interface Preview {
  code: string;
  steps: string[];
  changes: Record<string, [unknown, unknown]>;
}
interface Named {
  names: Record<Language, string>;
  use?: string;
}

class TicketDetailView extends Part {
  static override properties = {
    ...Part.properties,
    me: { attribute: false },
    ticketId: { attribute: false },
    ticket: { state: true },
    comments: { state: true },
    changes: { state: true },
    files: { state: true },
    related: { state: true },
    duplicates: { state: true },
    book: { state: true },
    team: { state: true },
    preview: { state: true },
    draft: { state: true },
  };
  me!: Me;
  ticketId = "";
  ticket: TicketDetail | null = null;
  comments: CommentOut[] = [];
  changes: Change[] = [];
  files: AttachmentOut[] = [];
  related: Near[] = [];
  duplicates: Near[] = [];
  book: { macros: EntryOut[]; replies: EntryOut[]; causes: EntryOut[] } = {
    macros: [],
    replies: [],
    causes: [],
  };
  team: ListingAgentOut["items"] = [];
  preview: Preview | null = null;
  draft = "";

  private get path(): string {
    return `/v1/tickets/${this.ticketId}`;
  }
  private get writes(): boolean {
    return this.me.permissions.includes("tickets:write");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.readBook();
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("ticketId")) {
      this.preview = null;
      this.draft = sessionStorage.getItem(`comment:${this.ticketId}`) ?? "";
      void this.attempt(() => this.read());
    }
  }

  protected override languageChanged(): void {
    void this.refresh(() => this.read());
  }

  private async read(): Promise<void> {
    const id = this.ticketId;
    const [ticket, comments, changes, files] = await Promise.all([
      call<TicketDetail>("GET", `${this.path}?language=${language()}`),
      call<ListingCommentOut>("GET", `${this.path}/comments`),
      call<{ items: Change[] }>("GET", `${this.path}/history`),
      call<ListingAttachmentOut>("GET", `${this.path}/attachments`),
    ]);
    if (id !== this.ticketId) return;
    [this.ticket, this.comments, this.changes, this.files] = [
      ticket,
      comments.items,
      changes.items,
      files.items,
    ];
    const [related, duplicates] = await Promise.all([
      call<Near[]>("GET", `${this.path}/related?limit=5`),
      call<Near[]>("GET", `${this.path}/duplicates`),
    ]);
    if (id === this.ticketId) [this.related, this.duplicates] = [related, duplicates];
  }

  private async readBook(): Promise<void> {
    const of = async (kind: string): Promise<EntryOut[]> =>
      (
        await call<ListingEntryOut>("GET", `/v1/rulebook/${kind}`).catch(() => ({
          items: [] as EntryOut[],
        }))
      ).items;
    const [macros, templates, causes, team] = await Promise.all([
      of("macro"),
      of("template"),
      of("cause"),
      call<ListingAgentOut>("GET", "/v1/workforce/agents").catch(() => null),
    ]);
    this.book = {
      macros,
      replies: templates.filter((entry) => (entry.content as unknown as Named).use === "reply"),
      causes,
    };
    this.team = team?.items ?? [];
  }

  /**
   * Change the ticket as it was read; when it was changed meanwhile, that is said and it is read
   * again.
   */
  private change(method: string, path: string, body: unknown): Promise<boolean> {
    return this.attempt(async () => {
      try {
        await call(method, `${this.path}${path}`, body, { version: this.ticket?.version });
      } finally {
        await this.read();
      }
    });
  }

  private async comment(event: SubmitEvent): Promise<void> {
    const { text, visibility } = given(event);
    if (await this.change("POST", "/comments", { text, visibility })) this.write("");
  }

  private write(text: string): void {
    this.draft = text;
    sessionStorage.setItem(`comment:${this.ticketId}`, text);
  }

  private insert(code: string): void {
    void this.attempt(async () => {
      const { text } = await call<{ text: string }>("GET", `${this.path}/replies/${code}`);
      this.write(this.draft ? `${this.draft}\n${text}` : text);
    });
  }

  private look(code: string): void {
    void this.attempt(async () => {
      this.preview = { ...(await call<Preview>("GET", `${this.path}/macros/${code}`)), code };
    });
  }

  private async run(code: string): Promise<void> {
    if (await this.change("POST", `/macros/${code}`, undefined)) this.preview = null;
  }

  private merge(other: TicketOut): void {
    void this.attempt(async () => {
      await call(
        "POST",
        `/v1/tickets/${other.id}/merge`,
        { into: this.ticketId },
        { version: other.version },
      );
      await this.read();
    });
  }

  private attach(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("file", file);
    form.set("visibility", "internal");
    void this.attempt(async () => {
      await upload(`${this.path}/attachments`, form);
      await this.read();
    });
    input.value = "";
  }

  private article(): void {
    void this.attempt(async () => {
      const found = await call<Suggestion>("GET", `${this.path}/article_draft`);
      if (found.answered_by || !found.title || !found.body) {
        this.notice = say("answered", { title: found.answered_by ?? "" });
        return;
      }
      const slug = `from-${this.ticket?.reference.toLowerCase()}`;
      const made = await call<{ slug: string }>("POST", `${this.path}/article_draft`, {
        slug,
        title: found.title,
        body: found.body,
        questions: found.question ? [found.question] : [],
      });
      this.notice = say("drafted", { slug: made.slug });
    });
  }

  override render(): TemplateResult {
    const t = this.ticket;
    if (!t)
      return html`${this.told()}
        <p role="status">${common("loading")}</p>`;
    return html`<article aria-label=${t.reference}>
      <h2>${t.reference} <span lang=${t.language}>${t.subject}</span></h2>
      <p>
        <small
          >${[
            name(t.kind),
            name(t.queue),
            name(t.priority),
            name(t.state),
            name(t.channel),
            name(t.language),
          ].join(" · ")}
          · ${say("opened")} ${moment(t.created_at)}</small
        >
        ${
          t.customer_id
            ? html` · <a href=${address("customers", t.customer_id)}>${say("customer")}</a>`
            : nothing
        }${
          t.conversation_id
            ? html` ·
                <a href=${address("conversations", t.conversation_id)}>${say("conversation")}</a>`
            : nothing
        }
      </p>
      <p class="said quote" lang=${t.language}>${t.description}</p>
      ${this.told()} ${this.writes ? this.steps(t) : nothing}
      ${this.preview ? this.previewed(this.preview) : nothing}
      <div class="halves">
        <section>
          ${this.clocks(t)}
          <h3>${say("why")}</h3>
          <ul>
            ${((t.routing["reasons"] as string[] | undefined) ?? []).map(
              (reason) => html`<li>${reason}</li>`,
            )}
          </ul>
        </section>
        <section>${this.near(t)}</section>
      </div>
      <section>
        <h3>${say("talk")}</h3>
        <ul class="plain">
          ${this.comments.map(
            (one) =>
              html`<li class="card">
                <small
                  >${name(one.author.split(":")[0])} ·
                  ${say(one.visibility === "public" ? "to_customer" : "among")} ·
                  ${moment(one.created_at)}</small
                >
                <p class="said">${one.text}</p>
              </li>`,
          )}
        </ul>
        ${this.writes ? this.commentForm() : nothing}
      </section>
      <section>
        <h3>${say("files")}</h3>
        <ul class="plain">
          ${this.files.map(
            (file) =>
              html`<li>
                <a href="${this.path}/attachments/${file.id}/content" download
                  >${icon("paperclip")} ${file.name}</a
                >
                <small>${moment(file.created_at)}</small>
              </li>`,
          )}
        </ul>
        ${
          this.writes
            ? html`<label class="button"
                >${icon("paperclip")} ${say("attach")}<input
                  type="file"
                  class="hidden-label"
                  @change=${(event: Event) => this.attach(event)}
              /></label>`
            : nothing
        }
      </section>
      <wa-details summary="${say("history")} (${this.changes.length})"
        ><ol class="plain">
          ${this.changes.map(
            (one) =>
              html`<li>
                <small>${moment(one.at)} · ${name(one.actor.split(":")[0])}</small>
                ${name(one.what)}:
                ${
                  one.before ? html`${this.said(one.before)} → ` : nothing
                }${this.said(one.after)}${one.reason ? html` <em>${one.reason}</em>` : nothing}
              </li>`,
          )}
        </ol></wa-details
      >
    </article>`;
  }

  private steps(t: TicketDetail): TemplateResult {
    return html`<div class="bar">
        ${t.possible_steps.map(
          (to) =>
            html`<button @click=${() => void this.change("POST", "/transition", { to })}>
              → ${name(to)}
            </button>`,
        )}
        <button
          class="wa-brand"
          ?disabled=${t.assignee_id === this.me.id}
          @click=${() => void this.change("POST", "/assign", { assignee: this.me.id })}
        >
          ${icon("hand")} ${say("take")}
        </button>
      </div>
      <div class="bar">
        ${menu(
          `${say("who")}: ${this.team.find((one) => one.staff_id === t.assignee_id)?.name ?? say("nobody")}`,
          this.team.map((one) => [one.staff_id, `${one.name} (${one.open}/${one.most_open})`]),
          (assignee) => void this.change("POST", "/assign", { assignee }),
        )}
        ${menu(
          `${common("priority")}: ${name(t.priority)}`,
          PRIORITIES.map((one) => [one, name(one)]),
          (priority) => void this.change("PATCH", "", { priority }),
        )}
        ${this.entries("macro", this.book.macros, (code) => this.look(code))}
        ${
          ["resolved", "closed"].includes(t.state)
            ? html`${this.entries("cause", this.book.causes, (code) => void this.change("POST", "/root_cause", { code, note: "" }), t.root_cause)}
                <button @click=${() => this.article()}>
                  ${icon("book-open")} ${say("article")}
                </button>`
            : nothing
        }
        <button @click=${() => void this.change("PUT", "/watching", undefined)}>
          ${icon("eye")} ${say("watch")}
        </button>
      </div>`;
  }

  /** A menu of entries of the rulebook. */
  private entries(
    label: "macro" | "reply" | "cause",
    entries: EntryOut[],
    chosen: (code: string) => void,
    now: string | null = null,
  ): TemplateResult | typeof nothing {
    if (!entries.length) return nothing;
    const said = (entry: EntryOut): string => pick((entry.content as unknown as Named).names);
    const present = entries.find((entry) => entry.code === now);
    return menu(
      present ? `${say(label)}: ${said(present)}` : say(label),
      entries.map((entry) => [entry.code, said(entry)]),
      chosen,
    );
  }

  /** A value of the history: a colleague is called by name. */
  private said(value: string | null): string {
    return this.team.find((one) => one.staff_id === value)?.name ?? name(value);
  }

  private previewed(preview: Preview): TemplateResult {
    return html`<section class="card" aria-live="polite">
      <b>${say("will")}</b>
      <ul>
        ${preview.steps.map((step) => html`<li>${worded(step)}</li>`)}
        ${Object.entries(preview.changes).map(
          ([field, [before, after]]) =>
            html`<li>${name(field)}: ${String(before ?? "–")} → ${String(after ?? "–")}</li>`,
        )}
      </ul>
      <button class="wa-brand" @click=${() => void this.run(preview.code)}>${say("run")}</button>
      <button
        @click=${() => {
          this.preview = null;
        }}
      >
        ${common("cancel")}
      </button>
    </section>`;
  }

  private clocks(t: TicketDetail): TemplateResult {
    return html`<h3>${say("clocks")}</h3>
      <ul class="plain">
        ${t.clocks.map(
          (clock) =>
            html`<li class=${clock.breached_at && !clock.met_at ? "late" : ""}>
              ${icon("clock")} ${name(clock.name)}:
              ${
                clock.met_at
                  ? say("met", { time: moment(clock.met_at) })
                  : clock.due_at
                    ? say("until", { time: moment(clock.due_at), distance: distance(clock.due_at) })
                    : say("stands")
              }
              ${
                clock.breached_at
                  ? html`<wa-badge variant="danger">${say("broken")}</wa-badge>`
                  : nothing
              }
            </li>`,
        )}
      </ul>`;
  }

  private near(t: TicketDetail): TemplateResult {
    const line = (near: Near): TemplateResult =>
      html`<a href=${address("tickets", near.ticket.id)}>${near.ticket.reference}</a>
        <span lang=${near.ticket.language}>${near.ticket.subject}</span>
        <small>${name(near.ticket.state)} · ${percent(near.cosine)}</small>`;
    return html`${
        this.duplicates.length
          ? html`<h3>${say("duplicates")}</h3>
              <ul class="plain">
                ${this.duplicates.map(
                  (near) =>
                    html`<li>
                      ${line(near)}
                      ${
                        this.writes && near.ticket.id !== t.id
                          ? html`<button @click=${() => this.merge(near.ticket)}>
                              ${say("merge")}
                            </button>`
                          : nothing
                      }
                    </li>`,
                )}
              </ul>`
          : nothing
      }
      <h3>${say("related")}</h3>
      ${
        this.related.length
          ? html`<ul class="plain">
              ${this.related.map((near) => html`<li>${line(near)}</li>`)}
            </ul>`
          : html`<p>${common("none")}</p>`
      }`;
  }

  private commentForm(): TemplateResult {
    return html`${this.entries("reply", this.book.replies, (code) => this.insert(code))}
      <form class="stack" @submit=${(event: SubmitEvent) => void this.comment(event)}>
        <textarea
          name="text"
          required
          rows="3"
          maxlength="10000"
          aria-label=${say("comment")}
          .value=${this.draft}
          @input=${(event: Event) => this.write(valueOf(event))}
        ></textarea>
        <div class="bar">
          <select name="visibility" aria-label=${say("comment")}>
            <option value="public">${say("to_customer")}</option>
            <option value="internal">${say("among")}</option>
          </select>
          <button class="wa-brand" ?disabled=${this.busy}>${icon("send")} ${common("send")}</button>
        </div>
      </form>`;
  }
}

/** A step of a macro, "what: to what", with its names said. */
function worded(step: string): string {
  const [what = "", ...to] = step.split(": ");
  return `${name(what)}: ${name(to.join(": "))}`;
}

customElements.define("ticket-detail", TicketDetailView);
