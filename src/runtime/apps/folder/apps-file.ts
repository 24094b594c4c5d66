import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Document, isAlias, isMap, LineCounter, parseDocument, type YAMLMap } from "yaml";
import { z } from "zod";
import { type Issue, shown, wrongValue } from "../wrong-value.ts";
import { APPS_FILE, type ArgLines, type RUNTIME_KEYS } from "./apps-yaml.ts";
import { inOrder } from "./dependencies.ts";
import { isFile } from "./is-file.ts";
import { endOf, firstWords, nameOf, offsetOf, plainValue, warningsIn } from "./yaml-value.ts";

/** One app as apps.yaml names it. */
export interface AppEntry {
  readonly name: string;
  readonly file: string;
  /** Null = the only one, or the default export. */
  readonly className: string | null;
  readonly dependencies: readonly string[];
  readonly memoryMb: number;
  /** All other keys: what the app itself is given. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly lines: ArgLines;
}

export interface AppsFile {
  /** Those that can be started, dependencies first. */
  readonly entries: readonly AppEntry[];
  /** All that can be read, those too that are switched off or left out for what they depend on. */
  readonly named: readonly AppEntry[];
  /** What is wrong with it, each with its line. */
  readonly findings: readonly string[];
  /** Files that it names and that are not there: once one is, it has to be read again. */
  readonly awaited: readonly string[];
  /** False when nothing of it could be read: then what runs is left alone. */
  readonly isReadable: boolean;
}

const DEFAULT_MEMORY_MB = 64;
const NOTHING = { entries: [], named: [], findings: [], awaited: [], isReadable: false } as const;

/** Why the system does not give a file, in words. */
const UNREADABLE: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  EACCES: "this program may not read it",
  EPERM: "this program may not read it",
};

const entrySchema = z
  .looseObject({
    file: z.string().min(1).optional(),
    module: z.string().min(1).optional(),
    class: z.string().min(1).optional(),
    dependencies: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
    memory_mb: z.number().int().min(16).max(2048).default(DEFAULT_MEMORY_MB),
    enabled: z.boolean().default(true),
  } satisfies Readonly<Record<(typeof RUNTIME_KEYS)[number], z.ZodType>>)
  .refine(
    ({ file, module }) => (file === undefined) !== (module === undefined),
    "says neither file nor module, or both; one is wanted, like file: motion.ts",
  );

/** Reads apps.yaml of a folder; a folder without one has no apps. An app that is wrong is left out and named; the others run. Throws nothing. */
export function readAppsFile(folder: string): AppsFile {
  let text: string;
  try {
    text = readFileSync(join(folder, APPS_FILE), "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { ...NOTHING, isReadable: true };
    return { ...NOTHING, findings: [`${APPS_FILE} in ${folder} cannot be read: ${UNREADABLE[code ?? ""] ?? message}.`] };
  }
  return parseAppsFile(text, folder);
}

export function parseAppsFile(text: string, folder: string): AppsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, merge: true });
  const broken = document.errors[0];
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (broken !== undefined)
    return { ...NOTHING, findings: [`${APPS_FILE}, line ${lineAt(broken.pos[0])}: ${firstWords(broken.message)}.`] };
  if (document.contents === null) return { ...NOTHING, isReadable: true };
  if (!isMap(document.contents)) {
    return { ...NOTHING, findings: [`${APPS_FILE} must hold apps by name, like my_app: { file: my-app.ts }.`] };
  }
  const { named, off, findings, awaited } = readEntries(document.contents, { document, lineAt, folder });
  const ordered = inOrder(named.filter((entry) => !off.has(entry)));
  return {
    entries: ordered.entries,
    named,
    findings: [...findings, ...ordered.findings.map(({ app, words }) => `${APPS_FILE}, line ${app.lines.entry}: ${words}`)],
    awaited,
    isReadable: true,
  };
}

interface ReadParts {
  readonly document: Document;
  readonly lineAt: (offset: number) => number;
  readonly folder: string;
}

function readEntries(map: YAMLMap, parts: ReadParts) {
  const { document, lineAt, folder } = parts;
  const findings: string[] = [];
  const awaited: string[] = [];
  const named: AppEntry[] = [];
  const off = new Set<AppEntry>();
  const firstLines = new Map<string, number>();
  for (const { key, value } of map.items) {
    const name = nameOf(key);
    const line = lineAt(offsetOf(key));
    const where = `${APPS_FILE}, line ${line}: ${name}`;
    const before = firstLines.get(name);
    if (before !== undefined) {
      findings.push(`${where} is the name of an app in line ${before} already; this one is left out. Give it another name.`);
      continue;
    }
    firstLines.set(name, line);
    if (!/^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(name)) {
      findings.push(`${where} is no name for an app; letters, digits and _ are, at most 40.`);
      continue;
    }
    const given = plainValue(value, document, lineAt);
    const wrong = [...given.wrong, ...warningsIn(document, offsetOf(key), endOf(value) ?? offsetOf(key))];
    if (wrong.length > 0) {
      findings.push(...wrong.map(({ at, words }) => `${APPS_FILE}, line ${lineAt(at)}: ${name}: ${words}.`));
      continue;
    }
    const entry = entrySchema.safeParse(given.value ?? {});
    if (!entry.success) {
      findings.push(`${where}: ${entry.error.issues.map((issue) => wrongEntry(issue, given.value)).join("; ")}.`);
      continue;
    }
    const { file, module, class: className, dependencies, memory_mb: memoryMb, enabled, ...args } = entry.data;
    const candidates = file !== undefined ? [file] : [".ts", ".js", ".mts", ".mjs"].map((ending) => `${module}${ending}`);
    const paths = candidates.map((candidate) => resolve(folder, candidate));
    const found = paths.find(isFile);
    if (found !== undefined) {
      const app = { name, file: found, className: className ?? null, dependencies, memoryMb, args, lines: linesOf(value, line, parts) };
      named.push(app);
      if (!enabled) off.add(app);
    } else if (enabled) {
      awaited.push(...paths);
      const is = existsSync(paths[0]!)
        ? "is a folder; name a file"
        : `does not exist in ${folder}; correct the name, or put the file there`;
      findings.push(`${where}: ${candidates[0]} ${is}.`);
    }
  }
  return { named, off, findings, awaited };
}

function wrongEntry(issue: Issue, entry: unknown): string {
  const [key] = issue.path;
  if (key === undefined) {
    if (issue.code === "custom") return issue.message;
    return `an app is keys with values, like { file: ${typeof entry === "string" && isName(entry) ? entry : "motion.ts"} }; it is ${shown(entry)}`;
  }
  return `${String(key)}: ${wrongValue(issue, (entry as Readonly<Record<PropertyKey, unknown>>)[key])}`;
}

function isName(text: string): boolean {
  return /^[\w./-]+$/.test(text);
}

function linesOf(value: unknown, entry: number, { document, lineAt }: ReadParts): ArgLines {
  const node = isAlias(value) ? value.resolve(document) : value;
  const items = isMap(node) ? node.items : [];
  return { entry, of: Object.fromEntries(items.map(({ key }) => [nameOf(key), lineAt(offsetOf(key))])) };
}
