import { readConfig } from "../config/config.ts";
import type { Zone } from "../core/time.ts";
import { EXIT } from "../exit.ts";
import { megabytes } from "../store/backup.ts";
import type { Db } from "../store/db.ts";
import { type HealthReport, readHealthReport } from "../store/tables/overview.ts";
import type { JobOverview } from "../store/tables/overview-runs.ts";
import { type Command, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone, shownTime } from "./home-zone.ts";
import { toldLife } from "./told-life.ts";

const USAGE = "status [--json]";

export const statusCommand: Command = {
  name: "status",
  usage: USAGE,
  summary: "One screen: how the app and its models are. Reads the file, so it also tells when the app is dead.",
  async run(words, environment) {
    const { values } = readWords(words, { json: { type: "boolean" } }, USAGE, 0);
    const { dbPath } = readConfig(environment);
    const db = openExisting(dbPath);
    try {
      const health = await toldLife(dbPath, () => readHealthReport(db));
      if (values.json) printJson(health);
      else process.stdout.write(`${screen(db, health, homeZone(environment)).join("\n")}\n`);
      return EXIT.success;
    } finally {
      db.close();
    }
  },
};

interface PredictionRow {
  readonly target_name: string;
  readonly probability: number | null;
  readonly is_on: 0 | 1 | null;
  readonly since_utc: string | null;
  readonly found_at_utc: string | null;
  readonly stage: string | null;
  readonly unavailable_reason: string | null;
  readonly model_version: number | null;
}

function screen(db: Db, health: HealthReport, zone: Zone): string[] {
  const at = (utc: string | null, none: string): string => (utc === null ? none : shownTime(Date.parse(utc), zone));
  const line = (name: string, text: string): string => `${name.padEnd(12)} ${text}`;
  const predictions = db.all<PredictionRow>(
    `SELECT target_name, probability, is_on, since_utc, found_at_utc, stage, unavailable_reason, model_version FROM vw_clr_latest_prediction`,
  );
  const lines = [
    line("status", `${health.status}, last heartbeat ${at(health.heartbeatAtUtc, "never")}`),
    line(
      "connection",
      `${health.connection ?? "unknown"}${health.connectedSinceUtc === null ? "" : ` since ${at(health.connectedSinceUtc, "")}`}`,
    ),
    line("entities", String(health.entitiesTotal)),
    line("events", `${health.eventsTotal} in all, last ${at(health.lastEventAtUtc, "none")}`),
    line("gaps", `${health.gapsOpen} open`),
    line("labels", `${health.labelsTotal}`),
    line("features", `${health.featuresTotal} windows, last pass ${at(health.lastFeatureAtUtc, "none")}`),
    line("disk", diskWords(health)),
    line("backup", health.lastBackupAtUtc === null ? "none yet" : `${at(health.lastBackupAtUtc, "")}, ${size(health.lastBackupBytes)}`),
    line("changes", `${health.changesTotal} reported, last look ${at(health.lastChangeStepAtUtc, "none")}`),
  ];
  for (const job of health.jobs) lines.push(line("job", jobWords(job, at)));
  for (const row of predictions) {
    const said =
      row.probability === null
        ? `no probability (${row.unavailable_reason})`
        : `probability ${row.probability.toFixed(4)}${stateWords(row, at)}`;
    lines.push(
      line(row.target_name, `${said}, stage ${row.stage ?? "none"}${row.model_version === null ? "" : `, model ${row.model_version}`}`),
    );
  }
  for (const { target, missing, drift } of health.readiness ?? [])
    for (const words of [...missing, ...(drift === undefined ? [] : [drift])]) lines.push(line("", `${target}: ${words}`));
  for (const marker of health.degradedReasons)
    lines.push(line("degraded", `${marker.code} since ${at(marker.since, "")}: ${marker.cause} ${marker.effect} ${marker.remedy}`));
  return lines;
}

type At = (utc: string | null, none: string) => string;

function stateWords({ is_on, since_utc, found_at_utc }: PredictionRow, at: At): string {
  if (is_on === null) return "";
  const found = found_at_utc === null ? "" : `, found at ${at(found_at_utc, "")}`;
  return `, ${is_on === 1 ? "on" : "off"}${since_utc === null ? ", since when is not known" : ` since ${at(since_utc, "")}`}${found}`;
}

function jobWords({ job, nextDueAtUtc, lastRun }: JobOverview, at: At): string {
  // What an app of the user's has planned only the app knows.
  const next = nextDueAtUtc !== null ? `next ${at(nextDueAtUtc, "")}, ` : job.startsWith("app:") ? "" : "nothing planned, ";
  if (lastRun === null) return `${job}: ${next}has not run yet`;
  const counted = lastRun.rows === null ? "" : `, ${lastRun.rows} rows`;
  const error = lastRun.error === null ? "" : `: ${lastRun.error}`;
  return `${job}: ${next}last ${lastRun.status} ${at(lastRun.finishedAtUtc ?? lastRun.startedAtUtc, "")}${counted}${error}`;
}

/** Sizes that are measured at night show once they are there. */
function diskWords(health: HealthReport): string {
  if (health.databaseBytes === null) return "not looked at yet";
  const words = [`${size(health.databaseBytes)} and a log of ${size(health.logBytes)}, ${size(health.diskFreeBytes)} free`];
  if (health.growthBytesPerDay !== null) words.push(`grows ${size(health.growthBytesPerDay)} a day`);
  if (health.forecastBytes !== null) words.push(`${size(health.forecastBytes)} at the limits of retention`);
  if (health.bytesPerEvent !== null) words.push(`${health.bytesPerEvent} bytes an event`);
  if (health.writtenBytesPerDay !== null) words.push(`${size(health.writtenBytesPerDay)} written a day`);
  return words.join(", ");
}

function size(bytes: number | null): string {
  return bytes === null ? "?" : megabytes(bytes);
}
