import { readFileSync } from "node:fs";
import { basename, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** What went wrong in an app, and where in the words of whoever wrote it. */
export interface Fault {
  readonly message: string;
  /** `motion.ts:12:5`, the topmost place in a file of the apps; null where no such file took part. */
  readonly place: string | null;
  /** That line as it was written. */
  readonly source: string | null;
}

const PLACES = /(file:\/\/\/[^\s()]+?|\/[^\s()]+?):(\d+)(?::(\d+))?(?=[\s)]|$)/gm;

/** Reads the first place of the apps out of an error's stack. Types are stripped in place, so lines and columns are those of the file. */
export function faultOf(error: unknown, files: readonly string[]): Fault {
  if (!(error instanceof Error)) return { message: cut(String(error)), place: null, source: null };
  const message = cut(firstWords(error));
  for (const [, where, line, column] of (error.stack ?? "").matchAll(PLACES)) {
    const file = where!.startsWith("file:") ? fileURLToPath(where!.replace(/\?.*$/, "")) : where!;
    if (!files.includes(file)) continue;
    const source = lineOf(file, Number(line));
    return { message, place: `${basename(file)}:${line}${column === undefined ? "" : `:${column}`}`, source };
  }
  return { message, place: null, source: null };
}

/** One line for the log: what, where, and the line itself. */
export function faultWords({ message, place, source }: Fault): string {
  const where = place === null ? "" : ` at ${place}`;
  return source === null ? `${message}${where}` : `${message}${where}: ${source}`;
}

/** Of a fault; what is longer is cut. */
const LONGEST_WORDS = 1_000;

function cut(words: string): string {
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS)}…` : words;
}

function firstWords(error: Error): string {
  const name = error.name === "Error" ? "" : `${error.name}: `;
  const words = error.message.trim().split("\n")[0] ?? "";
  return `${name}${words.replaceAll(/file:\/\/\S*\//g, "").replaceAll(new RegExp(`(?<=['"])${sep}\\S*${sep}`, "g"), "")}`;
}

function lineOf(file: string, line: number): string | null {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[line - 1]?.trim() ?? null;
  } catch {
    return null;
  }
}
