import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "ml-data-layer-compiled-"));
const source = join(root, "src");
const sourceFile = join(source, "entry.ts");
mkdirSync(source);
writeFileSync(join(root, "package.json"), '{"type":"module"}');
copyFileSync(resolve(import.meta.dirname, "../../src/keep-compiled.js"), join(source, "keep-compiled.js"));
writeFileSync(join(source, "compile.ts"), 'await import("./entry.ts");\n');
writeSource("const first: number = 1;", 1);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function writeSource(line: string, atSeconds: number): void {
  writeFileSync(sourceFile, `${line}\nconsole.log(process.moduleLoadList.filter((name) => name.includes("amaro")).length);\n`);
  utimesSync(sourceFile, 2e9 + atSeconds, 2e9 + atSeconds);
}

/** Parts of Node's TypeScript compiler that the program had loaded. */
function compilerParts(...flags: string[]): number {
  const words = [...flags, "--disable-warning=ExperimentalWarning", "--import", join(source, "keep-compiled.js"), sourceFile];
  const { stdout } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], COMPILED_FOLDER: join(root, "compiled") },
  });
  return Number(stdout.trim() === "" ? Number.NaN : stdout);
}

// Broken once: with the whole folder's being there as the sign, as it was, the second of these loaded the compiler.
test("no start loads the TypeScript compiler: not the first, not one with other flags of V8, not one after an update", () => {
  expect(compilerParts()).toBe(0);
  expect(compilerParts("--optimize-for-size")).toBe(0);
  writeSource("const second: number = 2;", 2);
  expect(compilerParts("--optimize-for-size")).toBe(0);
});
