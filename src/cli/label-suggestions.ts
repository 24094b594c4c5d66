import { readConfig } from "../config/config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import type { LabelWish } from "../flow/label-wishes.ts";
import { targetNamed } from "../flow/labels.ts";
import { type OpenSuggestion, readOpenSuggestions } from "../store/tables/suggestions.ts";
import { type Environment, printJson } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone, shownTime } from "./home-zone.ts";
import { whoAmI } from "./who.ts";

function openSuggestions(environment: Environment, targetName: string): OpenSuggestion[] {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    return readOpenSuggestions(db, targetNamed(db, targetName).targetId);
  } finally {
    db.close();
  }
}

/** One line a suggestion, the oldest night first. */
export function listSuggestions(environment: Environment, targetName: string, asJson: boolean | undefined): number {
  const open = openSuggestions(environment, targetName);
  if (asJson) printJson(open);
  else {
    const zone = homeZone(environment);
    for (const { id, startMs, endMs } of open) process.stdout.write(`${id}\t${shownTime(startMs, zone)}\t${shownTime(endMs, zone)}\n`);
  }
  return EXIT.success;
}

/** @throws WrongUsage where no such suggestion is open. */
export function acceptedWish(environment: Environment, targetName: string, id: string): LabelWish {
  const found = openSuggestions(environment, targetName).find((suggestion) => String(suggestion.id) === id);
  if (found === undefined) throw new WrongUsage(`There is no open suggestion ${id} of ${targetName}; label suggestions lists them.`);
  const { startMs, endMs } = found;
  return { kind: "tell", source: "suggestion", saidBy: whoAmI(), labels: [{ startMs, endMs, kind: "positive" }] };
}
