import { readFileSync } from "node:fs";
import { basename, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

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
  const thrown = likeError(error);
  if (thrown === null) return { message: cut(wordsOfThrown(error)), place: null, source: null };
  const message = cut(firstWords(thrown));
  for (const [, where, line, column] of thrown.stack.matchAll(PLACES)) {
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

interface LikeError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** An error, or what a package throws in its place with the same words. To look at it may itself fail. */
function likeError(thrown: unknown): LikeError | null {
  if (typeof thrown !== "object" || thrown === null) return null;
  try {
    const { name, message, stack } = thrown as Readonly<Record<string, unknown>>;
    if (typeof message !== "string" || (message === "" && !(thrown instanceof Error))) return null;
    return { name: typeof name === "string" ? name : "Error", message, stack: typeof stack === "string" ? stack : "" };
  } catch {
    return null;
  }
}

/** Whatever else was thrown: a text as it is, all other things short. */
function wordsOfThrown(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    const options = { depth: 2, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20, maxStringLength: 200, customInspect: false };
    return `${inspect(thrown, options)} was thrown, which is no Error, so no line is known`;
  } catch {
    return "what cannot be looked at was thrown";
  }
}

function firstWords(error: LikeError): string {
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
