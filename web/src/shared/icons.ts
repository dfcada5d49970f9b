// The icons of the pages, from Lucide; the build puts these, and no others, into /icons.svg.

export const ICONS = [
  "bell", "bell-ring", "bot", "chart-column", "check", "chevron-down", "chevron-left", "chevron-right",
  "circle-question-mark", "circle-x", "clock", "columns-3", "copy", "download", "ellipsis", "eye", "eye-off", "grip-vertical", "hand",
  "inbox", "keyboard", "languages", "list", "message-circle", "minus", "paperclip", "pause", "phone", "plus", "refresh-cw",
  "search", "send", "shield", "sparkles", "star", "target", "thumbs-down", "ticket", "trash-2", "triangle-alert", "user",
  "users", "x", "book-open", "arrow-right-left",
] as const;

export type Icon = (typeof ICONS)[number];
