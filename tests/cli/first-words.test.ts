import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changesCommand } from "../../src/cli/changes.ts";
import { WrongUsage } from "../../src/exit.ts";
import { isOwned } from "../../src/store/ownership.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

test("a database whose folder is not there yet is nobody's, and asking makes nothing", () => {
  const folder = join(temporaryFolder(), "not", "there");
  expect(isOwned(join(folder, "home.db"))).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test("plots go into a folder whose parent is there; a file, or a place far away, is refused in words", async () => {
  const { path } = temporaryDatabase();
  const folder = temporaryFolder();
  const file = join(folder, "a-file");
  writeFileSync(file, "mine");
  const list = (where: string): Promise<number> => Promise.resolve(changesCommand.run(["list", "--plots", where], { DB_PATH: path }));
  await expect(list(file)).rejects.toThrow(/is a file. Name a folder/);
  await expect(list(join(folder, "no", "such", "place"))).rejects.toThrow(WrongUsage);
  await expect(list("/proc/plots")).rejects.toThrow(/cannot be made/);
  expect(await list(join(folder, "plots"))).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(["a-file", "plots"]);
});
