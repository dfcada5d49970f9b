// Shortcuts with Alt, so that none of them is a letter that somebody writes (WCAG 2.2, 2.1.4).

export interface Shortcut {
  key: string;
  label(): string;
  run(): void;
}

const CODES: Record<string, string> = { ArrowDown: "ArrowDown", ArrowUp: "ArrowUp" };
const codeOf = (key: string): string =>
  CODES[key] ?? (/\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`);

/**
 * Listen for shortcuts; the returned function ends it. Keys are recognised by their position, since Alt
 * changes what they write.
 */
export function shortcuts(all: readonly Shortcut[]): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const shortcut = all.find((one) => codeOf(one.key) === event.code);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}
