// The icons of the pages, from Lucide; the build puts these, and no others, into /icons.svg.

export const ICONS = [
  "bell", "bell-ring", "bot", "calendar", "chart-column", "check", "chevron-down", "chevron-left", "chevron-right", "circle-alert", "circle-check",
  "circle-question-mark", "circle-x", "clock", "columns-3", "copy", "download", "ellipsis", "eye", "eye-off", "file-text", "grip-vertical", "hand",
  "inbox", "keyboard", "languages", "list", "log-out", "message-circle", "minus", "moon", "paperclip", "pause", "phone", "plus", "refresh-cw",
  "search", "send", "shield", "shield-alert", "sparkles", "star", "sun", "target", "thumbs-down", "ticket", "trash-2", "triangle-alert", "user",
  "users", "x", "book-open", "arrow-right-left", "undo-2", "sticky-note", "external-link", "settings",
] as const;

export type Icon = (typeof ICONS)[number];
