// Where one is: /workspace/PART/ID?filters. The address is the one state that is stored, so that a
// link leads to what was shown.

/** Dispatched on the window when the address has changed. */
export const NAVIGATED = "navigated";
const ROOT = "/workspace";

export interface Route {
  part: string;
  id: string;
  query: URLSearchParams;
}

/** What the address asks for. */
export function currentRoute(): Route {
  const [part = "", ...rest] = location.pathname.slice(ROOT.length).split("/").filter(Boolean);
  return {
    part,
    id: decodeURIComponent(rest.join("/")),
    query: new URLSearchParams(location.search),
  };
}

/** The address of a part, of one thing in it, with filters. */
export function href(part: string, id = "", query?: URLSearchParams): string {
  const filters = query?.toString() ?? "";
  return `${ROOT}/${part}${id ? `/${encodeURIComponent(id)}` : ""}${filters ? `?${filters}` : ""}`;
}

/** Go to an address of the workspace; with `replace`, in place of the present one. */
export function navigate(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  window.dispatchEvent(new Event(NAVIGATED));
}

/** Links of the workspace are followed without loading the page again. */
export function interceptLinks(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || !isPlainClick(event) || !leadsInside(link)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
  window.addEventListener("popstate", () => window.dispatchEvent(new Event(NAVIGATED)));
}

const isPlainClick = (event: MouseEvent): boolean =>
  !event.defaultPrevented &&
  event.button === 0 &&
  !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

const leadsInside = (link: HTMLAnchorElement): boolean =>
  !link.target &&
  !link.hasAttribute("download") &&
  link.origin === location.origin &&
  link.pathname.startsWith(ROOT);

/** Change one filter in the address; an empty value takes it away. */
export function setFilter(name: string, value: string): void {
  const { part, id, query } = currentRoute();
  if (value) query.set(name, value);
  else query.delete(name);
  navigate(href(part, id, query), true);
}

/** Filters of the address as the query of a call; whether they are valid, the service judges. */
export const asQuery = (filters: URLSearchParams): object => Object.fromEntries(filters);
