// What every part of the workspace is: an element in the page's own tree, so that one style sheet
// and one label reach it all; it is drawn again when the language changes, and says what the
// service refused where it was asked.

import { LitElement, html, nothing, svg, type TemplateResult } from "lit";
import type { Icon } from "../shared/icons.js";
import { Problem } from "../shared/api.js";
import { onLanguage } from "../shared/language.js";
import { say } from "./words.js";

export abstract class Part extends LitElement {
  static override properties: Record<string, object> = {
    error: { state: true },
    notice: { state: true },
    busy: { state: true },
  };
  error = "";
  notice = "";
  busy = false;
  private quiet: () => void = () => undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.quiet = onLanguage(() => {
      this.requestUpdate();
      this.languageChanged();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.quiet();
  }

  /** What comes from the service in the reader's language is read again here. */
  protected languageChanged(): void {
    /* most parts hold nothing of the kind */
  }

  /**
   * Do something that the service may refuse; what it says is shown, and nothing else changes.
   * Whether it was done.
   */
  protected async attempt(work: () => Promise<void>, done = ""): Promise<boolean> {
    this.error = this.notice = "";
    this.busy = true;
    try {
      await work();
      this.notice = done;
      return true;
    } catch (error) {
      this.error = worded(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /**
   * Read again what the page shows, beside whatever its reader does: nothing is locked, and no
   * message of theirs goes away.
   */
  protected async refresh(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.error = worded(error);
    }
  }

  protected told(): TemplateResult {
    return html`${
        this.error
          ? html`<wa-callout variant="danger" role="alert">${this.error}</wa-callout>`
          : nothing
      }
      <div role="status" class="notice" ?hidden=${!this.notice}>${this.notice}</div>`;
  }
}

const worded = (error: unknown): string =>
  error instanceof Problem && error.status === 0
    ? say("unreachable")
    : error instanceof Error
      ? error.message
      : String(error);

export const icon = (name: Icon): TemplateResult =>
  html`<svg class="icon" aria-hidden="true">${svg`<use href="/icons.svg#${name}"></use>`}</svg>`;

/** The field of an event's form by name, trimmed; "" when it is empty. */
export function given(event: SubmitEvent): Record<string, string> {
  event.preventDefault();
  const entries = new FormData(event.target as HTMLFormElement).entries();
  return Object.fromEntries([...entries].map(([name, value]) => [name, String(value).trim()]));
}

/** What was chosen or written in the control of an event. */
export const valueOf = (event: Event): string =>
  (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;

/** A select's options: values with how they are said, the chosen one marked. */
export const options = (
  values: readonly string[],
  said: (value: string) => string,
  chosen = "",
): TemplateResult[] =>
  values.map(
    (value) => html`<option value=${value} ?selected=${value === chosen}>${said(value)}</option>`,
  );

/**
 * A menu of things to set or to do. Nothing happens while the keys move through it, as a list would
 * have it: only what is chosen is done.
 */
export const menu = (
  label: string,
  entries: readonly (readonly [value: string, said: string | TemplateResult])[],
  chosen: (value: string) => void,
): TemplateResult =>
  html`<wa-dropdown
    @wa-select=${(event: CustomEvent<{ item: { value: string } }>) =>
      chosen(event.detail.item.value)}
    ><button slot="trigger" type="button">${label} ${icon("chevron-down")}</button> ${entries.map(
      ([value, said]) => html`<wa-dropdown-item value=${value}>${said}</wa-dropdown-item>`,
    )}</wa-dropdown
  >`;

/** The modal dialog of a part by its id, to be opened or closed. */
export function dialog(root: ParentNode, id: string): HTMLElement & { open: boolean } {
  const found = root.querySelector<HTMLElement & { open: boolean }>(`#${id}`);
  if (!found) throw new Error(`no dialog ${id}`);
  return found;
}
