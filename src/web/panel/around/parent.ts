import { go } from "../shell/route.ts";
import { deepLink } from "./deep-link.ts";
import { narrow } from "./narrow.ts";

/** Home Assistant's page around this one, asked by its own messages for apps. Versions that know none of them say nothing. */
interface Properties {
  readonly type: "home-assistant/properties";
  readonly narrow?: boolean;
  readonly route?: { readonly path?: string } | null;
}

export const isFramed = (): boolean => window.parent !== window;

/** Paths are screens and what they open: nothing else may come in by an address. */
const OWN_PATH = /^(?:\/[\w.:-]+)+\/?$/;

/** Follows the address in Home Assistant (deep links are its path behind the app's own) and its width. */
export function followParent(): void {
  if (!isFramed()) return;
  // Followed already, when the page was opened.
  let lastPath = deepLink() ?? "";
  window.addEventListener("message", ({ source, data }: MessageEvent<Properties | null>) => {
    if (source !== window.parent || data?.type !== "home-assistant/properties") return;
    if (typeof data.narrow === "boolean") narrow.value = data.narrow;
    const path = (data.route?.path ?? "").replace(/\/$/, "");
    // It is said again at each change of width.
    if (path === lastPath) return;
    lastPath = path;
    if (OWN_PATH.test(path)) go(path);
  });
  say({ type: "home-assistant/subscribe-properties", kioskMode: false, handleSafeArea: false });
}

/** Opens a place of Home Assistant's own, like `/config/helpers`. */
export function navigate(path: string): void {
  say({ type: "home-assistant/navigate", path });
}

/** Loads the whole page around this one anew: only that renews a session of Home Assistant. */
export function reloadAll(): void {
  try {
    window.parent.location.reload();
  } catch {
    // A page of another origin around this one.
    window.location.reload();
  }
}

function say(message: Readonly<Record<string, unknown>>): void {
  window.parent.postMessage(message, window.location.origin);
}
