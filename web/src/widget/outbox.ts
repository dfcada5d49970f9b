// Messages that wait to be sent, in order, through a reload of the page. A message carries its own
// id, so that one that was sent twice is answered once.

import { nowIso } from "../shared/clock.js";

export interface OutboxMessage {
  id: string;
  text: string;
  at: string;
  /** Whether it could not be sent yet. */
  waiting: boolean;
}

// The name under which browsers hold it.
const STORAGE_KEY = "bank-assistant-tray";
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** How long to wait before the next try after so many failures, in milliseconds. */
export const retryDelay = (failures: number): number =>
  RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0;

/** Whether the same message may succeed later: no network, a failing service, too many at once. */
export const isRetryable = (status: number): boolean =>
  status === 0 || status >= 500 || status === 429;

export class Outbox {
  private entries: readonly OutboxMessage[] = [];

  get messages(): readonly OutboxMessage[] {
    return this.entries;
  }
  get next(): OutboxMessage | undefined {
    return this.entries[0];
  }

  /** Take up what the page had before it was loaded again. */
  restore(): void {
    this.entries = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]") as OutboxMessage[];
  }

  add(text: string): void {
    const message = { id: crypto.randomUUID(), text, at: nowIso(), waiting: false };
    this.store([...this.entries, message]);
  }

  remove(id: string): void {
    this.store(this.entries.filter((one) => one.id !== id));
  }

  markWaiting(): void {
    this.store(this.entries.map((one) => ({ ...one, waiting: true })));
  }

  clear(): void {
    this.entries = [];
    sessionStorage.removeItem(STORAGE_KEY);
  }

  private store(entries: readonly OutboxMessage[]): void {
    this.entries = entries;
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(entries));
  }
}
