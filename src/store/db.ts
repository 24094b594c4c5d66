import BetterSqlite3 from "better-sqlite3";
import { folded } from "./folded.ts";

export type Value = string | number | bigint | Buffer | null;
export type Row = Record<string, Value>;
/** Values for `?`, or one object for `@name`. */
export type Parameter = Value | Readonly<Record<string, Value>>;
export type Statement = BetterSqlite3.Statement<unknown[], unknown>;

/** An open SQLite file. Statements are prepared once per text. */
export interface Db {
  readonly path: string;
  prepare(sql: string): Statement;
  all<T = Row>(sql: string, ...parameters: Parameter[]): T[];
  get<T = Row>(sql: string, ...parameters: Parameter[]): T | undefined;
  run(sql: string, ...parameters: Parameter[]): number;
  exec(sql: string): void;
  pragma(text: string): unknown;
  /** Runs `body` in one BEGIN IMMEDIATE transaction; nested calls join the outer one. */
  transaction<T>(body: () => T): T;
  /** Runs `body` on one state of the file, whatever others write meanwhile; while it lasts, the log only grows. */
  snapshot<T>(body: () => T): T;
  /** Copies the whole database into a new file, consistent, without stopping writers. */
  copyTo(path: string): void;
  close(): void;
}

/** How long SQLite itself waits for a foreign lock before it gives up; only threads that may wait open the file. */
const BUSY_TIMEOUT_MS = 10_000;
const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024;
/** Pages that a connection keeps, KiB: SQLite's own default. The package's is eight times that, for each thread, and the system keeps the file's pages anyway. */
const CACHE_KIB = 2000;
/** Of a restore, between two reports of its progress: 4 MiB. */
const PAGES_PER_STEP = 1024;

function wrap(raw: BetterSqlite3.Database): Db {
  raw.pragma(`cache_size = -${CACHE_KIB}`);
  // SQLite's own LIKE and lower() know the case of ASCII alone.
  raw.function("folded", { deterministic: true }, (text: unknown) => (typeof text === "string" ? folded(text) : null));
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = raw.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    path: raw.name,
    prepare,
    all: <T>(sql: string, ...parameters: Parameter[]) => prepare(sql).all(...parameters) as T[],
    get: <T>(sql: string, ...parameters: Parameter[]) => prepare(sql).get(...parameters) as T | undefined,
    run: (sql, ...parameters) => prepare(sql).run(...parameters).changes,
    exec: (sql) => {
      raw.exec(sql);
    },
    pragma: (text) => raw.pragma(text, { simple: true }),
    transaction: (body) => (raw.inTransaction ? body() : raw.transaction(body).immediate()),
    snapshot: (body) => (raw.inTransaction ? body() : raw.transaction(body).deferred()),
    copyTo: (path) => {
      raw.prepare("VACUUM INTO ?").run(path);
    },
    close: () => {
      statements.clear();
      raw.close();
    },
  };
}

/** The mark by which the app knows its own file: "MLDL" in the header. */
export const APPLICATION_ID = 0x4d4c444c;

/**
 * Opens the file for the one writer, creating it when absent. auto_vacuum comes first: after WAL it silently stays off. The mark comes before
 * WAL, too: it must stand in the main file even when a crash leaves the first migration in the log alone.
 */
export function openForWriting(path: string): Db {
  const raw = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const isNew = raw.pragma("page_count", { simple: true }) === 0;
    raw.pragma("auto_vacuum = INCREMENTAL");
    if (isNew) raw.pragma(`application_id = ${APPLICATION_ID}`);
    raw.pragma("journal_mode = WAL");
    raw.pragma("synchronous = NORMAL");
    raw.pragma("foreign_keys = ON");
    raw.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`);
    return wrap(raw);
  } catch (error) {
    // Whoever tries again must not gather connections.
    raw.close();
    throw error;
  }
}

/** Opens an existing file for reading only. @throws when it is missing or not a database. */
export function openForReading(path: string): Db {
  const raw = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  return wrap(raw);
}

/** Opens a file of one's own that nobody else reads yet: no log beside it, so that it can be renamed when it is whole. */
export function openUnshared(path: string): Db {
  const raw = new BetterSqlite3(path);
  raw.pragma("auto_vacuum = INCREMENTAL");
  raw.pragma("journal_mode = MEMORY");
  raw.pragma("synchronous = OFF");
  return wrap(raw);
}

/**
 * Overwrites the pages of the file at `destination` with those of `source`, as one transaction of SQLite's backup API: the file stays the
 * same inode, and connections of other processes see the new content at their next read. Returns the pages copied; 0 when somebody held the
 * lock, and nothing was changed.
 * @throws SqliteError when the destination's first page cannot be read, or the disk is full; nothing was changed.
 */
export async function overwriteWith(source: string, destination: string, onShare: (share: number) => void): Promise<number> {
  const raw = new BetterSqlite3(source, { readonly: true, fileMustExist: true });
  try {
    const { totalPages } = await raw.backup(destination, {
      progress({ totalPages: total, remainingPages }) {
        onShare(total === 0 ? 0 : 1 - remainingPages / total);
        return PAGES_PER_STEP;
      },
    });
    return totalPages;
  } finally {
    raw.close();
  }
}

/** True for an error that says the file itself is damaged. */
export function isCorrupt(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

/** True for SQLite's "somebody else holds the lock", which waiting cures. */
export function isBusy(error: unknown): boolean {
  return error instanceof BetterSqlite3.SqliteError && (error.code.startsWith("SQLITE_BUSY") || error.code === "SQLITE_LOCKED");
}

/** True where the file system refuses it to this user, which says nothing about the content. */
export function isForbidden(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(SQLITE_(READONLY|CANTOPEN|PERM)|EACCES|EPERM|EROFS)/.test(code);
}
