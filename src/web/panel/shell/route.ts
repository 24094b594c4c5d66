import { signal } from "@preact/signals";

/** Where the person is: `#/timeline/2026-11-21?target=sleep` is the screen "timeline", its rest ["2026-11-21"] and its query. */
export interface Route {
  /** Empty = nothing was asked for. */
  readonly screen: string;
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const route = signal<Route>(routeOf(""));

/** Follows the address for as long as the page lives. */
export function followAddress(): void {
  const read = (): void => {
    const asked = routeOf(location.hash);
    // Back at the page's own address, before any screen was opened there.
    if (asked.screen === "" && route.value.screen !== "") go("/now", { replace: true });
    else route.value = asked;
  };
  window.addEventListener("hashchange", read);
  read();
}

/** Opens a place of the panel: "/labels", "/timeline/2026-11-21". `replace` leaves no step behind it. */
export function go(path: string, options: { readonly query?: Readonly<Record<string, string>>; readonly replace?: boolean } = {}): void {
  const hash = hrefOf(path, options.query);
  if (hash === location.hash) return;
  if (options.replace) {
    history.replaceState(history.state, "", hash);
    route.value = routeOf(hash);
  } else location.hash = hash;
}

/** The address of a place, for a link. */
export function hrefOf(path: string, query: Readonly<Record<string, string>> = {}): string {
  const words = new URLSearchParams(query).toString();
  return `#${path}${words === "" ? "" : `?${words}`}`;
}

export function routeOf(hash: string): Route {
  const [path = "", words = ""] = hash.replace(/^#/, "").split("?", 2);
  const [screen = "", ...rest] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  return { screen, rest, query: Object.fromEntries(new URLSearchParams(words)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
