// What every part of the workspace is: an element in the page's own tree, so that one style sheet
// and one label reach it all; it is drawn again when the language changes, and says what the
// service refused where it was asked.

import { LitElement, html, nothing, svg, type TemplateResult } from "lit";
import type { Icon } from "../shared/icons.js";
import { Problem } from "../shared/api.js";
import { textOf } from "../shared/json.js";
import { onLanguage } from "../shared/language.js";
import { say } from "./words.js";

export abstract class WorkspaceElement extends LitElement {
  static override properties: Record<string, object> = {
    error: { state: true },
    notice: { state: true },
    busy: { state: true },
  };
  error = "";
  notice = "";
  busy = false;
  private unsubscribe: () => void = () => undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unsubscribe = onLanguage(() => {
      this.requestUpdate();
      this.languageChanged();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe();
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
      this.error = errorText(error);
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
      this.error = errorText(error);
    }
  }

  /** What the service refused, or that it was done. */
  protected feedback(): TemplateResult {
    return html`${
        this.error
          ? html`<wa-callout variant="danger" role="alert">${this.error}</wa-callout>`
          : nothing
      }
      <div role="status" class="notice" ?hidden=${!this.notice}>${this.notice}</div>`;
  }
}

const errorText = (error: unknown): string =>
  error instanceof Problem && error.status === 0
    ? say("unreachable")
    : error instanceof Error
      ? error.message
      : String(error);

export const icon = (name: Icon): TemplateResult =>
  html`<svg class="icon" aria-hidden="true">${svg`<use href="/icons.svg#${name}"></use>`}</svg>`;

/** The fields of an event's form by name, trimmed; "" for what is left empty. */
export function formFields<Fields>(event: SubmitEvent): Fields {
  event.preventDefault();
  const entries = [...new FormData(event.target as HTMLFormElement)];
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value).trim()])) as Fields;
}

/** What was selected or written in the control of an event. */
export const valueOf = (event: Event): string =>
  (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;

/** A select's options: values with their labels, the selected one marked. */
export const options = (
  values: readonly string[],
  label: (value: string) => string,
  selected = "",
): TemplateResult[] =>
  values.map(
    (value) =>
      html`<option value=${value} ?selected=${value === selected}>${label(value)}</option>`,
  );

/**
 * A menu of things to set or to do. Nothing happens while the keys move through it, as a list would
 * have it: only what is selected is done.
 */
export const menu = (
  label: string,
  entries: readonly (readonly [value: string, text: string | TemplateResult])[],
  onSelect: (value: string) => void,
): TemplateResult =>
  html`<wa-dropdown
    @wa-select=${(event: CustomEvent<{ item: { value: string } }>) =>
      onSelect(event.detail.item.value)}
    ><button slot="trigger" type="button">${label} ${icon("chevron-down")}</button> ${entries.map(
      ([value, text]) => html`<wa-dropdown-item value=${value}>${text}</wa-dropdown-item>`,
    )}</wa-dropdown
  >`;

/** The modal dialog of a part by its id, to be opened or closed. */
export function dialog(root: ParentNode, id: string): HTMLElement & { open: boolean } {
  const element = root.querySelector<HTMLElement & { open: boolean }>(`#${id}`);
  if (!element) throw new Error(`no dialog ${id}`);
  return element;
}
