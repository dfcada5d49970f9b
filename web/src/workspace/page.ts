// A page of the workspace: it reads what the address asks for, again when the address asks for
// something else, and rests while another page is shown.

import type { PropertyValues } from "lit";
import type { Me } from "../shared/contract.js";
import { Part } from "./part.js";
import { MOVED, place } from "./places.js";

export abstract class Page extends Part {
  static override properties: Record<string, object> = {
    ...Part.properties,
    me: { attribute: false },
  };
  me!: Me;
  /** The page's name in the address. */
  protected abstract readonly at: string;
  private askedFor: string | null = null;
  private gathering = 0;
  private readonly ends: (() => void)[] = [];

  /** Read what the address asks for. */
  protected abstract read(): Promise<void>;

  /** What of the address decides what is read; by default all of it. */
  protected asks(): string {
    return location.pathname + location.search;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const moved = (): void => {
      if (place().part === this.at) this.arrive();
    };
    window.addEventListener(MOVED, moved);
    this.until(() => window.removeEventListener(MOVED, moved));
    this.arrive();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ends.splice(0).forEach((end) => end());
  }

  override shouldUpdate(_changed: PropertyValues): boolean {
    return place().part === this.at;
  }

  /** Something that ends with the page. */
  protected until(end: () => void): void {
    this.ends.push(end);
  }

  /** Do once what several changes ask for that come together. */
  protected gather(work: () => void, ms: number): void {
    this.gathering ||= window.setTimeout(() => {
      this.gathering = 0;
      work();
    }, ms);
  }

  protected arrive(): void {
    this.requestUpdate();
    const asks = this.asks();
    if (asks === this.askedFor) return;
    this.askedFor = asks;
    void this.attempt(() => this.read());
  }
}
