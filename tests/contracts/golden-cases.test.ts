import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CONTRACT_NAMES } from "../../src/core/contracts/contract.ts";
import { CONTRACT_ROWS, type ContractName } from "../../src/core/contracts/rows.ts";
import { type Row, withDatabase } from "./contract-database.ts";
import { readByCommand, sqliteCommandLabel, sqliteCommandVersion } from "./sqlite-command.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Objects as lists of [column, value], so that the order of columns counts. */
const inOrder = (rows: readonly Row[]) => rows.map((row) => Object.entries(row));

function casesOf(view: ContractName): { readonly name: string; readonly seed: string; readonly expected: Row[] }[] {
  return readdirSync(`${FOLDER}/${view}`).map((name) => ({
    name,
    seed: readFileSync(`${FOLDER}/${view}/${name}/seed.sql`, "utf8"),
    expected: JSON.parse(readFileSync(`${FOLDER}/${view}/${name}/expected.json`, "utf8")) as Row[],
  }));
}

describe.each(CONTRACT_NAMES)("%s", (view) => {
  const cases = casesOf(view);

  test("has a case of a database that holds nothing", () => {
    expect(cases.map((each) => each.name)).toContain("empty");
    expect(cases.length).toBeGreaterThan(1);
  });

  test.each(cases)("$name: this app reads the expected rows, in order", ({ seed, expected }) => {
    withDatabase(seed, (database) => expect(inOrder(database.read(`SELECT * FROM ${view}`))).toEqual(inOrder(expected)));
  });

  test.skipIf(sqliteCommandVersion === null).each(cases)(`$name: the ${sqliteCommandLabel} reads the same`, ({ seed, expected }) => {
    withDatabase(seed, (database) => expect(inOrder(readByCommand(database.path, `SELECT * FROM ${view}`))).toEqual(inOrder(expected)));
  });

  test.each(cases)("$name: every expected row has the promised types", ({ expected }) => {
    for (const row of expected) expect(CONTRACT_ROWS[view].parse(row)).toEqual(row);
  });
});

test("every folder of cases belongs to a view", () => {
  const folders = readdirSync(FOLDER).filter((name) => name.startsWith("vw_"));
  expect(folders.sort()).toEqual([...CONTRACT_NAMES].sort());
});
