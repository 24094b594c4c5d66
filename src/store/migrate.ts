import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { CONTRACT_VERSION } from "../core/contracts/version.ts";
import { newerVersion } from "./admission.ts";
import type { Db } from "./db.ts";
import { setMetadata } from "./tables/metadata.ts";

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

const MIGRATIONS_FOLDER = new URL("./migrations/", import.meta.url);
const CONTRACTS_FOLDER = new URL("../../contracts/", import.meta.url);

/** The numbered migrations, oldest first. */
export function migrations(): Migration[] {
  return sqlFiles(MIGRATIONS_FOLDER).map((file) => ({
    version: Number(file.name.slice(0, 4)),
    name: file.name,
    sql: file.sql,
  }));
}

export function newestVersion(): number {
  return migrations().at(-1)?.version ?? 0;
}

/** The contract views: name and the text that creates it. */
export function contractViews(): { readonly name: string; readonly sql: string }[] {
  return sqlFiles(CONTRACTS_FOLDER).map((file) => ({ name: basename(file.name, ".sql"), sql: file.sql }));
}

/**
 * Brings the file to this app's schema in one transaction: contract views dropped, tables migrated, views created anew (a table cannot
 * be rebuilt while a view names it). Real data is copied beside the file before its first migration.
 * @throws DatabaseRefused when the file is of a newer version.
 */
export function migrate(db: Db, nowMs: number): { readonly from: number; readonly to: number; readonly copy: string | null } {
  const from = Number(db.pragma("user_version"));
  const all = migrations();
  const to = all.at(-1)?.version ?? 0;
  if (from > to) throw newerVersion(db.path, from, to);
  const copy = from > 0 && from < to ? `${db.path}.before-v${to}-${nowMs}` : null;
  try {
    if (copy !== null) db.copyTo(copy);
    db.transaction(() => {
      for (const view of contractViews()) db.exec(`DROP VIEW IF EXISTS ${view.name}`);
      for (const migration of all.filter((each) => each.version > from)) {
        db.exec(migration.sql);
        db.run("INSERT INTO migrations (version, name, applied_at_ms) VALUES (?, ?, ?)", migration.version, migration.name, nowMs);
      }
      db.pragma(`user_version = ${to}`);
      for (const view of contractViews()) db.exec(view.sql);
      setMetadata(db, { schema_version: String(to), contract_version: CONTRACT_VERSION, migration_status: "ok" });
    });
  } catch (error) {
    // Nothing was changed, so it holds nothing of its own, and a further try would find its name taken.
    if (copy !== null) rmSync(copy, { force: true });
    throw error;
  }
  return { from, to, copy };
}

function sqlFiles(folder: URL): { name: string; sql: string }[] {
  return readdirSync(fileURLToPath(folder))
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, sql: readFileSync(new URL(name, folder), "utf8") }));
}
