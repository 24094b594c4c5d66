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
  const read = new Map<number, { readonly numbers: readonly (number | null)[]; readonly setId: number } | null>();
  function valueAt(windowNo: number, name: string): number | null {
    let row = read.get(windowNo);
    if (row === undefined) {
      const found = at.get(windowNo) as { setId: number; valuesJson: string } | undefined;
      row = found === undefined ? null : { setId: found.setId, numbers: JSON.parse(found.valuesJson) as (number | null)[] };
      read.set(windowNo, row);
    }
    return row === null ? null : (row.numbers[places(row.setId).get(name) ?? -1] ?? null);
  }
  // Part by part, so that only the windows of one are held at a time.
  const perHour = counted.map((): (number | null)[] => []);
  for (const endMs of columnEndsMs) {
    read.clear();
    for (const [k, { name, horizonMs }] of counted.entries()) perHour[k]!.push(rateIn(endMs, columnMs, horizonMs, gridMs, name, valueAt));
  }
  return { columnEndsMs, columnMs, lanes: counted.map(({ subject }, k) => ({ subject, perHour: perHour[k]! })) };
}

function rateIn(
  endMs: number,
  columnMs: number,
  horizonMs: number,
  gridMs: number,
  name: string,
  valueAt: (windowNo: number, name: string) => number | null,
): number | null {
  let events = 0;
  let hours = 0;
  for (let atMs = endMs; atMs > endMs - columnMs; atMs -= horizonMs) {
    const value = valueAt(Math.floor(atMs / gridMs), name);
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
