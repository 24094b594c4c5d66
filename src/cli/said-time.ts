import { saidEnd, saidInstant } from "../core/said-instant.ts";
import { WrongUsage } from "../exit.ts";

const WHEN =
  "an instant with a zone like 2026-11-20T22:10Z, or a time like 2026-11-20T23:10 or a date like 2026-11-20 by the clock of the home";

/** What a person says of time: by the clock of the home's zone where the words name none. @throws WrongUsage when there is no such time. */
export function timeSaid(text: string, timeZone: () => string): number {
  return toldTime(text, JSON.stringify(text), timeZone);
}

/** The end of a span that begins then. @throws WrongUsage when there is no such time. */
export function endSaid(text: string, timeZone: () => string, startMs: number): number {
  timeSaid(text, timeZone);
  return saidEnd(text, timeZone(), startMs)!;
}

/** The same of an option; the zone is asked for only when the option is there. */
export function optionTime(text: string | undefined, name: string, timeZone: () => string): number | undefined {
  return text === undefined ? undefined : toldTime(text, `--${name} is ${JSON.stringify(text)}, which`, timeZone);
}

function toldTime(text: string, named: string, timeZone: () => string): number {
  // Nonsense is refused before any database is looked into.
  const atMs = saidInstant(text, "UTC") === null ? null : saidInstant(text, timeZone());
  if (atMs === null) throw new WrongUsage(`${named} is no time that there is. Write ${WHEN}.`);
  return atMs;
}
