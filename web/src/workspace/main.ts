// The workspace's shell: who is signed in, the parts that their role sees, presence, notices,
// language and theme.

import "./library.js";
import { html, nothing, type TemplateResult } from "lit";
import { html as unsafeStatic, unsafeStatic as tag } from "lit/static-html.js";
import type { Credentials, Me, NoticeOut } from "../shared/contract.js";
import { Problem, SESSION_ENDED, api, data } from "../shared/api.js";
import { language, moment, setLanguage } from "../shared/language.js";
import type { Icon } from "../shared/icons.js";
import { WorkspaceElement, dialog, formFields, icon } from "./element.js";
import { NAVIGATED, href, interceptLinks, navigate, currentRoute } from "./router.js";
import { name, say } from "./words.js";
import { changes } from "./changes.js";

type PartName =
  "conversations" | "tickets" | "customers" | "compliance" | "sales" | "knowledge" | "insights";
interface WorkspacePart {
  icon: Icon;
  permissions: string[];
  load(): Promise<unknown>;
}
const PARTS: Record<PartName, WorkspacePart> = {
  conversations: {
    icon: "message-circle",
    permissions: ["conversations:write"],
    load: () => import("./conversations/page.js"),
  },
  tickets: {
    icon: "ticket",
    permissions: ["tickets:read"],
    load: () => import("./tickets/page.js"),
  },
  customers: {
    icon: "users",
    permissions: ["customers:read"],
    load: () => import("./customers/page.js"),
  },
  compliance: {
    icon: "shield",
    permissions: ["compliance:screen"],
    load: () => import("./compliance/page.js"),
  },
  sales: { icon: "target", permissions: ["sales:work"], load: () => import("./sales/page.js") },
  knowledge: {
    icon: "book-open",
    permissions: ["knowledge:write"],
    load: () => import("./knowledge/page.js"),
  },
  insights: {
    icon: "chart-column",
    permissions: ["analytics:read"],
    load: () => import("./insights/page.js"),
  },
};
const LANDING: Record<Me["role"], PartName> = {
  agent: "conversations",
  supervisor: "insights",
  knowledge_manager: "knowledge",
  compliance_officer: "compliance",
  admin: "insights",
};
const PRESENCES = ["online", "away", "offline"] as const;
type Presence = (typeof PRESENCES)[number];
const HEARTBEAT_MS = 60_000;

class BankWorkspace extends WorkspaceElement {
  static override properties = {
    ...WorkspaceElement.properties,
    me: { state: true },
    ended: { state: true },
    presence: { state: true },
    onDuty: { state: true },
    notices: { state: true },
    loaded: { state: true },
  };
  me: Me | null | undefined = undefined;
  ended = false;
  presence: Presence = "offline";
  onDuty = true;
  notices: NoticeOut[] = [];
  loaded = new Set<PartName>();

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = language();
    interceptLinks(this);
    window.addEventListener(NAVIGATED, () => {
      void this.arrive();
    });
    window.addEventListener(SESSION_ENDED, () => {
      if (this.me) this.ended = true;
      else this.me = null;
    });
    window.setInterval(() => {
      if (this.me && !this.ended && this.presence !== "offline")
        void this.setPresence(this.presence);
    }, HEARTBEAT_MS);
    void this.enter();
  }

  private async enter(): Promise<void> {
    try {
      this.welcome(await data(api.GET("/v1/auth/me")));
    } catch (error) {
      if (error instanceof Problem && error.status !== 401) this.error = say("unreachable");
      this.me = null;
    }
  }

  private welcome(me: Me): void {
    const again = this.ended && this.me?.id === me.id;
    this.me = me;
    this.ended = false;
    if (again) return;
    changes.start();
    changes.on((change) => {
      if (change.type.startsWith("ticket") || change.type === "everything") void this.readNotices();
    });
    void this.arrive();
    if (me.permissions.includes("tickets:write")) void this.begin(me);
    void this.readNotices();
  }

  /** Somebody who opens the workspace is there, unless they chose otherwise on this machine. */
  private async begin(me: Me): Promise<void> {
    await this.setPresence((localStorage.getItem("presence") as Presence | null) ?? "online");
    const team = await data(api.GET("/v1/workforce/agents")).catch(() => null);
    this.onDuty = team?.items.find((one) => one.staff_id === me.id)?.on_duty ?? true;
  }

  private async setPresence(presence: Presence): Promise<void> {
    await api.PUT("/v1/workforce/presence", { body: { presence } }).catch(() => undefined);
    localStorage.setItem("presence", presence);
    this.presence = presence;
  }

  private async readNotices(): Promise<void> {
    const params = { query: { limit: 20, language: language() } };
    const page = await data(api.GET("/v1/workforce/notices", { params })).catch(() => null);
    this.notices = page?.items ?? [];
  }

  private sees(part: PartName): boolean {
    return PARTS[part].permissions.some((permission) => this.me?.permissions.includes(permission));
  }

  private async arrive(): Promise<void> {
    if (this.me && !currentRoute().part) {
      // Which brings us here again.
      navigate(href(LANDING[this.me.role]), true);
      return;
    }
    const part = currentRoute().part as PartName;
    this.requestUpdate();
    if (!this.me || !(part in PARTS) || !this.sees(part)) return;
    document.title = `${say(part)} · ${say("bank")}`;
    if (this.loaded.has(part)) return;
    await this.attempt(async () => {
      await PARTS[part].load();
      this.loaded = new Set([...this.loaded, part]);
    });
  }

  private signIn(event: SubmitEvent): void {
    const body = formFields<Credentials>(event);
    void this.attempt(async () => {
      try {
        this.welcome(await data(api.POST("/v1/auth/session", { body })));
      } catch (error) {
        throw error instanceof Problem && error.status === 401 ? new Error(say("wrong")) : error;
      }
    });
  }

  private async signOut(): Promise<void> {
    await this.setPresence("offline");
    localStorage.removeItem("presence");
    await api.DELETE("/v1/auth/session").catch(() => undefined);
    location.assign("/workspace");
  }

  private setTheme(theme: string): void {
    if (theme) localStorage.setItem("theme", theme);
    else localStorage.removeItem("theme");
    window.dispatchEvent(new Event("theme-chosen")); // theme.js applies it
  }

  override render(): TemplateResult | typeof nothing {
    if (this.me === undefined) return nothing;
    if (this.me === null) return html`<main class="door">${this.door()}</main>`;
    return html`<a
        class="skip"
        href="#content"
        @click=${(event: Event) => {
          event.preventDefault();
          this.querySelector<HTMLElement>("#content")?.focus();
        }}
        >${say("skip")}</a
      >
      ${this.header(this.me)}
      <main id="content" tabindex="-1">
        ${this.error ? this.feedback() : nothing}${this.shownPart()}
      </main>
      <wa-dialog
        id="door"
        label=${say("sign_in")}
        ?open=${this.ended}
        without-header
        @wa-hide=${(event: Event) => {
          if (this.ended && event.target === event.currentTarget) event.preventDefault();
        }}
      >
        ${this.ended ? this.door() : nothing}</wa-dialog
      >`;
  }

  private door(): TemplateResult {
    return html`<h1>${say("title")}</h1>
      ${this.ended ? html`<p>${say("ended")}</p>` : nothing}${this.feedback()}
      <form class="stack" @submit=${(event: SubmitEvent) => this.signIn(event)}>
        <label
          >${say("email")}
          <input name="email" type="email" autocomplete="username" required .value=${""}
        /></label>
        <label
          >${say("password")}
          <input name="password" type="password" autocomplete="current-password" required
        /></label>
        <button class="wa-brand" ?disabled=${this.busy}>${say("sign_in")}</button>
      </form>
      <button class="wa-plain" @click=${() => setLanguage(language() === "en" ? "zh" : "en")}>
        ${icon("languages")} ${say("other")}
      </button>`;
  }

  private header(me: Me): TemplateResult {
    const here = currentRoute().part;
    return html`<header class="shell">
        <a class="brand" href="/workspace">${say("bank")}</a>
        <nav aria-label=${say("menu")}>
          ${(Object.keys(PARTS) as PartName[])
            .filter((part) => this.sees(part))
            .map(
              (part) =>
                html` <a href=${href(part)} aria-current=${part === here ? "page" : nothing}
                  >${icon(PARTS[part].icon)}<span>${say(part)}</span></a
                >`,
            )}
        </nav>
        ${
          me.permissions.includes("tickets:write")
            ? html`<label class="presence"
                ><span class="dot ${this.presence}"></span
                ><span class="hidden-label">${say("presence")}</span>
                <select
                  @change=${(event: Event) =>
                    void this.setPresence((event.target as HTMLSelectElement).value as Presence)}
                >
                  ${PRESENCES.map(
                    (one) =>
                      html`<option value=${one} ?selected=${one === this.presence}>
                        ${name(one)}
                      </option>`,
                  )}
                </select>
                ${this.onDuty ? nothing : html`<small>${say("shift_off")}</small>`}</label
              >`
            : nothing
        }
        <button
          class="wa-plain"
          @click=${() => {
            dialog(this, "notices").open = true;
          }}
        >
          <span class="hidden-label">${say("notices")}</span
          >${icon(this.notices.length ? "bell-ring" : "bell")}${
            this.notices.length
              ? html`<wa-badge variant="danger" pill>${this.notices.length}</wa-badge>`
              : nothing
          }
        </button>
        <wa-dropdown
          placement="bottom-end"
          @wa-select=${(event: CustomEvent<{ item: { value: string } }>) =>
            this.onMenu(event.detail.item.value)}
        >
          <button slot="trigger" class="wa-plain" aria-label="${say("account")}: ${me.name}">
            ${icon("user")}<span class="who">${me.name}</span>
          </button>
          <h3>${me.name} · ${name(me.role)}</h3>
          <wa-dropdown-item value="language">${say("other")}</wa-dropdown-item>
          <wa-dropdown-item value="theme:light">${say("light")}</wa-dropdown-item>
          <wa-dropdown-item value="theme:dark">${say("dark")}</wa-dropdown-item>
          <wa-dropdown-item value="theme:">${say("system_theme")}</wa-dropdown-item>
          <wa-dropdown-item value="out">${say("sign_out")}</wa-dropdown-item>
        </wa-dropdown>
      </header>
      <wa-dialog id="notices" label=${say("notices")} light-dismiss
        >${this.noticeList()}</wa-dialog
      >`;
  }

  private noticeList(): TemplateResult {
    if (!this.notices.length) return html`<p>${say("no_notices")}</p>`;
    const markRead = async (): Promise<void> => {
      await api.POST("/v1/workforce/notices/read");
      await this.readNotices();
    };
    return html`<ul class="plain">
        ${this.notices.map(
          (one) =>
            html`<li>
              <a
                href=${href("tickets", one.ticket_id)}
                @click=${() => {
                  dialog(this, "notices").open = false;
                }}
                >${one.reference}</a
              >
              ${one.text} <small>${moment(one.created_at)}</small>
            </li>`,
        )}
      </ul>
      <button @click=${() => void this.attempt(markRead)}>${say("read_all")}</button>`;
  }

  private onMenu(value: string): void {
    if (value === "language") setLanguage(language() === "en" ? "zh" : "en");
    else if (value === "out") void this.signOut();
    else this.setTheme(value.slice("theme:".length));
  }

  private shownPart(): TemplateResult {
    const part = currentRoute().part as PartName;
    if (!(part in PARTS) || !this.sees(part)) return html`<p>${say("no_such_part")}</p>`;
    if (!this.loaded.has(part)) return html`<p role="status">${say("loading")}</p>`;
    const element = tag(`${part}-page`);
    return unsafeStatic`<${element} .me=${this.me}></${element}>`;
  }
}

customElements.define("bank-workspace", BankWorkspace);
document.querySelector("#workspace")?.append(document.createElement("bank-workspace"));
