import { saidInstant } from "../core/said-instant.ts";
import { WrongUsage } from "../exit.ts";

const WHEN =
  "an instant with a zone like 2026-11-20T22:10Z, or a time like 2026-11-20T23:10 or a date like 2026-11-20 by the clock of the home";

/** What a person says of time: by the clock of that zone where the words name none. @throws WrongUsage when there is no such time. */
export function timeSaid(text: string, timeZone: string): number {
  const atMs = saidInstant(text, timeZone);
  if (atMs === null) throw new WrongUsage(`${JSON.stringify(text)} is no time that there is. Write ${WHEN}.`);
  return atMs;
}

/** The same of an option; the zone is asked for only when the option is there. */
export function optionTime(text: string | undefined, name: string, timeZone: () => string): number | undefined {
  if (text === undefined) return undefined;
  // Nonsense is refused before any database is looked into.
  const atMs = saidInstant(text, "UTC") === null ? null : saidInstant(text, timeZone());
  if (atMs === null) throw new WrongUsage(`--${name} is ${JSON.stringify(text)}, which is no time that there is. Write ${WHEN}.`);
  return atMs;
}
