import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { CONTRACT_NAMES } from "../../src/core/contracts/contract.ts";

export const CONTRACTS_FOLDER = fileURLToPath(new URL("../../contracts/", import.meta.url));
const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../src/store/migrations/", import.meta.url));

export type Row = Record<string, unknown>;

/** A database file with every table and view and the seed's rows, in a folder of its own. No connection stays open. */
export interface ContractDatabase {
  readonly path: string;
  /** Rows as another program's connection would read them: opened read-only, closed again. */
  read(sql: string): Row[];
  columns(view: string): string[];
  /** The steps of SQLite's plan. */
  plan(sql: string): string[];
  write(sql: string): void;
  remove(): void;
}

export function createContractDatabase(seed = ""): ContractDatabase {
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  const path = join(folder, "ha_ml_data_layer.db");
  const scripts = [...sqlOf(MIGRATIONS_FOLDER), ...sqlOf(CONTRACTS_FOLDER), seed];
  const connect = (readonly: boolean) => new Database(path, { readonly, fileMustExist: readonly });
  function use<T>(readonly: boolean, body: (connection: Database.Database) => T): T {
    const connection = connect(readonly);
    try {
      return body(connection);
    } finally {
      connection.close();
    }
  }

  use(false, (connection) => {
    connection.pragma("journal_mode = WAL");
    connection.pragma("synchronous = OFF");
    connection.transaction(() => {
      for (const sql of scripts) connection.exec(sql);
    })();
  });
  return {
    path,
    read: (sql) => use(true, (connection) => connection.prepare<[], Row>(sql).all()),
    columns: (view) =>
      use(true, (connection) =>
        connection
          .prepare(`SELECT * FROM ${view}`)
          .columns()
          .map((column) => column.name),
      ),
    plan: (sql) =>
      use(true, (connection) => connection.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all()).map((step) => step.detail),
    write: (sql) => use(false, (connection) => connection.exec(sql)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Gives `body` a database and removes it afterwards, whatever happens. */
export function withDatabase<T>(seed: string, body: (database: ContractDatabase) => T): T {
  const database = createContractDatabase(seed);
  try {
    return body(database);
  } finally {
    database.remove();
  }
}

/** All rows of all views, by view. */
export function readAllViews(database: ContractDatabase): Map<string, Row[]> {
  return new Map(CONTRACT_NAMES.map((view) => [view, database.read(`SELECT * FROM ${view}`)]));
}

function sqlOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"));
}
