import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ENDINGS = [".ts", ".js", ".mts", ".mjs", ".cjs", ".json"];

/** That a module is not found, in words that say what to do; its stack names the line of the app's file that imports it, which Node's does not. */
export function unresolvedImport(specifier: string, importer: string, cause: Error): Error {
  const code = (cause as { readonly code?: unknown }).code;
  const error = Object.assign(new Error(wordsOf(specifier, importer, cause, code), { cause }), { code });
  error.stack = `Error: ${error.message}\n    at ${importer}:${lineOf(specifier, fileURLToPath(importer))}`;
  return error;
}

function wordsOf(specifier: string, importer: string, cause: Error, code: unknown): string {
  if (/^(\.{0,2}\/|file:)/.test(specifier)) return wordsOfFile(specifier, fileURLToPath(new URL(specifier, importer)));
  if (existsSync(join(dirname(fileURLToPath(importer)), specifier))) return `there is no package ${specifier} (the file is ./${specifier})`;
  if (!String(code).endsWith("MODULE_NOT_FOUND")) return cause.message;
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  if (!/^[\w@./-]+$/.test(name)) return cause.message;
  return `the package ${name} is not installed (npm install ${name} in the apps folder does that)`;
}

function wordsOfFile(specifier: string, path: string): string {
  const ending = ENDINGS.find((each) => existsSync(path + each));
  if (ending !== undefined) return `there is no file ${specifier} (an import names the ending, too: ${specifier}${ending})`;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return `${specifier} is a folder (an import names a file)`;
  const typed = specifier.replace(/js$/, "ts");
  if (existsSync(path.replace(/js$/, "ts"))) return `there is no file ${specifier} (it is ${typed}: Node takes no other ending for it)`;
  return `there is no file ${specifier} (write it, or correct the name)`;
}

/** Types are taken out in place, so the line is that of the file as it was written. */
function lineOf(specifier: string, file: string): number {
  const lines = textOf(file).split("\n");
  const quoted = (line: string): boolean => line.includes(`"${specifier}"`) || line.includes(`'${specifier}'`);
  const found = lines.findIndex((line) => quoted(line) && /\b(import|from|require)\b/.test(line) && !/^\s*(\/\/|\*)/.test(line));
  return Math.max(found === -1 ? lines.findIndex(quoted) : found, 0) + 1;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
