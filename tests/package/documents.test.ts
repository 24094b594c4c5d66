import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { temporaryFolder } from "../helpers/database.ts";

/** What the documents promise of the source, held to it. */

const ROOT = join(import.meta.dirname, "../..");
const text = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => text(join("src", name)));

/** Codes of the first column of a section's tables. */
function codesOf(section: string): string[] {
  return [...section.matchAll(/^\| ((?:`[a-z_…]+`(?:, )?)+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
  );
}

/** Every marker is written as `code: …, cause: …`; a code that is made of parts ends in the part that varies. */
function codesOfSource(): string[] {
  const found = sources.flatMap((source) =>
    [...source.matchAll(/\bcode: ([^\n]+),\n(?:\s*sinceMs[^\n]*\n)?\s*cause:/g)].flatMap(([, value]) => {
      const choice = value!.includes("?") ? value!.slice(value!.indexOf("?")) : value!;
      return [...choice.matchAll(/"([a-z_]+)"|`([a-z_]+)\$\{/g)].map(([, whole, begun]) => whole ?? `${begun}…`);
    }),
  );
  return [...new Set(found)];
}

describe("the manual", () => {
  const [markers, refusals] = text("DOCS.md")
    .split(/^## When something is wrong$/m)[1]!
    .split(/^## /m)[0]!
    .split(/^A database is refused/m);

  test("it has every degraded code of the source under its code, and none that nothing raises", () => {
    const raised = codesOfSource();
    expect(raised.length).toBeGreaterThan(15);
    // Broken once: `options_match_nothing` was raised and stood in no table.
    expect(codesOf(markers!).sort()).toEqual(raised.sort());
  });

  test("it has every reason for which a database is refused", () => {
    const [, union] = /export type RefusalCode =([^;]+);/.exec(text("src/store/refusal.ts"))!;
    expect(codesOf(refusals!).sort()).toEqual([...union!.matchAll(/"(\w+)"/g)].map(([, code]) => code).sort());
  });

  test("its code is told with what happened and what to do", () => {
    for (const row of `${markers}${refusals}`.split("\n").filter((line) => /^\| `/.test(line))) {
      for (const cell of row.split("|").slice(2, -1)) expect([row, cell.trim()]).toEqual([row, expect.stringMatching(/\S{2}/)]);
    }
  });

  test("every query of its sensors can be read in the database, and its YAML is YAML", () => {
    const path = join(temporaryFolder(), "home.db");
    const writer = openForWriting(path);
    migrate(writer, 0);
    writer.close();
    const db = openForReading(path);
    const blocks = [...text("DOCS.md").matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map(([, indent, block]) =>
      parse(block!.replaceAll(new RegExp(`^${indent}`, "gm"), "")),
    );
    const sensors = blocks.flatMap((block) => (block as { sql?: { query: string; column: string }[] }).sql ?? []);
    expect(sensors.length).toBeGreaterThan(2);
    for (const { query, column } of sensors)
      expect(
        db
          .prepare(query)
          .columns()
          .map((each) => each.name),
      ).toContain(column);
    db.close();
  });
});

test("each test that SECURITY.md names exists", () => {
  const rows = text("SECURITY.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const named = [...row.split("|")[3]!.matchAll(/`(tests\/[^`]+)`(?:: ((?:"[^"]+"(?:, )?)+))?/g)];
    expect([row, named.length]).not.toEqual([row, 0]);
    for (const [, file, titles = ""] of named) {
      expect(existsSync(join(ROOT, file!)), file).toBe(true);
      for (const [, title] of titles.matchAll(/"([^"]+)"/g))
        expect([file, text(file!).includes(title!), title]).toEqual([file, true, title]);
    }
  }
});
