// One live stream for the whole page: which conversation, or what else, changed. A browser holds
// six connections to a server, so the parts share it, and read for themselves what they show.

import { follow } from "../shared/live.js";

export interface Change {
  type: string;
  conversation_id: string | null;
}
type ChangeListener = (change: Change) => void;

class Changes {
  private readonly listeners = new Set<ChangeListener>();
  private stop: (() => void) | null = null;
  private broken = false;

  /** Begin to follow; after a break everything may have changed. */
  start(): void {
    this.stop ??= follow(
      "/v1/workforce/events",
      { change: (change) => this.notify(change as Change) },
      {
        onOpen: () => {
          if (this.broken) this.notify({ type: "everything", conversation_id: null });
          this.broken = false;
        },
        onError: () => {
          this.broken = true;
        },
      },
    );
  }

  /** Listen to each change; the returned function ends it. */
  on(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private notify(change: Change): void {
    this.listeners.forEach((listener) => listener(change));
  }
}

export const changes = new Changes();
