import { existsSync, readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { type Options, optionsSchema } from "./options.ts";
import { usableOptions } from "./usable-options.ts";

export interface ReadOptions {
  readonly options: Options;
  /** Every part that could not be used, in words. */
  readonly wrong: string[];
}

/** What can be used of the options in a file of JSON or YAML; all defaults where none is named. */
export function readOptions(path: string | undefined, insideHomeAssistant: boolean): ReadOptions {
  const findings: string[] = [];
  const given = path === undefined ? {} : optionsText(path, findings);
  const { options, wrong } = usableOptions(optionsSchema, given ?? {});
  findings.push(...wrong);
  // Who knows what a file that cannot be read keeps out.
  if (given !== null && (options.include.length > 0 || !holdsSomething(given["include"]))) return { options, wrong: findings };
  // Outside Home Assistant nothing runs with such options.
  if (insideHomeAssistant) findings.push(given === null ? NOTHING_READ : NOTHING_INCLUDED);
  return { options: { ...options, include: null }, wrong: findings };
}

const NOTHING_READ =
  "Nobody knows what these options leave out, so nothing is chosen: only label helpers are stored until the file can be read. Home Assistant's history has the rest.";
const NOTHING_INCLUDED =
  "Option include: nothing of it can be used, so it chooses nothing, rather than everything: only label helpers are stored, and what the option attributes names.";

/** A list that is empty, or not there, is one that nobody wrote anything into. */
function holdsSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** Null = there are options, and nothing of them can be read. */
function optionsText(path: string, findings: string[]): Readonly<Record<string, unknown>> | null {
  if (!existsSync(path)) {
    findings.push(`OPTIONS_FILE names ${path}, which does not exist. Create it, or unset OPTIONS_FILE to use the defaults.`);
    return {};
  }
  try {
    const value: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
    findings.push(
      `The options file ${path} does not hold options (key: value); it holds ${Array.isArray(value) ? "a list" : `a ${typeof value}`}.`,
    );
  } catch (error) {
    const where = error instanceof Error ? error.message.split("\n")[0] : String(error);
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EISDIR") {
      findings.push(`OPTIONS_FILE names ${path}, which is a folder, so there are no options to use. Name the file of the options itself.`);
      return null;
    }
    if (code === "EACCES") {
      findings.push(`The options file ${path} may not be read by this user, so none of them is used. Give this user the right to read it.`);
      return null;
    }
    findings.push(`The options file ${path} is neither JSON nor YAML, perhaps only half written: ${where?.replace(/:$/, "")}.`);
  }
  return null;
}
