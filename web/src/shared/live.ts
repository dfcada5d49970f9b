// Server-Sent Events that go on where they broke off; a client whose network is gone tries again by
// itself.

import { EventSource } from "eventsource";

export type EventHandlers = Record<string, (payload: unknown) => void>;

interface StreamOptions {
  token?: string;
  onOpen?: () => void;
  onError?: () => void;
}

/** Follow a stream, each type of event with its handler. The returned function stops it. */
export function follow(
  url: string,
  handlers: EventHandlers,
  { token, onOpen, onError }: StreamOptions = {},
): () => void {
  const source = new EventSource(url, {
    fetch: (input, init) =>
      fetch(input, {
        ...init,
        headers: { ...init.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      }),
  });
  for (const [type, handle] of Object.entries(handlers)) {
    source.addEventListener(type, (event) => handle(JSON.parse(event.data as string)));
  }
  source.addEventListener("open", () => onOpen?.());
  source.addEventListener("error", () => onError?.());
  return () => source.close();
}
