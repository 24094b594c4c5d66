import { deepLink } from "../around/deep-link.ts";

/** The screen that the panel's script will open. */
export function likelyScreen(): string {
  const asked = /^#?\/([\w-]+)/.exec(location.hash || (deepLink() ?? ""))?.[1];
  if (asked !== undefined) return asked;
  try {
    return localStorage.getItem("ml-data-layer.screen") ?? "now";
  } catch {
    return "now";
  }
}
