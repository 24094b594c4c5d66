import type { Db } from "../db.ts";

/** Free pages up to this share of the file are left: the next days' events take them, and moving pages wears the disk. */
const KEPT_SHARE = 0.05;
const KEPT_PAGES = 256;
/** A slice is made as large as fits into this; the first one of a run is small. */
const SLICE_MS = 10;
const MOST_PAGES = 512;

export interface Vacuumed {
  /** Pages given back by this slice. */
  readonly pages: number;
  /** How many to ask for next; 0 = nothing is left to do. */
  readonly next: number;
}

/**
 * Gives free pages at the end of the file back to the disk, `pages` of them at the most. Runs outside a transaction.
 * Executed as a script, because the pragma frees one page per step of its statement.
 */
export function vacuumSlice(db: Db, { pages }: { readonly pages: number }): Vacuumed {
  const free = Number(db.pragma("freelist_count"));
  const kept = Math.max(KEPT_PAGES, Math.floor(Number(db.pragma("page_count")) * KEPT_SHARE));
  const wanted = Math.min(pages, free - kept);
  if (wanted <= 0) return { pages: 0, next: 0 };
  const started = performance.now();
  db.exec(`PRAGMA incremental_vacuum(${wanted})`);
  const tookMs = Math.max(0.1, performance.now() - started);
  const freed = free - Number(db.pragma("freelist_count"));
  const next = freed === 0 ? 0 : Math.max(16, Math.min(MOST_PAGES, 2 * wanted, Math.floor((wanted * SLICE_MS) / tookMs)));
  return { pages: freed, next };
}
