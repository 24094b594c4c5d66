import { eventually, rowsOf } from "../e2e/program.ts";
import type { Source } from "./source.ts";

/** `entity@µs=state` of every event in the file; what held at the start of a fetched range and what statistics say are no events. */
export function storedEvents(database: string): string[] {
  return rowsOf<{ text: string }>(
    database,
    `SELECT e.entity_id || '@' || r.updated_us || '=' || r.state AS text FROM raw_events r JOIN entities e ON e.id = r.entity_id
     WHERE r.source NOT IN (2, 4)`,
  ).map((row) => row.text);
}

export interface Comparison {
  readonly sent: number;
  readonly inFile: number;
  /** Said and not in the file, some of them. */
  readonly lost: readonly string[];
  /** In the file and never said: an event that was stored again as another one, or one that is wrong. */
  readonly doubled: readonly string[];
}

/** The file against the source's own list. */
export function compareWith(source: Pick<Source, "said">, database: string): Comparison {
  const [said, stored] = [source.said(), storedEvents(database)];
  const [inSaid, inStored] = [new Set(said), new Set(stored)];
  return {
    sent: said.length,
    inFile: stored.length,
    lost: said.filter((row) => !inStored.has(row)).slice(0, 5),
    doubled: stored.filter((row) => !inSaid.has(row)).slice(0, 5),
  };
}

/** Waits until everything that was said is in the file. Returns the comparison as it is then, or as it was in the end. */
export async function untilAllIsStored(source: Pick<Source, "said">, database: string, limitMs = 20_000): Promise<Comparison> {
  return await eventually(
    () => {
      // A count first: the whole lists are compared only when they may be the same.
      const [{ n } = { n: 0 }] = rowsOf<{ n: number }>(database, "SELECT COUNT(*) AS n FROM raw_events WHERE source NOT IN (2, 4)");
      if (n < source.said().length) return null;
      const compared = compareWith(source, database);
      return compared.lost.length === 0 ? compared : null;
    },
    "everything that was said is stored",
    limitMs,
  ).catch(() => compareWith(source, database));
}

interface Health {
  readonly status: string;
  readonly connection: string | null;
  readonly gaps_open: number;
  readonly degraded_reasons: string;
}

export function healthOf(database: string): Health | undefined {
  return rowsOf<Health>(database, "SELECT status, connection, gaps_open, degraded_reasons FROM vw_health")[0];
}

/** Codes of the degraded markers that stand. */
export function markersOf(database: string): string[] {
  return (JSON.parse(healthOf(database)?.degraded_reasons ?? "[]") as { readonly code: string }[]).map(({ code }) => code);
}

/** `reason: outcome` of every span in which nobody listened, with how many there are. */
export function gapsOf(database: string): string[] {
  return rowsOf<{ text: string }>(
    database,
    "SELECT reason || ': ' || outcome || CASE COUNT(*) WHEN 1 THEN '' ELSE ' x ' || COUNT(*) END AS text FROM vw_gaps GROUP BY reason, outcome ORDER BY 1",
  ).map((row) => row.text);
}
