import { readConfig } from "../config/config.ts";
import { REJECTED_SENTENCES, type StoredLabel } from "../core/labels/label.ts";
import { HOUR_MS, type Zone } from "../core/time.ts";
import { EXIT } from "../exit.ts";
import { targetNamed } from "../flow/labels.ts";
import { readLabels } from "../store/tables/labels.ts";
import { type Environment, printJson } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone, shownTime } from "./home-zone.ts";

/** Prints a target's labels, the latest end last. */
export function listLabels(environment: Environment, targetName: string, asJson: boolean | undefined): number {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    const labels = readLabels(db, targetNamed(db, targetName).targetId);
    if (asJson) printJson(labels);
    else {
      const zone = homeZone(environment);
      for (const label of labels) process.stdout.write(`${lineOf(label, zone)}\n`);
    }
    return EXIT.success;
  } finally {
    db.close();
  }
}

function lineOf(label: StoredLabel, zone: Zone): string {
  const hours = ((label.endMs - label.startMs) / HOUR_MS).toFixed(1);
  const state = label.reason === null ? label.kind : `rejected, ${label.reason}: ${REJECTED_SENTENCES[label.reason]}`;
  return `${label.id}\t${shownTime(label.startMs, zone)}\t${shownTime(label.endMs, zone)}\t${hours} h\t${state}\t${label.source}`;
}
