import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { TRIM_START, type TrimCursor, type TrimInput } from "../../src/store/tables/retention.ts";

export interface TrimmedRows {
  readonly events: number;
  readonly features: number;
}

/** A whole run of retention, slice by slice. Returns what each slice deleted. */
export function trimAll(db: Db, limits: Omit<TrimInput, "from">): TrimmedRows[] {
  const slices: TrimmedRows[] = [];
  for (let from: TrimCursor = TRIM_START; from.eventUs !== null || from.windowNo !== null; ) {
    const { next, events, features } = execute(db, "trim", { ...limits, from });
    slices.push({ events, features });
    from = next;
  }
  return slices;
}
