// A page of the workspace: it reads what the address asks for, again when the address asks for
// something else, and rests while another page is shown.

import type { Me } from "../shared/contract.js";
import { WorkspaceElement } from "./element.js";
import { NAVIGATED, currentRoute } from "./router.js";

export abstract class Page extends WorkspaceElement {
  static override properties: Record<string, object> = {
    ...WorkspaceElement.properties,
    me: { attribute: false },
  };
  me!: Me;
  /** The page's name in the address. */
  protected abstract readonly at: string;
  private shownQuery: string | null = null;
  private pending = 0;
  private readonly ends: (() => void)[] = [];

  /** Read what the address asks for. */
  protected abstract read(): Promise<void>;

  /** What of the address decides what is read; by default all of it. */
  protected queryKey(): string {
    return location.pathname + location.search;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const navigated = (): void => {
      if (currentRoute().part === this.at) this.arrive();
    };
    window.addEventListener(NAVIGATED, navigated);
    this.onDisconnect(() => window.removeEventListener(NAVIGATED, navigated));
    this.arrive();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ends.splice(0).forEach((end) => end());
  }

  override shouldUpdate(): boolean {
    return currentRoute().part === this.at;
  }

  /** Do something when the page goes away. */
  protected onDisconnect(end: () => void): void {
    this.ends.push(end);
  }

  /** Do once what several changes ask for within so many milliseconds. */
  protected coalesce(work: () => void, ms: number): void {
    this.pending ||= window.setTimeout(() => {
      this.pending = 0;
      work();
    }, ms);
  }

  /** The address has changed: it is read when it asks for something else. */
  protected arrive(): void {
    this.requestUpdate();
    const key = this.queryKey();
    if (key === this.shownQuery) return;
    this.shownQuery = key;
    void this.attempt(() => this.read());
  }
}
