// What a message does beside its words, read from what the contract leaves open.

import type { MessageOut } from "../shared/contract.js";
import { textOf } from "../shared/json.js";

/** The tickets that actions speak of, each once. */
export const ticketIds = (actions: MessageOut["actions"]): string[] => [
  ...new Set(
    actions
      .filter((action) => textOf(action.type).startsWith("ticket."))
      .map((action) => textOf(action.id))
      .filter(Boolean),
  ),
];

/** What the last message asks for, by the name of its first field. */
export function requestedField(messages: readonly MessageOut[]): string | undefined {
  const form = messages.at(-1)?.actions.find((action) => action.type === "form.asked");
  return (form?.fields as { name: string }[] | undefined)?.[0]?.name;
}
