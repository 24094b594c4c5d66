/**
 * The place behind the app's own address in Home Assistant's: "/timeline" of `/app/<slug>/timeline`, or null. Home Assistant says it as a message,
 * too, but only once it is asked: read here, nothing else is shown before.
 */
export function deepLink(): string | null {
  try {
    return /^\/app\/[^/]+((?:\/[\w.:-]+)+)\/?$/.exec(window.parent.location.pathname)?.[1] ?? null;
  } catch {
    // A page of another origin around this one.
    return null;
  }
}
