import { expect, test } from "vitest";
import { openForReading } from "../../src/store/db.ts";
import { wordsOfWrite, writeTroubleOf } from "../../src/store/write-trouble.ts";
import { problemOf } from "../../src/web/problem.ts";
import { temporaryDatabase } from "../helpers/database.ts";

function faultOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test("a file that must not be written is told as that, with what to do, and is no failure of the app's", () => {
  const db = openForReading(temporaryDatabase(0).path);
  const fault = faultOf(() => db.run("DELETE FROM metadata"));
  db.close();
  expect(wordsOfWrite(fault)).toMatch(/must not be written \(SQLITE_READONLY\).*Look whether its disk has become read-only/);
  expect(problemOf(fault)).toMatchObject({ status: 503, code: "not writable" });
});

test("an error about something else keeps its own words", () => {
  const db = temporaryDatabase(0);
  const fault = faultOf(() => db.run("DELETE FROM not_there"));
  expect(writeTroubleOf(fault)).toBeNull();
  expect(wordsOfWrite(fault)).toBe("no such table: not_there");
  expect(problemOf(fault)).toMatchObject({ status: 500 });
});
