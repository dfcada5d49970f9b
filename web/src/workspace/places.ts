// Where one is: /workspace/PART/ID?filters. The address is the one state that is kept, so that a
// link leads to what was seen.

export const MOVED = "moved";
const ROOT = "/workspace";

export interface Place {
  part: string;
  id: string;
  query: URLSearchParams;
}

export function place(): Place {
  const [part = "", ...rest] = location.pathname.slice(ROOT.length).split("/").filter(Boolean);
  return {
    part,
    id: decodeURIComponent(rest.join("/")),
    query: new URLSearchParams(location.search),
  };
}

export const address = (part: string, id = "", query?: URLSearchParams): string =>
  `${ROOT}/${part}${id ? `/${encodeURIComponent(id)}` : ""}${query && [...query].length ? `?${query}` : ""}`;

/** Go to an address of the workspace; with `instead`, in place of the present one. */
export function go(to: string, instead = false): void {
  if (to === location.pathname + location.search) return;
  history[instead ? "replaceState" : "pushState"](null, "", to);
  window.dispatchEvent(new Event(MOVED));
}

/** Links of the workspace are followed without loading the page again. */
export function followLinks(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    const link = event
      .composedPath()
      .find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
    const plain =
      !event.defaultPrevented &&
      event.button === 0 &&
      !event.metaKey &&
      !event.ctrlKey &&
      !event.shiftKey &&
      !event.altKey;
    if (
      !link ||
      !plain ||
      link.target ||
      link.hasAttribute("download") ||
      !link.pathname.startsWith(ROOT) ||
      link.origin !== location.origin
    )
      return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  window.addEventListener("popstate", () => window.dispatchEvent(new Event(MOVED)));
}

/** Change one filter in the address; an empty value takes it away. */
export function narrow(name: string, value: string): void {
  const { part, id, query } = place();
  if (value) query.set(name, value);
  else query.delete(name);
  go(address(part, id, query), true);
}
