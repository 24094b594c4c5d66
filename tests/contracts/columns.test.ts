import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outdatedSchemas } from "../../contracts/generate-schemas.ts";
import { CONTRACT_NAMES, contractColumns, contractProblems } from "../../src/core/contracts/contract.ts";
import { CONTRACTS_FOLDER, type ContractDatabase, createContractDatabase } from "./contract-database.ts";
import { readByCommand, sqliteCommandLabel, sqliteCommandVersion } from "./sqlite-command.ts";

// Written by hand from the promise, never generated: version 1 may grow at the end of a view, nothing else.
const FROZEN = JSON.parse(readFileSync(new URL("columns.golden.json", import.meta.url), "utf8")) as Record<string, string[]>;

let database: ContractDatabase;
beforeAll(() => {
  database = createContractDatabase();
});
afterAll(() => database.remove());

test("the views are exactly those that were promised", () => {
  expect([...CONTRACT_NAMES].sort()).toEqual(Object.keys(FROZEN).sort());
  const views = readdirSync(CONTRACTS_FOLDER).filter((file) => file.endsWith(".sql"));
  expect(views).toEqual(
    Object.keys(FROZEN)
      .sort()
      .map((view) => `${view}.sql`),
  );
});

test.each(CONTRACT_NAMES)("%s opens with its frozen columns", (view) => {
  expect(database.columns(view).slice(0, FROZEN[view]!.length)).toEqual(FROZEN[view]);
});

test("the real columns are those of the row schemas", () => {
  expect(contractProblems(new Map(CONTRACT_NAMES.map((view) => [view, database.columns(view)])))).toEqual([]);
});

test.skipIf(sqliteCommandVersion === null)(`the ${sqliteCommandLabel} finds the same columns`, () => {
  for (const view of CONTRACT_NAMES) {
    const columns = readByCommand(database.path, `SELECT name FROM pragma_table_info('${view}') ORDER BY cid`).map((row) => row["name"]);
    expect(columns, view).toEqual(contractColumns(view));
  }
});

test.each(CONTRACT_NAMES)("%s.sql opens with its promise in a comment and makes that one view", (view) => {
  const sql = readFileSync(join(CONTRACTS_FOLDER, `${view}.sql`), "utf8");
  expect(sql).toMatch(/^-- [A-Z]/);
  expect(sql.match(/^CREATE .*$/gm)).toEqual([`CREATE VIEW ${view} AS`]);
});

test("the schema files are what the row schemas say", () => {
  expect(outdatedSchemas()).toEqual([]);
});

test("a schema file that was edited, is missing or belongs to no view is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "schemas-"));
  try {
    cpSync(CONTRACTS_FOLDER, folder, { recursive: true });
    writeFileSync(join(folder, "vw_gaps.schema.json"), "{}\n");
    writeFileSync(join(folder, "vw_of_yesterday.schema.json"), "{}\n");
    rmSync(join(folder, "vw_labels.schema.json"));
    expect(outdatedSchemas(folder)).toEqual(["vw_gaps.schema.json", "vw_labels.schema.json", "vw_of_yesterday.schema.json"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
