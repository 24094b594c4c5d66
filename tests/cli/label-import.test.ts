import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { putTargets } from "../../src/store/tables/labels.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { type Ended, rowsOf, runCommand, temporaryFolder, wordsOf } from "../e2e/program.ts";

/** The command alone on a file: no app runs. */
const { folder, database, remove } = temporaryFolder();
const run = (...words: string[]): Promise<Ended> => runCommand(words, { DATA_FOLDER: folder });

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

beforeAll(() => {
  const db = openForWriting(database);
  migrate(db, 0);
  setMetadata(db, { time_zone: "Europe/Amsterdam" });
  putTargets(db, { targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }], nowMs: 0 });
  db.close();
});
afterAll(remove);

test("a file with good and bad lines: the good are in, each bad one has its reason, and stdout is JSON", async () => {
  const path = file(
    "nights.csv",
    "\uFEFFstart;end;kind\r\n2025-06-01 23:00;2025-06-02 07:00;\r\n2025-06-02 23:00;2025-06-02 22:00;\r\n2025-06-03 23:00;soon;\r\n2025-06-02 01:00;2025-06-02 05:00;\r\n2025-06-05 12:00;2025-06-06 12:00;negative\r\n",
  );
  const { code, stdout } = await run("label", "import", path, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    added: 2,
    replaced: 0,
    known: 0,
    lines: 5,
    rejected: [
      { line: 3, reason: "The end lies before the start; swap them or correct the date." },
      { line: 4, reason: expect.stringContaining('The end "soon" is no time') },
      { line: 5, reason: "It overlaps line 2, which stands. Correct one of both." },
    ],
  });
  const said = rowsOf(database, "SELECT kind, source, said_by, captured_at_ms > 1700000000000 AS isNow FROM labels ORDER BY end_ms");
  const by = `${userInfo().username} (command line)`;
  expect(said).toEqual([
    { kind: "positive", source: "csv", said_by: by, isNow: 1 },
    { kind: "negative", source: "csv", said_by: by, isNow: 1 },
  ]);
});

test("the same file again changes nothing, and says in words what it came to, each bad line with its reason", async () => {
  const before = rowsOf(database, "SELECT * FROM labels");
  const path = join(folder, "nights.csv");
  const said = await run("label", "import", path);
  expect(said.stdout).toBe("5 lines: 0 added, 0 replaced or taken away, 2 there already, 3 turned down\n");
  expect(said.stderr).toContain(`${path}, line 3: The end lies before the start`);
  const { stdout } = await run("label", "import", join(folder, "nights.csv"), "--json");
  expect(JSON.parse(stdout)).toMatchObject({ added: 0, replaced: 0, known: 2 });
  expect(rowsOf(database, "SELECT * FROM labels")).toEqual(before);
});

test("UTF-16 as spreadsheets write it is read", async () => {
  const path = file("unicode.txt", Buffer.from("\uFEFFstart\tend\r\n2025-07-01 23:00\t2025-07-02 07:00\r\n", "utf16le"));
  expect(JSON.parse((await run("label", "import", path, "--json")).stdout)).toMatchObject({ added: 1, rejected: [] });
});

test("an export of vw_labels can be imported as it is, rejected ones left out by name", async () => {
  const { stdout } = await run("export", "vw_labels", "--format", "csv");
  const path = file(
    "export.csv",
    `${stdout}sleep,2025-01-02,2025-01-01T22:00:00.000Z,2025-01-01T22:00:00.000Z,UTC,positive,helper,2025-01-02T08:00:00.000Z,rejected,equal bounds\n`,
  );
  const answer = JSON.parse((await run("label", "import", path, "--json")).stdout);
  expect(answer).toMatchObject({ rejected: [{ reason: "It was turned down where it came from (status rejected)." }] });
  expect(answer.added + answer.known).toBe(3);
  expect(rowsOf(database, "SELECT DISTINCT source FROM vw_labels WHERE status = 'active'")).toEqual([{ source: "csv" }]);
});

test.each([
  ["a file that is not there", () => join(folder, "none.csv"), "There is no file"],
  ["wrong columns", () => file("wrong.csv", "bed,up\n1,2\n"), "It says: bed, up."],
  ["no CSV at all", () => file("binary.csv", Buffer.from([0, 1, 2, 255, 254, 10, 13])), "must name the columns"],
])("%s: exit code 2, one sentence, nothing changed", async (_, path, words) => {
  const before = rowsOf(database, "SELECT * FROM labels");
  const { code, stdout, stderr } = await run("label", "import", path());
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(wordsOf(stderr)).toContain(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(rowsOf(database, "SELECT * FROM labels")).toEqual(before);
});

test("a file of which no line can be a label exits 1", async () => {
  const { code, stdout } = await run("label", "import", file("bad.csv", "start,end\n2025-06-09 23:00,2025-06-09 23:00\n"), "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ added: 0, rejected: [{ line: 2 }] });
});

test("a night without sleep, and a label that is too long", async () => {
  expect(JSON.parse((await run("label", "none", "2025-08-02", "--json")).stdout)).toMatchObject({ added: 1 });
  expect(rowsOf(database, "SELECT kind, start_utc, end_utc FROM vw_labels ORDER BY end_utc DESC LIMIT 1")).toEqual([
    { kind: "negative", start_utc: "2025-08-01T10:00:00.000Z", end_utc: "2025-08-02T10:00:00.000Z" },
  ]);
  const long = await run("label", "add", "2025-09-01T10:00", "2025-09-02T10:00");
  expect(long.code).toBe(1);
  expect(wordsOf(long.stderr)).toContain("longer than a label may (16, the option max_label_hours)");
  expect((await run("label", "none", "tomorrow")).code).toBe(2);
});
