// What several parts choose from, as the contract names it.

export const QUEUES = [
  "cards",
  "payments",
  "accounts",
  "lending",
  "wealth",
  "digital",
  "fraud",
  "complaints",
  "general",
] as const;
export const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export const CHANNELS = ["web", "app", "phone", "email", "social", "branch"] as const;
export const LANGUAGES = ["en", "zh"] as const;
