import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Db, openForReading, type Parameter, type Row } from "../../src/store/db.ts";

const BUILT = join(import.meta.dirname, "../../dist/program");

/** How Node is started, as `npm start` and `npm run cli` do it. */
export const AS_STARTED: readonly string[] = [
  "--optimize-for-size",
  "--no-short-builtin-calls",
  "--no-turboshaft-loop-unrolling",
  "--v8-pool-size=1",
  "--expose-gc",
];

export type Environment = Readonly<Record<string, string>>;

/** The app as a process of its own. */
export interface App {
  readonly pid: number;
  /** Address of its page, once it is served. */
  url(): Promise<string>;
  /** What it has said so far. */
  stderr(): string;
  readonly ended: Promise<Ended>;
  /** Sends the signal and waits for the end. `wholeGroup`: to every process of its group, as a terminal does; asks for `ownGroup`. */
  stop(signal: NodeJS.Signals, options?: { readonly wholeGroup?: boolean }): Promise<Ended & { readonly tookMs: number }>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

/** The built program with nothing but these settings. */
export function startApp(environment: Environment, { ownGroup = false } = {}): App {
  const { child, ended, stderr } = launch("main.js", [], { PORT: "0", ...environment }, ownGroup);
  return {
    pid: child.pid!,
    stderr,
    ended,
    url: () =>
      eventually(() => {
        const line = logLines(stderr()).find((each) => typeof each["url"] === "string");
        if (child.exitCode !== null) throw new Error(`the app has ended: ${stderr()}`);
        return line === undefined ? null : String(line["url"]);
      }, "the page is served"),
    async stop(signal, { wholeGroup = false } = {}) {
      const fromMs = performance.now();
      if (wholeGroup) process.kill(-child.pid!, signal);
      else child.kill(signal);
      return { ...(await ended), tookMs: performance.now() - fromMs };
    },
  };
}

/** A command of the built program to its end. */
export function runCommand(words: readonly string[], environment: Environment): Promise<Ended> {
  return launch("cli.js", words, environment).ended;
}

/** Ends every process that a test left behind. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      return gone;
    }),
  );
}

function launch(file: "main.js" | "cli.js", words: readonly string[], environment: Environment, detached = false) {
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  const child = spawn(process.execPath, [...AS_STARTED, join(BUILT, file), ...words], {
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  running.add(child);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("exit", () => running.delete(child));
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

/** The log's lines among what was said. */
export function logLines(stderr: string): Record<string, unknown>[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What was said to a person: everything but the log's lines. */
export function wordsOf(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith("{"))
    .join("\n")
    .trim();
}

export function temporaryFolder(): { readonly folder: string; readonly database: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-e2e-"));
  return { folder, database: join(folder, "ha_ml_data_layer.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Rows of a file as any consumer reads them; none while the file or the table is not there yet. */
export function rowsOf<T = Row>(database: string, sql: string, ...parameters: Parameter[]): T[] {
  if (!existsSync(database)) return [];
  let db: Db | null = null;
  try {
    db = openForReading(database);
    return db.all<T>(sql, ...parameters);
  } catch (error) {
    // Killed as it was made: a journal is left that only one who writes may take back.
    const isHalfMade =
      error instanceof Error && /attempt to write a readonly database/.test(error.message) && existsSync(`${database}-journal`);
    if (isHalfMade || (error instanceof Error && /no such (table|view)|unable to open/.test(error.message))) return [];
    throw error;
  } finally {
    db?.close();
  }
}

/** Asks until there is an answer. */
export async function eventually<T>(
  look: () => T | null | undefined | Promise<T | null | undefined>,
  what: string,
  limitMs = 90_000,
): Promise<T> {
  for (const untilMs = performance.now() + limitMs; ; await pause(50)) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    if (performance.now() > untilMs) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
  }
}
