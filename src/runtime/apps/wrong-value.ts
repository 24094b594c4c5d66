import { PLAIN_KINDS } from "../../core/plain-kinds.ts";

/** Why a schema of zod's, whatever its version, refuses a value. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly values?: readonly unknown[];
  /** Keys that are not known. */
  readonly keys?: readonly string[];
  /** Of each schema that the value could have been of. */
  readonly errors?: readonly (readonly Issue[])[];
}

/** `must be at least 1 (it is 0)`: what is wrong with a value in plain words. A schema's own words stand as they are. */
export function wrongValue(issue: Issue, value: unknown): string {
  const words = wordsOf(issue);
  if (value !== undefined) return `${words} (it is ${shown(value)})`;
  if (issue.code === "custom") return words;
  return words.startsWith("must ") ? `is missing; it ${words}` : `is missing: ${words}`;
}

const KINDS: Readonly<Record<string, string>> = {
  ...PLAIN_KINDS,
  object: "keys with values",
  record: "keys with values",
  date: "a date",
};

function wordsOf(issue: Issue): string {
  if (!/^(Invalid |Too (small|big): )/.test(issue.message)) return issue.message;
  const { code, minimum, maximum } = issue;
  if (code === "invalid_type") return `must be ${KINDS[String(issue.expected)] ?? String(issue.expected)}`;
  if (code === "invalid_value" && issue.values !== undefined)
    return `must be ${issue.values.map((each) => JSON.stringify(each)).join(" or ")}`;
  if (code === "too_small") return atLeast(issue, Number(minimum));
  if (code === "too_big") return limit(issue, issue.inclusive === false ? `less than ${String(maximum)}` : `at most ${String(maximum)}`);
  if (code === "invalid_union") return eitherOf(issue.errors ?? []) ?? issue.message;
  return issue.message;
}

function atLeast(issue: Issue, minimum: number): string {
  if (issue.origin === "string" && minimum === 1) return "must not be empty";
  return limit(issue, issue.inclusive === false ? `more than ${minimum}` : `at least ${minimum}`);
}

function limit({ origin }: Issue, words: string): string {
  if (origin === "string") return `must have ${words} characters`;
  return origin === "array" || origin === "set" ? `must have ${words} entries` : `must be ${words}`;
}

/** A value of the right kind, wrong within, says more than that it could have been of another kind. */
function eitherOf(errors: readonly (readonly Issue[])[]): string | null {
  const first = errors.flatMap((issues) => issues.slice(0, 1));
  const within = first.find(({ code, path }) => code !== "invalid_type" || path.length > 0);
  if (within !== undefined) return wordsOf(within);
  const kinds = [...new Set(first.map((issue) => wordsOf(issue).replace(/^must be /, "")))];
  return kinds.length === 0 ? null : `must be ${kinds.join(" or ")}`;
}

/** Of a value that is shown; what is longer is cut. */
const LONGEST_SHOWN = 80;

/** A value as whoever wrote it knows it again: what JSON cannot hold by its kind. */
export function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…, ${text.length} characters` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return typeof value === "string" ? JSON.stringify(value) : String(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== "Object" && kind !== "Array") return `a ${kind}`;
  try {
    return JSON.stringify(value);
  } catch {
    return kind === "Array" ? "a list" : "an object";
  }
}
