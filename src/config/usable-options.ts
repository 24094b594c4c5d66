import type { z } from "zod";
import { PLAIN_KINDS } from "../core/plain-kinds.ts";

/** A slip may hide another one (a target without its end is none, and no target is left): so many rounds and no more. */
const MOST_ROUNDS = 6;

/** Groups that hold a password: what stands there, perhaps in the wrong field, is never said. */
const SECRET_GROUPS: ReadonlySet<PropertyKey> = new Set(["mqtt"]);

export interface UsableOptions<T> {
  readonly options: T;
  /** Every part that could not be used, in words. */
  readonly wrong: readonly string[];
}

/**
 * What can be used of the given options. What cannot is left out in the smallest part that stands by itself: one line of a list, else one option.
 * A slip in one line of `exclude` must not have all that its other lines keep out stored.
 */
export function usableOptions<T>(schema: z.ZodType<T>, given: unknown): UsableOptions<T> {
  const wrong: string[] = [];
  let rest = given;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const parsed = schema.safeParse(withoutHoles(rest));
    if (parsed.success) return { options: parsed.data, wrong };
    const issues = parsed.error.issues.map((each) => ({ ...each, path: pathGiven(each.path, rest) }));
    for (const issue of issues) wrong.push(inWords(issue, given));
    for (const path of issues.flatMap(wrongParts)) rest = without(rest, path);
  }
  return { options: schema.parse({}), wrong };
}

type Path = readonly PropertyKey[];

function wrongParts(issue: z.core.$ZodIssue): readonly Path[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key]);
  const line = issue.path.findIndex((key) => typeof key === "number");
  return [line < 0 ? issue.path : issue.path.slice(0, line + 1)];
}

/** Where the part stands that was given, whose lists have holes: what is wrong is told by the numbers that a person sees. */
function pathGiven(path: readonly PropertyKey[], holed: unknown): PropertyKey[] {
  let part = holed;
  return path.map((key) => {
    let at = key;
    if (Array.isArray(part) && typeof key === "number")
      at = part.flatMap((line: unknown, index) => (line === undefined ? [] : [index]))[key] ?? key;
    part = (part as Record<PropertyKey, unknown> | undefined)?.[at];
    return at;
  });
}

/** Lines of lists become holes, so that the others keep their numbers. */
function without(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return value.map((line: unknown, index) => (index === key ? without(line, rest) : line));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, name === key ? without(part, rest) : part]));
}

function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((line) => line !== undefined).map(withoutHoles);
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, withoutHoles(part)]));
}

function inWords(issue: z.core.$ZodIssue, given: unknown): string {
  const at = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return `Option ${[...issue.path, issue.keys.join(", ")].map(String).join(".")}: there is none of this name. Take it out, or correct its name.`;
  }
  const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], given);
  const is =
    value === undefined || typeof value === "object" || SECRET_GROUPS.has(issue.path[0]!) ? "" : `, and is ${JSON.stringify(value)}`;
  return `Option ${at}: ${mustBe(issue)}${is}.`;
}

const KINDS: Readonly<Record<string, string>> = { ...PLAIN_KINDS, object: "a group of options" };

function mustBe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      if (issue.origin === "number" || issue.origin === "int") return `must be at least ${issue.minimum}`;
      // Where the schema has no words of its own zod's stand.
      return issue.message.startsWith("Too small") ? "must not be empty" : issue.message;
    case "too_big":
      return issue.origin === "number" || issue.origin === "int" ? `must be at most ${issue.maximum}` : issue.message;
    default:
      return issue.message;
  }
}
