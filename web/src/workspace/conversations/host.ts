// What the copilot and its forms ask of the conversation beside them.

import type { UseNew } from "../../shared/contract.js";

export interface CopilotHost {
  conversationId: string;
  /** Record what became of a part of the suggestion. */
  use(use: UseNew): void;
  /** Ask for suggestions; with `another`, for a different reply. */
  suggest(another?: boolean): Promise<void>;
  /** Put the suggested reply into the reply. */
  insertSuggestion(): void;
  /** Put the answer to the agent's own question into the reply. */
  insertAnswer(id: string, text: string): void;
}
