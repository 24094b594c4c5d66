import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { flush } from "./backup.ts";
import type { BackupFacts } from "./backup-files.ts";
import type { Db } from "./db.ts";
import type { AppRuns } from "./tables/app-runs.ts";
import type { LastNumbers } from "./tables/last-numbers.ts";

export interface RestoreRequest {
  readonly dbPath: string;
  readonly source: string;
  readonly nowMs: number;
  /** Why: what was wrong with the file, or null when a person asked for it. */
  readonly loss: string | null;
}

export interface RestorePlan {
  readonly source: BackupFacts;
  /** Where the present content goes; null when there is none. */
  readonly asideAs: string | null;
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** A restore that has begun: all that its last step needs, for whoever opens the file if that step is never reached. */
export interface RestoreIntent {
  readonly request: RestoreRequest;
  readonly plan: RestorePlan;
  readonly lastNumbers: LastNumbers;
  /** Null = nobody knows what apps did. */
  readonly appRuns: AppRuns | null;
  /** Of the backup's content, by which it is known in the file. */
  readonly content: string;
}

const intentPath = (dbPath: string): string => `${dbPath}.restoring`;

/** On the disk before the first page is overwritten. */
export function noteIntent(intent: RestoreIntent): void {
  const path = intentPath(intent.request.dbPath);
  const unfinished = `${path}.tmp`;
  writeFileSync(unfinished, JSON.stringify(intent));
  flush(unfinished);
  renameSync(unfinished, path);
  flush(dirname(path));
}

/** Null = no restore was cut off. */
export function readIntent(dbPath: string): RestoreIntent | null {
  const path = intentPath(dbPath);
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RestoreIntent;
  } catch {
    // A disk that broke it must not keep the app from its database.
    return null;
  }
}

export function dropIntent(dbPath: string): void {
  rmSync(intentPath(dbPath), { force: true });
}

/** Tells contents apart by the app's own notes, of which one changes each minute; what an opening changes is left out. */
export function contentOf(db: Db): string {
  const rows = db.all<{ key: string; value: string }>(
    "SELECT key, value FROM metadata WHERE key NOT IN ('schema_version', 'contract_version', 'migration_status') ORDER BY key",
  );
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
