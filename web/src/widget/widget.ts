// The chat widget: one custom element in a shadow root, in one script.
//
//   <script type="module" src="https://bank.example/widget.js"></script>
//   <bank-assistant lang="en" identity-token="..."></bank-assistant>
//
// identity-token: whom the bank's site has signed in; taking it away signs out here as well. theme:
// light or dark, else the system's. starters: questions that are offered first, as a JSON list.

import { LitElement, html, nothing, svg, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { MessageOut } from "../shared/contract.js";
import { setReaderLanguage } from "../shared/api.js";
import { textOf } from "../shared/json.js";
import { fields, fileOf, formOf, products, sources, tickets, type Form } from "./cards.js";
import { Conversation } from "./conversation.js";
import type { OutboxMessage } from "./outbox.js";
import { styles } from "./styles.js";
import { say, type Language } from "./texts.js";

const BASE = new URL(".", import.meta.url).href.replace(/\/$/, "");
const PREFERENCES_KEY = "bank-assistant-wishes";
const TONE_S = 0.15;
const STARTERS: Record<Language, string[]> = {
  en: ["When does my new card arrive?", "I want to open a ticket", "What is my balance?"],
  zh: ["新卡什么时候寄到？", "我要提交工单", "我的余额是多少？"],
};
const BUBBLE = svg`<path fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" d="M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5Z"/>`;
const CLIP = svg`<path fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.5 7"/>`;

interface Preferences {
  sound: boolean;
  notify: boolean;
}

export class BankAssistant extends LitElement {
  static override styles = styles;
  static override properties = {
    open: { type: Boolean, reflect: true },
    identityToken: { type: String, attribute: "identity-token" },
    starters: { type: Array },
    language: { state: true },
    error: { state: true },
    unread: { state: true },
    preferences: { state: true },
    rating: { state: true },
    notice: { state: true },
    voted: { state: true },
  };
  open = false;
  /** Null when the site has taken the attribute away. */
  identityToken: string | null = "";
  starters: string[] = [];
  language: Language = (
    this.lang ||
    document.documentElement.lang ||
    navigator.language
  ).startsWith("zh")
    ? "zh"
    : "en";
  error = "";
  notice = "";
  unread = 0;
  rating: "" | "open" | "sent" = "";
  preferences: Preferences = JSON.parse(
    localStorage.getItem(PREFERENCES_KEY) ?? '{"sound":false,"notify":false}',
  ) as Preferences;
  voted = new Set<string>();
  private readonly conversation = new Conversation(this, {
    base: BASE,
    language: () => this.language,
    identity: () => this.identityToken ?? "",
    onMessage: (message) => this.onMessage(message),
    onProblem: (detail) => {
      this.error = detail;
    },
    onEnded: () => {
      this.notice = say("signed_out", this.language);
    },
  });
  private atEnd = true;
  private toEnd = false; // after one’s own words, wherever one had scrolled to

  override firstUpdated(): void {
    setReaderLanguage(() => this.language);
    void this.conversation.resume();
  }

  override willUpdate(): void {
    const log = this.renderRoot.querySelector(".log");
    this.atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("identityToken") && changed.get("identityToken") !== undefined)
      void this.conversation.identified();
    const log = this.renderRoot.querySelector(".log");
    if (log && (this.atEnd || this.toEnd || changed.has("open"))) log.scrollTop = log.scrollHeight;
    if (!this.conversation.waiting.length) this.toEnd = false;
    if (changed.has("open") && this.open) {
      this.unread = 0;
      void this.conversation.resume();
      this.renderRoot.querySelector<HTMLInputElement>(".compose > input")?.focus();
    }
  }

  /**
   * Something was said to the customer: it is counted while nobody looks, and heard only where that
   * was asked for.
   */
  private onMessage(message: MessageOut): void {
    if (this.open && !document.hidden) return;
    if (!this.open) this.unread += 1;
    if (this.preferences.sound) tone();
    if (this.preferences.notify && document.hidden && Notification.permission === "granted")
      new Notification(say("title", this.language), {
        body: message.text.slice(0, 120),
        tag: "bank-assistant",
      });
  }

  private send(text: string): void {
    this.toEnd = true;
    this.error = this.notice = "";
    void this.conversation.send(text).then(() => this.switched());
  }

  /** The language may have been changed in words. */
  private switched(): void {
    const last = this.conversation.messages.findLast((message) =>
      message.actions.some((action) => action.type === "language.changed"),
    );
    if (last && last === this.conversation.messages.at(-1)) this.language = last.language;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>(".compose > input");
    if (!input?.value.trim()) return;
    this.send(input.value);
    input.value = "";
  }

  private fill(event: SubmitEvent, form: Form): void {
    event.preventDefault();
    const written = new FormData(event.target as HTMLFormElement);
    const answers = form.fields.map((field) => ({
      name: field.name,
      text: textOf(written.get(field.name)).trim() || say("skip", this.language),
    }));
    this.error = "";
    void this.conversation.fill(answers);
  }

  private async sendFile(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    this.error = "";
    try {
      if (file) await this.conversation.sendFile(file);
    } catch (error) {
      this.error = say("too_large", this.language, {
        reason: error instanceof Error ? error.message : "",
      });
    }
    input.value = "";
  }

  private async fetchFile(file: { id: string; name: string }): Promise<void> {
    try {
      save(await this.conversation.file(file.id), file.name);
    } catch {
      this.error = say("failed", this.language);
    }
  }

  private transcript(): void {
    const who = {
      customer: say("you", this.language),
      assistant: say("assistant", this.language),
      agent: say("somebody", this.language),
      system: say("title", this.language),
    };
    const lines = this.conversation.messages.map(
      (message) =>
        `[${new Date(message.created_at).toLocaleString()}] ${who[message.author]}: ${message.text}`,
    );
    save(
      new Blob([lines.join("\n\n")], { type: "text/plain;charset=utf-8" }),
      `${say("title", this.language)}.txt`,
    );
  }

  private setPreferences(preferences: Preferences): void {
    this.preferences = preferences;
    localStorage.setItem(PREFERENCES_KEY, JSON.stringify(preferences));
  }

  private async notify(): Promise<void> {
    const notify =
      !this.preferences.notify &&
      "Notification" in window &&
      (await Notification.requestPermission()) === "granted";
    this.setPreferences({ ...this.preferences, notify });
  }

  private begin(): void {
    this.rating = "";
    this.error = this.notice = "";
    this.conversation.forget();
  }

  private shut(): void {
    this.open = false;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLButtonElement>(".launch")?.focus(),
    );
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    const menu = this.renderRoot.querySelector<HTMLDetailsElement>(".menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    } else this.shut();
  }

  override render(): TemplateResult {
    const l = this.language;
    const c = this.conversation;
    if (!this.open) {
      const label = this.unread
        ? `${say("open", l)}, ${say("unread", l, { count: this.unread })}`
        : say("open", l);
      return html`<button
        class="launch"
        lang=${l}
        aria-label=${label}
        @click=${() => {
          this.open = true;
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">${BUBBLE}</svg>
        ${
          this.unread ? html`<span class="badge" aria-hidden="true">${this.unread}</span>` : nothing
        }
      </button>`;
    }
    const form = c.waiting.length || c.state !== "assistant" ? null : formOf(c.messages.at(-1));
    return html`<section
      class="panel"
      role="dialog"
      aria-label=${say("title", l)}
      lang=${l}
      @keydown=${(event: KeyboardEvent) => this.escape(event)}
    >
      <header>
        <h2>${say("title", l)}</h2>
        <button
          @click=${() => {
            this.language = l === "en" ? "zh" : "en";
          }}
          lang=${l === "en" ? "zh" : "en"}
        >
          ${say("other", l)}</button
        >${this.menu()} <button @click=${() => this.shut()} aria-label=${say("close", l)}>✕</button>
      </header>
      <div class="log" role="log" aria-live="polite" tabindex="0" aria-label=${say("title", l)}>
        <div class="message assistant">${say("hello", l)}</div>
        ${
          c.messages.length || c.waiting.length
            ? nothing
            : this.replies(
                (this.starters.length ? this.starters : STARTERS[l]).map((text) => ({
                  title: text,
                  payload: text,
                })),
              )
        }
        ${repeat(
          c.messages,
          (message) => message.id,
          (message) => this.message(message),
        )}
        ${c.waiting.map((one) => this.unsent(one))}
        ${
          c.thinking
            ? this.dots(say("thinking", l))
            : c.agentWrites
              ? this.dots(say("writing", l, { name: c.agent || say("somebody", l) }))
              : nothing
        }
        ${form ? fields(form, l, (event) => this.fill(event, form)) : nothing}
      </div>
      ${this.standing()}
      ${c.offline ? html`<p class="state" role="status">${say("offline", l)}</p>` : nothing}
      ${this.notice ? html`<p class="state" role="status">${this.notice}</p>` : nothing}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${this.rating === "open" ? this.ratingForm() : nothing}
      <form class="compose" @submit=${(event: SubmitEvent) => this.submit(event)}>
        <label class="file"
          ><svg viewBox="0 0 24 24" aria-hidden="true">${CLIP}</svg
          ><span class="hidden-label">${say("file", l)}</span
          ><input
            type="file"
            ?disabled=${c.state === "closed"}
            @change=${(event: Event) => void this.sendFile(event)}
        /></label>
        <input
          aria-label=${say("write", l)}
          placeholder=${say("write", l)}
          maxlength="10000"
          autocomplete="off"
          enterkeyhint="send"
          ?disabled=${c.state === "closed"}
          @input=${() => c.writes()}
        />
        <button class="primary" ?disabled=${c.state === "closed"}>${say("send", l)}</button>
      </form>
    </section>`;
  }

  private dots(label: string): TemplateResult {
    return html`<div class="message assistant typing" role="status">
      <span class="hidden-label">${label}</span
      ><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
    </div>`;
  }

  private menu(): TemplateResult {
    const l = this.language;
    const after =
      (work: () => void) =>
      (event: Event): void => {
        (event.target as HTMLElement).closest("details")?.removeAttribute("open");
        work();
      };
    return html`<details class="menu">
      <summary aria-label=${say("menu", l)}>⋯</summary>
      <div>
        <button @click=${after(() => void this.conversation.person())}>${say("person", l)}</button>
        <button @click=${after(() => this.begin())}>${say("restart", l)}</button>
        ${
          this.conversation.messages.length
            ? html`<button
                  @click=${after(() => {
                    this.rating = "open";
                  })}
                >
                  ${say("rate", l)}</button
                ><button @click=${after(() => this.transcript())}>${say("download", l)}</button>`
            : nothing
        }
        <button
          aria-pressed=${this.preferences.sound}
          @click=${() => this.setPreferences({ ...this.preferences, sound: !this.preferences.sound })}
        >
          ${this.preferences.sound ? "✓ " : ""}${say("sound", l)}
        </button>
        <button aria-pressed=${this.preferences.notify} @click=${() => void this.notify()}>
          ${this.preferences.notify ? "✓ " : ""}${say("notify", l)}
        </button>
      </div>
    </details>`;
  }

  private standing(): TemplateResult | typeof nothing {
    const [l, c] = [this.language, this.conversation];
    if (c.state === "assistant") return nothing;
    if (c.state === "queued")
      return html`<p class="state" role="status">
        ${say("queued", l)}${c.place ? html` ${say("place", l, { place: c.place })}` : nothing}
      </p>`;
    if (c.state === "agent")
      return html`<p class="state" role="status">
        ${say("agent", l, { name: c.agent || say("somebody", l) })}
      </p>`;
    return html`<p class="state" role="status">
      ${say("closed", l)} <button @click=${() => this.begin()}>${say("again", l)}</button> ${
        this.rating === ""
          ? html`<button
              @click=${() => {
                this.rating = "open";
              }}
            >
              ${say("rate", l)}
            </button>`
          : nothing
      }
    </p>`;
  }

  private message(message: MessageOut): TemplateResult {
    const [l, c] = [this.language, this.conversation];
    const last = c.messages.at(-1) === message && !c.waiting.length;
    const [file, cards, offers] = [
      fileOf(message),
      tickets(message, c.tickets, l),
      products(message, l),
    ];
    const text = file
      ? html`<button @click=${() => void this.fetchFile(file)}>📎 ${file.name}</button>`
      : message.text;
    // A message is shown with its line breaks, so the template has none there.
    const content = [text, sources(message, BASE, l), cards, offers, this.vote(message)];
    const classes = `message ${message.author} ${cards !== nothing || offers !== nothing ? "wide" : ""}`;
    return html`<div class=${classes} lang=${message.language}>${content}</div>
      ${
        last && message.quick_replies.length
          ? this.replies(message.quick_replies as unknown as { title: string; payload: string }[])
          : nothing
      }`;
  }

  private unsent(message: OutboxMessage): TemplateResult {
    const note = message.waiting
      ? html`<br /><small>${say("waiting", this.language)}</small>`
      : nothing;
    return html`<div class="message customer">${message.text}${note}</div>`;
  }

  private vote(message: MessageOut): TemplateResult | typeof nothing {
    const l = this.language;
    if (!message.citations.length || message.author !== "assistant") return nothing;
    if (this.voted.has(message.id))
      return html`<p class="vote" role="status">${say("noted", l)}</p>`;
    const vote = (helpful: boolean) => (): void => {
      void this.conversation.vote(message.id, helpful);
      this.voted = new Set([...this.voted, message.id]);
    };
    return html`<p class="vote">
      ${say("helpful", l)}
      <button aria-label="${say("helpful", l)} ${say("yes", l)}" @click=${vote(true)}>
        ${say("yes", l)}
      </button>
      <button aria-label="${say("helpful", l)} ${say("no", l)}" @click=${vote(false)}>
        ${say("no", l)}
      </button>
    </p>`;
  }

  private replies(replies: { title: string; payload: string }[]): TemplateResult {
    return html`<div class="replies">
      ${replies.map(
        (reply) => html`<button @click=${() => this.send(reply.payload)}>${reply.title}</button>`,
      )}
    </div>`;
  }

  private ratingForm(): TemplateResult {
    const l = this.language;
    const give = async (event: SubmitEvent): Promise<void> => {
      event.preventDefault();
      const fields = new FormData(event.target as HTMLFormElement);
      if (
        !(await this.conversation.rate(
          Number(fields.get("score")),
          textOf(fields.get("comment")).trim(),
        ))
      )
        return;
      this.rating = "sent";
      this.notice = say("rated", l);
    };
    return html`<form class="rating" @submit=${(event: SubmitEvent) => void give(event)}>
      <fieldset class="stars">
        <legend>${say("rate", l)}</legend>
        ${[1, 2, 3, 4, 5].map(
          (count) =>
            html`<label
              ><input
                type="radio"
                name="score"
                .value=${count}
                required
                aria-label=${say("stars", l, { count })}
              /><span aria-hidden="true">${count}</span></label
            >`,
        )}
      </fieldset>
      <input
        name="comment"
        maxlength="2000"
        aria-label=${say("comment", l)}
        placeholder=${say("comment", l)}
      /><button class="primary">${say("send", l)}</button>
    </form>`;
  }
}

/** Hand a file to the browser's downloads. */
function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A short tone, made here, since there is nothing to fetch. */
function tone(): void {
  const audio = new AudioContext();
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = 880;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + TONE_S);
  source.connect(volume).connect(audio.destination);
  source.start();
  source.stop(audio.currentTime + TONE_S);
  source.onended = () => void audio.close();
}

customElements.define("bank-assistant", BankAssistant);
