import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeValues } from "../src/core/features/encode.ts";
import { type Db, openForWriting } from "../src/store/db.ts";
import { execute } from "../src/store/inline-writer.ts";
import { checkpointLog } from "../src/store/log-file.ts";
import { createLogKeeper } from "../src/store/log-keeper.ts";
import { migrate } from "../src/store/migrate.ts";
import { TRIM_START, type TrimCursor } from "../src/store/tables/retention.ts";
import { createRandom } from "./event-year.ts";
import { machine } from "./machine.ts";

const GRID_MS = 300_000;
const DAY_MS = 86_400_000;
const ENTITIES = 1500;
const FEATURES = 300;
const COMMIT_MS = 2000;
const COMMIT_EVENTS = 1000;
const RETENTION = { rawDays: 90, featureDays: 400, labelledDays: 1095 };
const START_MS = Date.UTC(2026, 5, 1);

/**
 * A day of a home of 1,500 entities through the app's own writes, in the app's own rhythm: a commit every two seconds or thousand events, a
 * heartbeat a minute, newest states, a window of 300 features, a prediction and receipts every five minutes, and the retention of as large
 * a day at night. `bytesPerEvent` is the growth
 * of everything but the features' tables, divided by the events; `mbWrittenPerDay` what was written to the log and the file by this process.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const perDay = Number(options["events-per-day"] ?? 500_000);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-storage-"));
  try {
    const db = openForWriting(join(folder, "storage.db"));
    db.pragma("wal_autocheckpoint = 16000");
    migrate(db, START_MS);
    prepare(db, perDay);
    const keeper = createLogKeeper(db);
    checkpointLog(db, "empty");
    const before = { tables: tableBytes(db), io: writtenBytes(), disk: diskBytes() };
    const events = liveDay(db, perDay, () => keeper.look());
    const grown = growth(before.tables, tableBytes(db));
    const slices = night(db, () => keeper.look());
    checkpointLog(db, "empty");
    const io = writtenBytes();
    const featureBytes = (grown.get("features") ?? 0) + (grown.get("features_by_window") ?? 0);
    const all = [...grown.values()].reduce((sum, bytes) => sum + bytes, 0);
    const windows = DAY_MS / GRID_MS;
    const figures = {
      name: "storage",
      ours: io === null || before.io === null ? null : round((io - before.io) / 1e6),
      unit: "MB written a day",
      eventsPerDay: events,
      bytesPerEvent: round((all - featureBytes) / events),
      bytesPerRawEvent: round((grown.get("raw_events") ?? 0) / events),
      bytesPerFeatureValue: round(featureBytes / (windows * FEATURES)),
      mbWrittenPerDay: io === null || before.io === null ? null : round((io - before.io) / 1e6),
      mbToLogPerDay: round(keeper.figures().writtenBytes / 1e6),
      mbToDiskPerDay: round((diskBytes() - before.disk) / 1e6),
      trimmedRows: slices.trimmed,
      trimSlices: slices.count,
      longestSliceMs: round(slices.longestMs),
      mbGrownPerDay: round(all / 1e6),
      fileBytes: statSync(db.path).size,
      machine: machine(),
    };
    db.close();
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(db: Db, perDay: number): void {
  execute(db, "setMetadata", { grid_ms: String(GRID_MS), heartbeat_at: new Date(START_MS).toISOString() });
  execute(db, "putTargets", {
    targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }],
    nowMs: START_MS,
  });
  const features = Array.from({ length: FEATURES }, (_, i) => ({ name: `sensor.made_${i}:mean_30m`, definition: `{"made":${i}}` }));
  execute(db, "activateFeatureSet", { features, hash: "bench", excluded: [], nowMs: START_MS });
  putDayToTrim(db, perDay);
}

/** The day that goes beyond its limit in this night, as large as the one that comes. */
function putDayToTrim(db: Db, perDay: number): void {
  const random = createRandom(4);
  const picks = Array.from({ length: ENTITIES }, (_, i) => i);
  const fromMs = START_MS - RETENTION.rawDays * DAY_MS;
  for (let sent = 0; sent < perDay; sent += COMMIT_EVENTS) {
    const count = Math.min(COMMIT_EVENTS, perDay - sent);
    const events = Array.from({ length: count }, (_, i) => madeEvent(random, picks, fromMs + ((sent + i) * DAY_MS) / perDay));
    execute(db, "insertEvents", { events, nowMs: fromMs });
  }
  execute(db, "saveEntityStates", null);
}

/** The night's retention. Returns its slices' figures. */
function night(db: Db, lookAtLog: () => void): { readonly count: number; readonly longestMs: number; readonly trimmed: number } {
  let trimmed = 0;
  let count = 0;
  let longestMs = 0;
  for (let from: TrimCursor = TRIM_START; from.eventUs !== null || from.windowNo !== null; count += 1) {
    const started = performance.now();
    const slice = execute(db, "trim", { ...RETENTION, gridMs: GRID_MS, nowMs: START_MS + DAY_MS, from });
    longestMs = Math.max(longestMs, performance.now() - started);
    trimmed += slice.events + slice.features;
    from = slice.next;
    lookAtLog();
  }
  for (let pages = 64; pages > 0; count += 1) {
    const started = performance.now();
    pages = execute(db, "vacuumSlice", { pages }).next;
    longestMs = Math.max(longestMs, performance.now() - started);
  }
  return { count, longestMs, trimmed };
}

/** One day in order. Returns the events stored. */
function liveDay(db: Db, perDay: number, lookAtLog: () => void): number {
  const random = createRandom(3);
  const busy = Array.from({ length: ENTITIES }, () => Math.exp(2 * random()));
  const picks = busy.flatMap((weight, i) => Array.from({ length: Math.ceil(weight) }, () => i));
  const stepMs = DAY_MS / perDay;
  const commitMs = Math.min(COMMIT_MS, COMMIT_EVENTS * stepMs);
  let sent = 0;
  let nextMinute = START_MS;
  let nextWindow = START_MS + GRID_MS;
  for (let nowMs = START_MS + commitMs; nowMs <= START_MS + DAY_MS; nowMs += commitMs) {
    const until = Math.floor((nowMs - START_MS) / stepMs);
    const events = Array.from({ length: until - sent }, (_, i) => madeEvent(random, picks, START_MS + (sent + i) * stepMs));
    sent = until;
    if (events.length > 0) execute(db, "insertEvents", { events, nowMs });
    if (nowMs >= nextMinute) {
      execute(db, "beat", { nowMs });
      execute(db, "setHealth", { database_bytes: sent, log_bytes: sent, unused_bytes: 0, disk_free_bytes: sent });
      nextMinute += 60_000;
    }
    if (nowMs >= nextWindow) {
      livePass(db, nextWindow / GRID_MS, random, nowMs);
      nextWindow += GRID_MS;
    }
    lookAtLog();
  }
  return sent;
}

function madeEvent(random: () => number, picks: readonly number[], atMs: number) {
  const entity = picks[Math.floor(random() * picks.length)]!;
  const isNumber = entity % 3 !== 0;
  return {
    entityId: `${isNumber ? "sensor" : "binary_sensor"}.made_${entity}`,
    state: isNumber ? String(Math.round(random() * 10_000) / 10) : random() < 0.5 ? "on" : "off",
    updatedUs: Math.floor(atMs * 1000 + random() * 900),
    knownAtMs: Math.floor(atMs) + 20 + Math.floor(random() * 30),
    source: "live" as const,
  };
}

/** What the jobs `features` and `predict` write of one window. */
function livePass(db: Db, windowNo: number, random: () => number, nowMs: number): void {
  const receipt = { job: "features", dueAtMs: windowNo * GRID_MS, startedAtMs: nowMs, finishedAtMs: null, rows: null, error: null };
  execute(db, "putReceipt", { ...receipt, status: "running" });
  execute(db, "saveEntityStates", null);
  execute(db, "setMetadata", { features_read_to: String(windowNo) });
  const values = Array.from({ length: FEATURES }, () => madeValue(random));
  const row = { windowNo, setId: 1, valuesJson: encodeValues(values), coverageJson: null, coverage: 1, availableAtMs: nowMs };
  execute(db, "putFeatures", { rows: [row], nowMs });
  const used = values.slice(0, 50);
  execute(db, "putPredictions", {
    rows: [
      {
        targetId: 1,
        windowNo,
        probability: 0.25,
        isOn: false,
        threshold: 0.5,
        stage: "preview",
        artifactId: null,
        coverage: 1,
        unavailableReason: null,
        vectorJson: JSON.stringify(used),
      },
    ],
    nowMs,
  });
  execute(db, "putReceipt", { ...receipt, status: "completed", finishedAtMs: nowMs, rows: 1 });
}

/** Shares, counts and levels as homes have them: many are zero or one, the rest has seven digits. */
function madeValue(random: () => number): number {
  const kind = random();
  if (kind < 0.3) return 0;
  if (kind < 0.35) return 1;
  if (kind < 0.7) return random() * 3;
  return 20 + random() * 5;
}

function tableBytes(db: Db): Map<string, number> {
  return new Map(
    db
      .all<{ name: string; bytes: number }>("SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = 1")
      .map((row) => [row.name, row.bytes]),
  );
}

function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([name, bytes]) => [name, bytes - (before.get(name) ?? 0)]));
}

/** Bytes that this process handed to files; null where the system does not tell. */
function writtenBytes(): number | null {
  try {
    return Number(/wchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  } catch {
    return null;
  }
}

/** Bytes that this process sent to a disk; 0 on a disk in memory. */
function diskBytes(): number {
  return process.resourceUsage().fsWrite * 512;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
