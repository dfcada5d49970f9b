// One ticket: what was said, its clocks, its steps, whom it is with, what is like it.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type {
  AttachmentOut,
  CommentOut,
  CommentRequest,
  EntryOut,
  ListingAgentOut,
  Me,
  Near,
  TicketDetail,
  TicketOut,
  TransitionRequest,
  paths,
} from "../../shared/contract.js";
import { api, data, ifMatch, multipart } from "../../shared/api.js";
import { distance, language, moment, percent, pick, type Language } from "../../shared/language.js";
import { textOf } from "../../shared/json.js";
import { PRIORITIES } from "../lists.js";
import { WorkspaceElement, formFields, icon, menu, valueOf } from "../element.js";
import { href } from "../router.js";
import { name, say as common } from "../words.js";
import { say } from "./words.js";

interface Preview {
  code: string;
  steps: string[];
  changes: Record<string, [unknown, unknown]>;
}
interface Names {
  names: Record<Language, string>;
  use?: string;
}

/** Which ticket is changed, as it was read. */
interface TicketTarget {
  params: { path: { ticket_id: string } };
  headers: Record<string, string>;
}
type TicketHistory =
  paths["/v1/tickets/{ticket_id}/history"]["get"]["responses"]["200"]["content"]["application/json"]["items"];
type EntryKind = "macro" | "template" | "cause";

class TicketDetailView extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
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
  changes: TicketHistory = [];
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

  private get params(): { path: { ticket_id: string } } {
    return { path: { ticket_id: this.ticketId } };
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
    const { params } = this;
    const [ticket, comments, changes, files] = await Promise.all([
      data(
        api.GET("/v1/tickets/{ticket_id}", {
          params: { ...params, query: { language: language() } },
        }),
      ),
      data(api.GET("/v1/tickets/{ticket_id}/comments", { params })),
      data(api.GET("/v1/tickets/{ticket_id}/history", { params })),
      data(api.GET("/v1/tickets/{ticket_id}/attachments", { params })),
    ]);
    if (id !== this.ticketId) return;
    [this.ticket, this.comments, this.changes, this.files] = [
      ticket,
      comments.items,
      changes.items,
      files.items,
    ];
    const [related, duplicates] = await Promise.all([
      data(
        api.GET("/v1/tickets/{ticket_id}/related", { params: { ...params, query: { limit: 5 } } }),
      ),
      data(api.GET("/v1/tickets/{ticket_id}/duplicates", { params })),
    ]);
    if (id === this.ticketId) [this.related, this.duplicates] = [related, duplicates];
  }

  private async readBook(): Promise<void> {
    const [macros, templates, causes, team] = await Promise.all([
      readEntries("macro"),
      readEntries("template"),
      readEntries("cause"),
      data(api.GET("/v1/workforce/agents")).catch(() => null),
    ]);
    this.book = {
      macros,
      replies: templates.filter((entry) => (entry.content as unknown as Names).use === "reply"),
      causes,
    };
    this.team = team?.items ?? [];
  }

  /**
   * Change the ticket as it was read; when it was changed meanwhile, the service refuses and it is
   * read again.
   */
  private change(work: (target: TicketTarget) => Promise<unknown>): Promise<boolean> {
    return this.attempt(async () => {
      try {
        await work({ params: this.params, headers: ifMatch(this.ticket?.version) });
      } finally {
        await this.read();
      }
    });
  }

  private transition(to: TransitionRequest["to"]): void {
    const body = { to } as TransitionRequest;
    void this.change((target) =>
      api.POST("/v1/tickets/{ticket_id}/transition", { ...target, body }),
    );
  }

  private assign(assignee: string): void {
    const body = { assignee };
    void this.change((target) => api.POST("/v1/tickets/{ticket_id}/assign", { ...target, body }));
  }

  private prioritise(priority: TicketOut["priority"]): void {
    const body = { priority };
    void this.change((target) => api.PATCH("/v1/tickets/{ticket_id}", { ...target, body }));
  }

  private setCause(code: string): void {
    const body = { code, note: "" };
    void this.change((target) =>
      api.POST("/v1/tickets/{ticket_id}/root_cause", { ...target, body }),
    );
  }

  private watch(): void {
    void this.change((target) => api.PUT("/v1/tickets/{ticket_id}/watching", { ...target }));
  }

  private async comment(event: SubmitEvent): Promise<void> {
    const body = formFields<CommentRequest>(event);
    const commented = await this.change((target) =>
      api.POST("/v1/tickets/{ticket_id}/comments", { ...target, body }),
    );
    if (commented) this.write("");
  }

  private write(text: string): void {
    this.draft = text;
    sessionStorage.setItem(`comment:${this.ticketId}`, text);
  }

  private entryParams(code: string): { path: { ticket_id: string; code: string } } {
    return { path: { ...this.params.path, code } };
  }

  private insert(code: string): void {
    const params = this.entryParams(code);
    void this.attempt(async () => {
      const path = "/v1/tickets/{ticket_id}/replies/{code}";
      const { text = "" } = await data(api.GET(path, { params }));
      this.write(this.draft ? `${this.draft}\n${text}` : text);
    });
  }

  private look(code: string): void {
    const params = this.entryParams(code);
    void this.attempt(async () => {
      const path = "/v1/tickets/{ticket_id}/macros/{code}";
      const preview = await data(api.GET(path, { params }));
      this.preview = { ...(preview as unknown as Preview), code };
    });
  }

  private async run(code: string): Promise<void> {
    const params = this.entryParams(code);
    const path = "/v1/tickets/{ticket_id}/macros/{code}";
    if (await this.change(({ headers }) => api.POST(path, { params, headers })))
      this.preview = null;
  }

  private merge(other: TicketOut): void {
    const params = { path: { ticket_id: other.id } };
    const headers = ifMatch(other.version);
    const body = { into: this.ticketId };
    void this.attempt(async () => {
      await api.POST("/v1/tickets/{ticket_id}/merge", { params, headers, body });
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
    const { params } = this;
    void this.attempt(async () => {
      await api.POST("/v1/tickets/{ticket_id}/attachments", { params, ...multipart(form) });
      await this.read();
    });
    input.value = "";
  }

  private article(): void {
    const { params } = this;
    const path = "/v1/tickets/{ticket_id}/article_draft";
    void this.attempt(async () => {
      const draft = await data(api.GET(path, { params }));
      if (draft.answered_by || !draft.title || !draft.body) {
        this.notice = say("answered", { title: draft.answered_by ?? "" });
        return;
      }
      const body = {
        slug: `from-${this.ticket?.reference.toLowerCase() ?? ""}`,
        title: draft.title,
        body: draft.body,
        questions: draft.question ? [draft.question] : [],
      };
      const { slug = "" } = await data(api.POST(path, { params, body }));
      this.notice = say("drafted", { slug });
    });
  }

  override render(): TemplateResult {
    const t = this.ticket;
    if (!t)
      return html`${this.feedback()}
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
            ? html` · <a href=${href("customers", t.customer_id)}>${say("customer")}</a>`
            : nothing
        }${
          t.conversation_id
            ? html` ·
                <a href=${href("conversations", t.conversation_id)}>${say("conversation")}</a>`
            : nothing
        }
      </p>
      <p class="said quote" lang=${t.language}>${t.description}</p>
      ${this.feedback()} ${this.writes ? this.steps(t) : nothing}
      ${this.preview ? this.previewed(this.preview) : nothing}
      <div class="halves">
        <section>
          ${this.clocks(t)}
          <h3>${say("why")}</h3>
          <ul>
            ${((t.routing.reasons as string[] | undefined) ?? []).map(
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
                <a href="/v1/tickets/${this.ticketId}/attachments/${file.id}/content" download
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
                  one.before ? html`${this.valueName(one.before)} → ` : nothing
                }${this.valueName(one.after)}${one.reason ? html` <em>${one.reason}</em>` : nothing}
              </li>`,
          )}
        </ol></wa-details
      >
    </article>`;
  }

  private steps(t: TicketDetail): TemplateResult {
    return html`<div class="bar">
        ${t.possible_steps.map(
          (to) => html`<button @click=${() => this.transition(to)}>→ ${name(to)}</button>`,
        )}
        <button
          class="wa-brand"
          ?disabled=${t.assignee_id === this.me.id}
          @click=${() => this.assign(this.me.id)}
        >
          ${icon("hand")} ${say("take")}
        </button>
      </div>
      <div class="bar">
        ${menu(
          `${say("who")}: ${this.team.find((one) => one.staff_id === t.assignee_id)?.name ?? say("nobody")}`,
          this.team.map((one) => [one.staff_id, `${one.name} (${one.open}/${one.most_open})`]),
          (assignee) => this.assign(assignee),
        )}
        ${menu(
          `${common("priority")}: ${name(t.priority)}`,
          PRIORITIES.map((one) => [one, name(one)]),
          (priority) => this.prioritise(priority as TicketOut["priority"]),
        )}
        ${this.entries("macro", this.book.macros, (code) => this.look(code))}
        ${
          ["resolved", "closed"].includes(t.state)
            ? html`${this.entries(
                  "cause",
                  this.book.causes,
                  (code) => this.setCause(code),
                  t.root_cause,
                )}
                <button @click=${() => this.article()}>
                  ${icon("book-open")} ${say("article")}
                </button>`
            : nothing
        }
        <button @click=${() => this.watch()}>${icon("eye")} ${say("watch")}</button>
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
    const nameOf = (entry: EntryOut): string => pick((entry.content as unknown as Names).names);
    const present = entries.find((entry) => entry.code === now);
    return menu(
      present ? `${say(label)}: ${nameOf(present)}` : say(label),
      entries.map((entry) => [entry.code, nameOf(entry)]),
      chosen,
    );
  }

  /** A value of the history: a colleague is called by name. */
  private valueName(value: string | null): string {
    return this.team.find((one) => one.staff_id === value)?.name ?? name(value);
  }

  private previewed(preview: Preview): TemplateResult {
    return html`<section class="card" aria-live="polite">
      <b>${say("will")}</b>
      <ul>
        ${preview.steps.map((step) => html`<li>${worded(step)}</li>`)}
        ${Object.entries(preview.changes).map(
          ([field, [before, after]]) =>
            html`<li>${name(field)}: ${plain(before)} → ${plain(after)}</li>`,
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
      html`<a href=${href("tickets", near.ticket.id)}>${near.ticket.reference}</a>
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

/** A value of a change as the service has it. */
const plain = (value: unknown): string =>
  value === null || value === undefined ? "–" : textOf(value) || JSON.stringify(value);

async function readEntries(kind: EntryKind): Promise<EntryOut[]> {
  const params = { path: { kind } };
  const listing = await data(api.GET("/v1/rulebook/{kind}", { params })).catch(() => null);
  return listing?.items ?? [];
}

customElements.define("ticket-detail", TicketDetailView);
