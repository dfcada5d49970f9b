// Live events of a conversation: Server-Sent Events that go on where they broke off.

import { EventSource } from "eventsource";
import type { Message, State } from "./api.js";

export interface Followers { message(message: Message): void; state(state: State): void }

/** Follow a conversation; the returned function stops it. */
export function follow(url: string, followers: Followers, token?: string): () => void {
  const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, {
      ...init, headers: { ...(init.headers as Record<string, string>), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    }),
  });
  source.addEventListener("message", (event) => followers.message(JSON.parse(event.data as string) as Message));
  source.addEventListener("state", (event) => followers.state((JSON.parse(event.data as string) as { state: State }).state));
  return () => source.close();
}
