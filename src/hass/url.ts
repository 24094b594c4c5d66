export type HomeUrl = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly words: string };

const EXAMPLE = "It must be the address of Home Assistant's start page, like http://homeassistant.local:8123";

/**
 * The websocket address of a Home Assistant from what a person types: `http(s)` becomes `ws(s)` and `/api/websocket` is added; an address
 * that already ends in `/websocket` (the Supervisor's `ws://supervisor/core/websocket`) stays as it is.
 */
export function websocketUrl(text: string): HomeUrl {
  const given = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (given === "" || !url || url.hostname === "") {
    // Before an @ a password may stand.
    return { ok: false, words: `${given.includes("@") ? "This" : JSON.stringify(given)} is not an address. ${EXAMPLE}.` };
  }
  const scheme = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[url.protocol];
  if (!scheme) return { ok: false, words: `An address that begins with ${url.protocol}// cannot be used. ${EXAMPLE}.` };
  if (url.username !== "" || url.password !== "") {
    return {
      ok: false,
      words: `The address holds a user name or a password, which Home Assistant does not take. ${EXAMPLE}, with the token in HA_TOKEN.`,
    };
  }
  const path = url.pathname.replace(/\/+$/, "");
  return { ok: true, url: `${scheme}//${url.host}${path.endsWith("/websocket") ? path : `${path}/api/websocket`}` };
}
