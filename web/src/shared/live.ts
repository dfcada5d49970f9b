// Server-Sent Events that go on where they broke off; a client whose network is gone tries again by
// itself.

import { EventSource } from "eventsource";

export type Told = Record<string, (payload: never) => void>;

interface Following {
  token?: string;
  opened?: () => void;
  broken?: () => void;
}

/**
 * Follow a stream: for each type of event what to do with its payload. The returned function stops
 * it.
 */
export function follow(
  url: string,
  told: Told,
  { token, opened, broken }: Following = {},
): () => void {
  const source = new EventSource(url, {
    fetch: (input, init) =>
      fetch(input, {
        ...init,
        headers: {
          ...(init.headers as Record<string, string>),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
      }),
  });
  for (const [type, tell] of Object.entries(told)) {
    source.addEventListener(type, (event) => tell(JSON.parse(event.data as string) as never));
  }
  source.addEventListener("open", () => opened?.());
  source.addEventListener("error", () => broken?.());
  return () => source.close();
}
