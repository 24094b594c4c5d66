import type { Db, Parameter } from "../db.ts";
import { folded } from "../folded.ts";

/** Which part of a list is wanted. */
export interface Paging {
  readonly limit: number;
  readonly offset: number;
}

export interface Page<T> extends Paging {
  readonly items: readonly T[];
  /** How many there are in all. */
  readonly total: number;
}

/** A condition and the values of its question marks; null = not asked for. */
export type Condition = readonly [sql: string, ...values: Parameter[]] | null;

export interface Listing {
  readonly columns: string;
  readonly from: string;
  readonly order: string;
  readonly where: readonly Condition[];
}

/** The rows that meet every condition: one part of them, and how many there are. */
export function pageOf<T>(db: Db, listing: Listing, paging: Paging): Page<T> {
  const { filter, values } = filterOf(listing);
  const { total } = db.get<{ total: number }>(`SELECT count(*) AS total FROM ${listing.from} ${filter}`, ...values)!;
  return { items: partOf(db, listing, paging), total, limit: paging.limit, offset: paging.offset };
}

/** The same rows without their number: a year of receipts takes a while to count. */
export function partOf<T>(db: Db, listing: Listing, { limit, offset }: Paging): T[] {
  const { filter, values } = filterOf(listing);
  const { columns, from, order } = listing;
  return db.all<T>(`SELECT ${columns} FROM ${from} ${filter} ORDER BY ${order} LIMIT ? OFFSET ?`, ...values, limit, offset);
}

function filterOf({ where }: Listing): { readonly filter: string; readonly values: Parameter[] } {
  const asked = where.filter((condition) => condition !== null);
  const filter = asked.length === 0 ? "" : `WHERE ${asked.map(([sql]) => sql).join(" AND ")}`;
  return { filter, values: asked.flatMap(([, ...rest]) => rest) };
}

/** The same page with each of its items made into another. */
export function mapPage<A, B>(page: Page<A>, change: (item: A) => B): Page<B> {
  return { ...page, items: page.items.map(change) };
}

/** A condition where a value was given. */
export function when<T>(value: T | undefined, condition: (value: T) => Condition): Condition {
  return value === undefined ? null : condition(value);
}

/** Instants of a range: from the first up to before the last; either may be left open. */
export interface Range {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Rows whose span touches the range. */
export function touching(start: string, end: string, { fromMs, toMs }: Range): Condition[] {
  return [when(fromMs, (value) => [`${end} > ?`, value]), when(toMs, (value) => [`${start} < ?`, value])];
}

/** Rows whose instant lies in the range. */
export function within(column: string, { fromMs, toMs }: Range): Condition[] {
  return [when(fromMs, (value) => [`${column} >= ?`, value]), when(toMs, (value) => [`${column} < ?`, value])];
}

/** Text that holds the words, whatever their case; `%` and `_` mean themselves. What is ASCII alone, as nearly every id, need not be folded: LIKE knows its case. */
export function holding(columns: readonly string[], words: string): Condition {
  const wanted = folded(words);
  const pattern = `%${wanted.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const holds = columns.map(
    (column) => `${column} LIKE ? ESCAPE '\\' OR (octet_length(${column}) > length(${column}) AND instr(folded(${column}), ?) > 0)`,
  );
  return [`(${holds.join(" OR ")})`, ...columns.flatMap(() => [pattern, wanted])];
}

/** SQL that shows an epoch in ms as a contract does. */
export const utc = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
