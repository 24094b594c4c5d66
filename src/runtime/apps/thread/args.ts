import { APPS_FILE, type ArgLines, RUNTIME_KEYS } from "../folder/apps-yaml.ts";
import { nearestName } from "../nearest-name.ts";
import { type Issue, wrongValue } from "../wrong-value.ts";
import type { AppClass } from "./load.ts";

interface Schema {
  /** Of an object: what it takes. */
  readonly shape?: unknown;
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: unknown }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

/** What an app is given is not what it takes. */
export class WrongArguments extends Error {}

export interface CheckedArgs {
  readonly args: unknown;
  /** Keys that were written and mean nothing, each with its line. */
  readonly warnings: readonly string[];
}

/**
 * What an app is given, checked by its own schema.
 * @param lines where they stand in apps.yaml, if they come from there
 * @throws WrongArguments with the name of each wrong argument
 */
export function checkArgs(appClass: AppClass, args: unknown, lines?: ArgLines): CheckedArgs {
  const schema = appClass.args;
  const at = (key: unknown): string => (lines === undefined ? "" : `${APPS_FILE}, line ${lines.of[String(key)] ?? lines.entry}: `);
  if (schema === undefined) return { args, warnings: keysOf(args).flatMap((key) => slip(key, at(key))) };
  if (!isSchema(schema)) throw new Error(`static args of ${appClass.name} is no zod schema like z.object({ … }).`);
  const parsed = schema.safeParse(args);
  const meant = [...keysOf(schema.shape), ...RUNTIME_KEYS].filter((key) => !keysOf(args).includes(key));
  if (parsed.success) {
    const dropped = keysOf(args).filter((key) => !keysOf(parsed.data).includes(key));
    return { args: parsed.data, warnings: dropped.map((key) => `${at(key)}${unknownKey(key, meant)}`) };
  }
  const words = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map((key) => `${String(key)}.`).join("");
    if (issue.code === "unrecognized_keys") {
      return (issue.keys ?? []).map((key) => `${at(issue.path[0] ?? key)}${path}${unknownKey(key, issue.path.length === 0 ? meant : [])}`);
    }
    return `${at(issue.path[0])}${path === "" ? "" : `${path.slice(0, -1)}: `}${wrongValue(issue, valueAt(args, issue.path))}`;
  });
  throw new WrongArguments(`wrong arguments: ${words.join("; ")}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

function unknownKey(key: string, meant: readonly string[]): string {
  const near = nameMeant(key, meant);
  return `the app takes no argument ${key}${near === null ? "" : `; did you mean ${near}?`}`;
}

/** An app without a schema takes whatever it is given: what looks like a key of the runtime's is a slip, perhaps. */
function slip(key: string, at: string): string[] {
  const near = nameMeant(key, RUNTIME_KEYS);
  return near === null ? [] : [`${at}${key} is an argument of the app; did you mean ${near}? If not, a static args that has it says so`];
}

/** `time` is two letters from `file` and no slip; `memory` is `memory_mb`. */
function nameMeant(key: string, names: readonly string[]): string | null {
  return nearestName(key, names, key.length < 6 ? 1 : 2) ?? names.find((name) => name.startsWith(`${key}_`)) ?? null;
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "safeParse" in value && typeof value.safeParse === "function";
}
