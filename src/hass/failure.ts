import { reasonOf } from "../core/reason.ts";

/** Why there is no connection, or why a command was not answered. */
export const CAUSES = [
  "wrong address",
  "name not found",
  "refused",
  "unreachable",
  "starting",
  "banned",
  "certificate",
  "not home assistant",
  "token rejected",
  "no answer",
  "closed",
  "silent",
  "bad frame",
  "not connected",
  "command refused",
  "stopped",
] as const;
export type Cause = (typeof CAUSES)[number];

/** Trouble with Home Assistant. `message` is one paragraph a person can act on; it never holds a token. */
export class HomeError extends Error {
  readonly reason: Cause;
  constructor(reason: Cause, words: string, cause?: unknown) {
    super(words, cause === undefined ? undefined : { cause });
    this.name = "HomeError";
    this.reason = reason;
  }
}

export function homeError(reason: Cause, url: string, detail = "", cause?: unknown): HomeError {
  return new HomeError(reason, words(reason, url, detail), cause);
}

function words(reason: Cause, url: string, detail: string): string {
  const at = detail === "" ? url : `${url} (${detail})`;
  switch (reason) {
    case "wrong address":
      return `The address of Home Assistant cannot be used. ${detail} Correct HA_URL and start again.`;
    case "name not found":
      return `The host of ${at} has no address. Check HA_URL for a typing error, or write the IP address instead of the name; the app keeps trying.`;
    case "refused":
      return `Nothing listens at ${at}. Home Assistant is not started yet, or HA_URL names another port (usually 8123); the app keeps trying.`;
    case "unreachable":
      return `${at} cannot be reached. Check that Home Assistant is on, that both are on one network, and that no firewall is between them; the app keeps trying.`;
    case "starting":
      return `Home Assistant is not ready: ${at}. It is starting or being updated, nothing has to be done; the app keeps trying.`;
    case "banned":
      return `Home Assistant refuses this address: ${at}. After too many wrong tokens it bans the sender: correct the token, remove this machine from ip_bans.yaml in Home Assistant's configuration and restart Home Assistant; the app keeps trying.`;
    case "certificate":
      return `The encrypted connection to ${at} failed. Use the name that the certificate was made for, or write http:// instead of https:// for the address inside your network; the app keeps trying.`;
    case "not home assistant":
      return `${at} is not Home Assistant. HA_URL must be the address of Home Assistant's start page without a path, like http://homeassistant.local:8123; the app keeps trying.`;
    case "token rejected":
      return `Home Assistant rejected the token. Make a new long-lived access token (your profile in Home Assistant, Security), set HA_TOKEN to it and start again. The app keeps trying with growing pauses, so a token that is restored works by itself.`;
    case "no answer":
      return `Home Assistant at ${at} did not answer in time. It may be overloaded or restarting; the app keeps trying.`;
    case "closed":
      return `Home Assistant ended the connection ${at}. It does so when it restarts, or when more events waited than it keeps for one client. The app connects again and fetches what was missed.`;
    case "silent":
      return `Home Assistant at ${at} was silent for too long, so the connection counts as broken (a cut cable, a machine asleep). The app connects again and fetches what was missed.`;
    case "bad frame":
      return `${at} sent what is not Home Assistant's protocol. A proxy between may have cut it. The app connects again and fetches what was missed.`;
    case "not connected":
      return `There is no connection to Home Assistant at ${at} at the moment; the app keeps trying.`;
    case "command refused":
      return `Home Assistant refused a command: ${detail}.`;
    case "stopped":
      return "The app is stopping.";
  }
}

const SYSTEM_CODES: Readonly<Record<string, Cause>> = {
  ENOTFOUND: "name not found",
  EAI_AGAIN: "name not found",
  ECONNREFUSED: "refused",
  ECONNRESET: "closed",
  EPIPE: "closed",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EPROTO: "certificate",
};

/** The cause of an error of the socket layer. */
export function causeOf(error: unknown): Cause {
  if (error instanceof HomeError) return error.reason;
  const code = codeOf(error);
  const known = SYSTEM_CODES[code];
  if (known) return known;
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return "certificate";
  if (/handshake has timed out/.test(messageOf(error))) return "unreachable";
  return code.startsWith("WS_ERR") || code.startsWith("HPE_") ? "bad frame" : "closed";
}

/** The cause of an answer over HTTP where a websocket was asked for. */
export function causeOfStatus(status: number): Cause {
  if (status === 403) return "banned";
  return status === 502 || status === 503 || status === 504 ? "starting" : "not home assistant";
}

/** One line of what went wrong; an error over several addresses carries its words in its parts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const text = reasonOf(error);
  return /wrong version number/.test(text) ? "it does not speak TLS" : (text.split("\n")[0] ?? "");
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
