import type { Db } from "../db.ts";
import { lastSuggestionId } from "./last-numbers.ts";

export interface Suggestion {
  readonly targetId: number;
  /** Number of the local day (by the anchor hour) that holds the night. */
  readonly day: number;
  /** Null: looked at, nothing found. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly suggestedAtMs: number;
}

/** A night is looked at once. */
export function putSuggestions(db: Db, input: { readonly suggestions: readonly Suggestion[] }): void {
  let lastId = lastSuggestionId(db);
  for (const { targetId, day, startMs, endMs, suggestedAtMs } of input.suggestions) {
    lastId += db.run(
      "INSERT OR IGNORE INTO label_suggestions (id, target_id, day, start_ms, end_ms, suggested_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
      lastId + 1,
      targetId,
      day,
      startMs,
      endMs,
      suggestedAtMs,
    );
  }
}

export function readSuggestedDays(db: Db, targetId: number): Set<number> {
  return new Set(db.all<{ day: number }>("SELECT day FROM label_suggestions WHERE target_id = ?", targetId).map(({ day }) => day));
}

export interface OpenSuggestion {
  readonly id: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Suggestions that no label of the target says anything about yet, the oldest first. */
export function readOpenSuggestions(db: Db, targetId: number): OpenSuggestion[] {
  return db.all(
    `SELECT id, start_ms AS startMs, end_ms AS endMs FROM label_suggestions AS s
     WHERE target_id = ? AND start_ms IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM labels AS l WHERE l.target_id = s.target_id AND l.status = 'active' AND l.start_ms < s.end_ms AND l.end_ms > s.start_ms)
     ORDER BY start_ms`,
    targetId,
  );
}
