import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ASSETS = join(import.meta.dirname, "../../dist/panel/assets");

/** Kilobytes of script (gz) before the first useful paint, and in all; both languages count, though a person loads one. */
export function scriptSizes(before: readonly string[]): { readonly beforePaintKb: number; readonly allKb: number } {
  const sizes = new Map(
    readdirSync(ASSETS)
      .filter((name) => name.endsWith(".js"))
      .map((name) => [name, gzipSync(readFileSync(join(ASSETS, name))).length]),
  );
  const kb = (bytes: number): number => Math.round(bytes / 100) / 10;
  const sum = (names: Iterable<string>): number => kb([...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0));
  return { beforePaintKb: sum(new Set(before)), allKb: sum(sizes.keys()) };
}
