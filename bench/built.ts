import { join, resolve } from "node:path";
import * as vite from "vite";
import { buildEntries, buildProgram } from "../src/build/program.js";

const PROJECT = resolve(import.meta.dirname, "..");

/** How Node is started where it runs what was built: as `npm start` does it. */
export const AS_STARTED: readonly string[] = process.execArgv.filter(
  (word, i, words) => word !== "--import" && words[i - 1] !== "--import",
);

/** The built program, as `npm start` runs it. */
export async function builtMain(): Promise<string> {
  await buildProgram();
  return join(PROJECT, "dist/program/main.js");
}

/** A program of a benchmark, built as the program is; returns its file. */
export async function builtOf(name: string): Promise<string> {
  const folder = join(PROJECT, "dist", `bench-${name}`);
  await buildEntries(vite, folder, { [name]: join(import.meta.dirname, `${name}.ts`) });
  return join(folder, `${name}.js`);
}
