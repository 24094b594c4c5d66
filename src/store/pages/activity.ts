import type { Db } from "../db.ts";
import { getMetadata } from "../tables/metadata.ts";
import { placesBySet } from "./features.ts";

export interface ActivityQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** Parts of the range at most. */
  readonly columns: number;
}

export interface ActivityLane {
  /** `area.kitchen`, `home`, an entity. */
  readonly subject: string;
  /** Activity events an hour in each part; null where no window of it was computed. */
  readonly perHour: readonly (number | null)[];
}

export interface Activity {
  readonly columnEndsMs: readonly number[];
  readonly columnMs: number;
  readonly lanes: readonly ActivityLane[];
}

interface Counted {
  readonly subject: string;
  readonly name: string;
  readonly horizonMs: number;
}

const MOST_LANES = 30;

/**
 * How much went on where, over any range: from features that count activity events over a horizon. Windows are read a horizon apart, so that
 * each event is counted in one of them and no part of the range is passed over, and a year is as many reads as it has hours.
 */
export function readActivity(db: Db, { fromMs, toMs, columns }: ActivityQuery): Activity {
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  const counted = countedIn(db, Math.max(gridMs, (toMs - fromMs) / columns));
  // Whole horizons, so that the windows of a part touch those of the next and none overlaps.
  const longestMs = Math.max(gridMs, ...counted.map(({ horizonMs }) => horizonMs));
  const columnMs = Math.max(1, Math.ceil((toMs - fromMs) / columns / longestMs)) * longestMs;
  const [firstNo, lastNo] = [Math.floor(fromMs / columnMs), Math.ceil(toMs / columnMs)];
  const columnEndsMs = Array.from({ length: lastNo - firstNo }, (_, k) => (firstNo + k + 1) * columnMs);
  const places = placesBySet(
    db,
    counted.map(({ name }) => name),
  );
  const at = db.prepare("SELECT set_id AS setId, values_json AS valuesJson FROM features WHERE window_no = ?");
  const older = db.prepare("SELECT max(window_no) FROM features WHERE window_no < ?").pluck(true);
  const read = new Map<number, Window>();
  function windowAt(no: number): Window {
    let window = read.get(no);
    if (window === undefined) {
      const row = at.get(no) as { setId: number; valuesJson: string } | undefined;
      window = row === undefined ? { counts: null, olderNo: older.get(no) as number | null } : { counts: countsIn(row) };
      read.set(no, window);
    }
    return window;
  }
  // Of a window's values only these: a part of a long range may hold every window that there is.
  function countsIn({ setId, valuesJson }: { readonly setId: number; readonly valuesJson: string }): (number | null)[] {
    const [numbers, place] = [JSON.parse(valuesJson) as (number | null)[], places(setId)];
    return counted.map(({ name }) => numbers[place.get(name) ?? -1] ?? null);
  }
  // Part by part, so that only the windows of one are held at a time.
  const perHour = counted.map((): (number | null)[] => []);
  for (const endMs of columnEndsMs) {
    read.clear();
    for (const [k, { horizonMs }] of counted.entries()) perHour[k]!.push(rateIn({ endMs, columnMs, horizonMs, gridMs }, k, windowAt));
  }
  return { columnEndsMs, columnMs, lanes: counted.map(({ subject }, k) => ({ subject, perHour: perHour[k]! })) };
}

/** What a stored window counted, in the order of the lanes; of one that is not there, the next older that is. */
type Window = { readonly counts: readonly (number | null)[] } | { readonly counts: null; readonly olderNo: number | null };

interface Part {
  readonly endMs: number;
  readonly columnMs: number;
  readonly horizonMs: number;
  readonly gridMs: number;
}

/** Where nothing is stored it goes on at the next window that is: whatever the range, the work is bounded by what the file holds. */
function rateIn({ endMs, columnMs, horizonMs, gridMs }: Part, lane: number, windowAt: (no: number) => Window): number | null {
  let events = 0;
  let hours = 0;
  let atMs = endMs;
  while (atMs > endMs - columnMs) {
    const window = windowAt(Math.floor(atMs / gridMs));
    if (window.counts === null) {
      if (window.olderNo === null) break;
      atMs -= horizonMs * (Math.floor((atMs - (window.olderNo + 1) * gridMs) / horizonMs) + 1);
      continue;
    }
    atMs -= horizonMs;
    const value = window.counts[lane]!;
    if (value === null) continue;
    events += Math.expm1(value);
    hours += horizonMs / 3_600_000;
  }
  return hours === 0 ? null : Math.round((events / hours) * 100) / 100;
}

/** The whole home, then its areas; entities where there are no areas. One count for each: the longest that a part of the range still holds, else the shortest there is. */
function countedIn(db: Db, widestMs: number): Counted[] {
  const rows = db.all<Counted>(
    `SELECT substr(d.name, 1, instr(d.name, ':') - 1) AS subject, d.name AS name, json_extract(d.definition, '$.horizonMs') AS horizonMs
     FROM feature_set_members AS m JOIN feature_definitions AS d ON d.feature_id = m.feature_id
     WHERE m.set_id = ? AND json_extract(d.definition, '$.kind') = 'activity_count' AND instr(d.name, ':') > 1 ORDER BY m.position`,
    Number(getMetadata(db, "active_set_id") ?? 0),
  );
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  const rank = (subject: string): number => (subject === "home" ? 0 : subject.startsWith("area.") ? 1 : 2);
  const hasAreas = rows.some(({ subject }) => rank(subject) === 1);
  return [...bySubject.values()]
    .filter(([first]) => !hasAreas || rank(first!.subject) < 2)
    .map((counts) => {
      const short = counts.toSorted((a, b) => a.horizonMs - b.horizonMs);
      return short.findLast(({ horizonMs }) => horizonMs <= widestMs) ?? short[0]!;
    })
    .sort((a, b) => rank(a.subject) - rank(b.subject) || (a.subject < b.subject ? -1 : 1))
    .slice(0, MOST_LANES);
}
