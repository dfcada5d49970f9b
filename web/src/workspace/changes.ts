// One live stream for the whole page: which conversation, or what else, changed. A browser holds
// six connections to a server, so the parts share it, and read for themselves what they show.

import { follow } from "../shared/live.js";

export interface Change {
  type: string;
  conversation_id: string | null;
}
type Hear = (change: Change) => void;

class Changes {
  private readonly hearing = new Set<Hear>();
  private stop: (() => void) | null = null;
  private lost = false;

  /** Begin to follow; after a break everything may have changed. */
  start(): void {
    if (this.stop) return;
    this.stop = follow(
      "/v1/workforce/events",
      { change: (change: never) => this.tell(change as Change) },
      {
        opened: () => {
          if (this.lost) this.tell({ type: "everything", conversation_id: null });
          this.lost = false;
        },
        broken: () => {
          this.lost = true;
        },
      },
    );
  }

  /** Be told of each change; the returned function ends it. */
  on(hear: Hear): () => void {
    this.hearing.add(hear);
    return () => {
      this.hearing.delete(hear);
    };
  }

  private tell(change: Change): void {
    this.hearing.forEach((hear) => hear(change));
  }
}

export const changes = new Changes();
