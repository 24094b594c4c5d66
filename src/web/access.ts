import type { IncomingHttpHeaders } from "node:http";
import { isLoopback, isSupervisor, plainAddress } from "./peers.ts";
import { Problem, tooMany } from "./problem.ts";

/** What one may do: see everything, also say labels and answer changes, everything. Each holds those before it. */
export const SCOPES = ["read", "label", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks. What a user of Home Assistant may do depends on whether they are an administrator there, which `guard.ts` asks. */
export interface Who {
  readonly kind: "home assistant" | "this machine" | "token";
  /** As it is kept beside what they say. */
  readonly name: string;
  readonly userId: string | null;
  readonly scope: Scope;
  /** False = Home Assistant has not said yet whether they are an administrator. */
  readonly isRankKnown?: false;
}

export interface Caller {
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface AccessRules {
  readonly isInsideHomeAssistant: boolean;
  /** The token that was shown, if it is one. */
  readonly tokenOf: (shown: string) => { readonly name: string; readonly scope: Scope } | null;
}

/** Wrong tokens from one address before none is looked at any more for a while. */
const MOST_WRONG_TOKENS = 10;
const LOCKED_MS = 60_000;
const MOST_ADDRESSES = 1000;

/**
 * Decides who asks. Home Assistant's ingress and this very machine are let in as they are; everybody else shows a token. Never trusted:
 * headers of ingress from another peer, a loopback peer that forwards for somebody else, or one that was led here by a foreign name.
 */
export function createAccess({ isInsideHomeAssistant, tokenOf }: AccessRules, nowMs: () => number): (caller: Caller) => Who {
  const wrong = new Map<string, { count: number; sinceMs: number }>();

  function byToken(address: string, shown: string): Who {
    const before = wrong.get(address);
    const waitMs = before === undefined ? 0 : before.sinceMs + LOCKED_MS - nowMs();
    if (waitMs <= 0) wrong.delete(address);
    else if (before!.count >= MOST_WRONG_TOKENS)
      throw tooMany("Too many wrong tokens came from this address.", waitMs, "send the right one");
    const token = tokenOf(shown);
    if (token !== null) return { kind: "token", name: `token ${token.name}`, userId: null, scope: token.scope };
    if (wrong.size >= MOST_ADDRESSES) wrong.delete(wrong.keys().next().value!);
    wrong.set(address, { sinceMs: nowMs(), count: (wrong.get(address)?.count ?? 0) + 1 });
    throw new Problem(
      401,
      "wrong token",
      'This token is not known, or was revoked. "token list" shows which there are, "token add" makes one.',
    );
  }

  return ({ address, headers }) => {
    if (isInsideHomeAssistant && isSupervisor(address)) return userOf(headers);
    if (isLoopback(address) && !isForwarded(headers)) {
      if (isLocalName(headers.host)) return { kind: "this machine", name: "this machine", userId: null, scope: "admin" };
      throw new Problem(
        403,
        "foreign name",
        `This machine is asked by the name ${JSON.stringify(String(headers.host).slice(0, 100))}, which a website could make up. Use http://localhost or http://127.0.0.1 with the port.`,
      );
    }
    const shown = tokenShown(headers);
    if (shown !== undefined) return byToken(plainAddress(address) ?? "unknown", shown);
    if (isInsideHomeAssistant) {
      throw new Problem(
        403,
        "forbidden",
        "Only Home Assistant's ingress and this machine itself are answered without a token. Open the app's page in Home Assistant, or make a token with the command token add.",
      );
    }
    throw tokenNeeded();
  };
}

export function tokenShown({ authorization }: IncomingHttpHeaders): string | undefined {
  // The name of the scheme is written as one likes (RFC 9110).
  return /^Bearer +([\x21-\x7e]{1,200})$/i.exec(authorization ?? "")?.[1];
}

export function tokenNeeded(): Problem {
  return new Problem(
    401,
    "token needed",
    'Send a token: the header "Authorization: Bearer TOKEN". The command "token add NAME" makes one on the machine of the app.',
  );
}

/** @throws Problem when a page of another origin makes a browser ask. Programs that are no browser send none of these headers. */
export function refuseForeignPages({ headers }: Caller, isIngress: boolean): void {
  const site = headers["sec-fetch-site"];
  const isForeign = site === "cross-site" || site === "same-site";
  const { origin, host } = headers;
  // Behind ingress the host is another one than the browser sees.
  const isOtherOrigin = origin !== undefined && !isIngress && hostOf(origin) !== host?.toLowerCase();
  if (isForeign || isOtherOrigin) {
    throw new Problem(403, "foreign page", "A page of another origin may not ask this app. Open the app's own page.");
  }
}

export function isAllowed(who: Who, wanted: Scope): boolean {
  return SCOPES.indexOf(who.scope) >= SCOPES.indexOf(wanted);
}

function userOf(headers: IncomingHttpHeaders): Who {
  const name = headerText(headers["x-remote-user-display-name"]) ?? headerText(headers["x-remote-user-name"]);
  const userId = headerText(headers["x-remote-user-id"]);
  return { kind: "home assistant", name: `${name ?? "somebody"} (Home Assistant)`, userId, scope: "label" };
}

/** Headers come as latin1; names are UTF-8. What is not written text is left out. */
function headerText(value: string | string[] | undefined): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  const text = Buffer.from(first ?? "", "latin1")
    .toString("utf8")
    .replaceAll(/\p{C}/gu, "")
    .trim()
    .slice(0, 100);
  return text === "" ? null : text;
}

const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].some((name) => headers[name] !== undefined);

function isLocalName(host: string | undefined): boolean {
  const name = (host ?? "").toLowerCase().replace(/:\d{1,5}$/, "");
  return name === "localhost" || name === "[::1]" || isLoopback(name);
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
