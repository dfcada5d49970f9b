// The one reading of this machine's clock. A test fixes it; Playwright's `page.clock` replaces the
// `Date` that it reads.

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const system = (): number => Date.now();
let source = system;

/** Now, in milliseconds since 1970. */
export const now = (): number => source();

/** Now as the contract writes a time. */
export const nowIso = (): string => new Date(now()).toISOString();

/** Read the time from `clock` instead; without it, from the machine again. */
export function setClock(clock: () => number = system): void {
  source = clock;
}

/** The wall clock of this machine at a time, as `datetime-local` writes it: "2026-03-01T09:30". */
export const localMinute = (at: number): string =>
  new Date(at - new Date(at).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);

/** The day of this machine's calendar at a time: "2026-03-01". */
export const localDay = (at: number): string => localMinute(at).slice(0, 10);

/** The day of this machine's calendar so many days before now. */
export const daysAgo = (days: number): string => localDay(now() - days * DAY_MS);

/** Whether a time has passed. */
export const isPast = (at: string): boolean => new Date(at).getTime() < now();

/** What `datetime-local` writes, as the contract writes a time; null when it is empty. */
export const fromLocal = (local: string): string | null =>
  local ? new Date(local).toISOString() : null;
