// Shortcuts with Alt, so that none of them is a letter that somebody writes (WCAG 2.2, 2.1.4).

export interface Shortcut {
  key: string;
  says(): string;
  run(): void;
}

const CODES: Record<string, string> = { ArrowDown: "ArrowDown", ArrowUp: "ArrowUp" };
const codeOf = (key: string): string =>
  CODES[key] ?? (/\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`);

/**
 * Listen for shortcuts; the returned function ends it. Keys are told by their place, since Alt
 * changes what they write.
 */
export function shortcuts(all: readonly Shortcut[]): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const found = all.find((one) => codeOf(one.key) === event.code);
    if (!found) return;
    event.preventDefault();
    found.run();
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}
