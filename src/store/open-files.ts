import { existsSync, rmSync, statSync } from "node:fs";

/** Where a name leads by now, compared with what the connection has open. */
export type Standing = "there" | "missing" | "replaced";

/** The files that a connection has open: the database, its log and the log's index. */
export interface OpenFiles {
  database(): Standing;
  /** In words, which of them is not where it was; null = all are. */
  moved(): string | null;
  /** Once the connection is closed: removes log and index where they are still those it had open, for they belong to no other file. */
  dropLog(): void;
}

const SUFFIXES = ["", "-wal", "-shm"] as const;

/**
 * Remembers which files the connection to `path` has open. While one holds them they stay the same files, whoever else reads, backs up or
 * restores: SQLite removes log and index with the last connection only. Looked up without opening them.
 */
export function rememberOpenFiles(path: string): OpenFiles {
  const known = new Map<string, string>();

  function standing(suffix: string): Standing {
    const found = identityOf(`${path}${suffix}`);
    if (found === undefined) return "there";
    const before = known.get(suffix);
    // The log is made with the first transaction.
    if (before === undefined && found !== null) known.set(suffix, found);
    if (before === undefined || before === found) return "there";
    return found === null ? "missing" : "replaced";
  }

  for (const suffix of SUFFIXES) standing(suffix);
  return {
    database: () => standing(""),
    moved() {
      for (const suffix of SUFFIXES) {
        const now = standing(suffix);
        if (now === "missing") return `the file ${path}${suffix} is missing`;
        if (now === "replaced") return `the file ${path}${suffix} is another than the app has open`;
      }
      return null;
    },
    dropLog() {
      for (const suffix of ["-wal", "-shm"]) if (existsSync(`${path}${suffix}`) && standing(suffix) === "there") rmSync(`${path}${suffix}`);
    },
  };
}

/** Null = there is none; undefined = nobody may look. */
function identityOf(path: string): string | null | undefined {
  try {
    const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? null : `${facts.dev} ${facts.ino}`;
  } catch {
    return undefined;
  }
}
