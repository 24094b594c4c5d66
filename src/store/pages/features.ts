import type { Db } from "../db.ts";
import { getMetadata } from "../tables/metadata.ts";
import { holding, type Page, type Paging, pageOf, when } from "./page.ts";

export interface FeatureQuery extends Paging {
  readonly words?: string | undefined;
}

export interface FeatureItem {
  readonly featureId: number;
  readonly name: string;
  readonly value: number | null;
  readonly coverage: number | null;
  readonly windowEndUtc: string | null;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** The active set with its newest values. */
export function pageOfFeatures(db: Db, query: FeatureQuery): Page<FeatureItem> {
  const page = pageOf<Omit<FeatureItem, "definition" | "value" | "coverage" | "windowEndUtc"> & { readonly definition: string }>(
    db,
    {
      columns: "d.feature_id AS featureId, d.name AS name, d.definition AS definition",
      from: "feature_set_members AS m JOIN feature_definitions AS d ON d.feature_id = m.feature_id",
      order: "m.position",
      where: [["m.set_id = ?", Number(getMetadata(db, "active_set_id") ?? 0)], when(query.words, (words) => holding(["d.name"], words))],
    },
    query,
  );
  const now = new Map(
    db
      .all<{ name: string; value: number | null; coverage: number | null; windowEndUtc: string | null }>(
        "SELECT feature_name AS name, feature_value AS value, coverage, window_end_utc AS windowEndUtc FROM vw_latest_feature_snapshot",
      )
      .map((row) => [row.name, row]),
  );
  const items = page.items.map(({ definition, ...item }) => {
    const { value = null, coverage = null, windowEndUtc = null } = now.get(item.name) ?? {};
    return { ...item, value, coverage, windowEndUtc, definition: JSON.parse(definition) as Record<string, unknown> };
  });
  return { ...page, items };
}

export interface SeriesQuery {
  readonly names: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Windows that are read at most, spread evenly over the range. */
  readonly columns: number;
}

export interface FeatureSeries {
  readonly gridMs: number;
  /** Ends of the windows that were read. */
  readonly windowEndsMs: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** How many windows lie between two that were read: 1 = each was. */
  readonly everyWindows: number;
}

/** Those of the names that no feature has or had. */
export function unknownFeatures(db: Db, names: readonly string[]): string[] {
  return db
    .all<{ name: string }>(
      "SELECT value AS name FROM json_each(?) WHERE value NOT IN (SELECT name FROM feature_definitions)",
      JSON.stringify(names),
    )
    .map(({ name }) => name);
}

/** Values of some features over a range. A long one is looked at in evenly spread windows: each is a look back of its own, so none misleads. */
export function readFeatureSeries(db: Db, { names, fromMs, toMs, columns }: SeriesQuery): FeatureSeries {
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  const stored = db.get<{ firstNo: number | null; lastNo: number | null }>(
    "SELECT (SELECT min(window_no) FROM features) AS firstNo, (SELECT max(window_no) FROM features) AS lastNo",
  )!;
  const firstNo = Math.max(Math.floor(fromMs / gridMs) + 1, stored.firstNo ?? 1);
  const lastNo = Math.min(Math.floor(toMs / gridMs), stored.lastNo ?? 0);
  const everyWindows = Math.max(1, Math.ceil((lastNo - firstNo + 1) / columns));
  const places = placesBySet(db, names);
  const at = db.prepare("SELECT set_id AS setId, values_json AS valuesJson FROM features WHERE window_no = ?");
  const windowEndsMs: number[] = [];
  const values = names.map((): (number | null)[] => []);
  for (let no = firstNo; no <= lastNo; no += everyWindows) {
    const row = at.get(no) as { setId: number; valuesJson: string } | undefined;
    if (row === undefined) continue;
    windowEndsMs.push(no * gridMs);
    const numbers = JSON.parse(row.valuesJson) as (number | null)[];
    const place = places(row.setId);
    for (const [k, name] of names.entries()) values[k]!.push(numbers[place.get(name) ?? -1] ?? null);
  }
  return { gridMs, windowEndsMs, series: names.map((name, k) => ({ name, values: values[k]! })), everyWindows };
}

/** Where each of the names stands in the values of a set. */
export function placesBySet(db: Db, names: readonly string[]): (setId: number) => ReadonlyMap<string, number> {
  const known = new Map<number, ReadonlyMap<string, number>>();
  return (setId) => {
    let places = known.get(setId);
    if (places === undefined) {
      const rows = db.all<{ name: string; position: number }>(
        `SELECT d.name AS name, m.position AS position FROM feature_set_members AS m JOIN feature_definitions AS d ON d.feature_id = m.feature_id
         WHERE m.set_id = ? AND d.name IN (SELECT value FROM json_each(?))`,
        setId,
        JSON.stringify(names),
      );
      places = new Map(rows.map((row) => [row.name, row.position]));
      known.set(setId, places);
    }
    return places;
  };
}
