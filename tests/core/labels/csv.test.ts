import { describe, expect, test } from "vitest";
import { CsvFault, readLabelCsv } from "../../../src/core/labels/csv.ts";
import { amsterdam, spans, wall } from "./telling.ts";

const read = (text: string, target = "sleep") => readLabelCsv(text, amsterdam, target);

describe("a CSV of labels", () => {
  test.each([
    ["commas", "start,end\n2025-06-01 23:00,2025-06-02 07:00\n"],
    ["semicolons", "start;end\n2025-06-01 23:00;2025-06-02 07:00"],
    ["tabs", "start\tend\n2025-06-01T23:00\t2025-06-02T07:00"],
    ["CRLF and a byte order mark", "\uFEFFstart,end\r\n2025-06-01 23:00,2025-06-02 07:00\r\n\r\n"],
    ["old line ends", "start,end\r2025-06-01 23:00,2025-06-02 07:00\r"],
    ["quotes and spaces", '"Start" , "END"\n"2025-06-01 23:00" , "2025-06-02 07:00"'],
    ["another order and more columns", "note,end,start\nhot,2025-06-02 07:00:00,2025-06-01 23:00:00"],
    ["quoted separators", 'note,start,end\n"hot, ""very""",2025-06-01 23:00,2025-06-02 07:00'],
    ["offsets", "start,end\n2025-06-01T23:00+02:00,2025-06-02 05:00 Z"],
    ["a zone of its own", "start,end,time_zone\n2025-06-01 17:00,2025-06-02 01:00,America/New_York"],
    ["columns of vw_labels", "start_utc,end_utc,time_zone\n2025-06-01 21:00,2025-06-02T05:00:00.000Z,Asia/Tokyo"],
  ])("may have %s", (_, text) => {
    const { labels, faults } = read(text);
    expect(faults).toEqual([]);
    expect(spans(labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });

  test("keeps kind, line and what was written, and says when it was said", () => {
    const { labels } = read("start,end,kind,captured_at\n\n2025-06-01 23:00,2025-06-02 07:00,Negative,2025-06-02 09:00");
    expect(labels).toMatchObject([
      { line: 3, kind: "negative", rawStart: "2025-06-01 23:00", capturedAtMs: amsterdam.instantOf("2025-06-02 09:00") },
    ]);
  });

  test("names each line that is no label, and takes the others", () => {
    const { labels, faults } = read(
      [
        "start,end,kind,zone,status,target",
        "2025-06-01 23:00,2025-06-02 07:00,positive,,,",
        "2025-06-02 23:00,2025-06-03 07:00,maybe,,,",
        "yesterday,2025-06-03 07:00,positive,,,",
        "2025-02-30 23:00,2025-06-03 07:00,positive,,,",
        "2025-06-02 23:00,,positive,,,",
        "2025-06-02 23:00,2025-06-03 07:00,positive,Mars/Olympus,,",
        "2025-06-02 23:00,2025-06-03 07:00",
        '2025-06-02 23:00,2025-06-03 07:00,"positive,,,',
        "2025-06-02 23:00,2025-06-03 07:00,positive,,rejected,",
        "2025-06-02 23:00,2025-06-03 07:00,positive,,,nap",
        "2025-06-03 23:00,2025-06-04 07:00,excluded,Europe/Amsterdam,active,sleep",
      ].join("\n"),
    );
    expect(labels.map(({ line }) => line)).toEqual([2, 12]);
    expect(faults.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '3 The kind is "maybe"; it must be positive, negative, excluded, or left empty.',
      '4 The start "yesterday" is no time like 2026-11-20T23:10 (local) or 2026-11-20T22:10Z.',
      '5 The start "2025-02-30 23:00" is no time like 2026-11-20T23:10 (local) or 2026-11-20T22:10Z.',
      "6 The end is empty.",
      '7 "Mars/Olympus" is no time zone like Europe/Amsterdam.',
      "8 It has 2 fields where the first line names 6 columns.",
      "9 A quote is opened and never closed.",
      "10 It was turned down where it came from (status rejected).",
      "11 It belongs to the target nap; import it with --target nap.",
    ]);
  });

  test("whose first line does not name start and end is refused as a whole, in words that say what it holds", () => {
    expect(() => read("bed,up\n1,2")).toThrow(
      new CsvFault(
        "The first line must name the columns, start and end among them (and if you like kind, time_zone, captured_at, target). It says: bed, up.",
      ),
    );
    expect(() => read("")).toThrow(/The file is empty/);
    expect(() => read("start,from,end\n")).toThrow(/Two columns say start/);
    expect(() => read("\u0000\u0001PK binary")).toThrow(CsvFault);
  });

  test("in the hour that autumn repeats means the telling that comes after the start", () => {
    const { labels } = read("start,end\n2025-10-26 02:50,2025-10-26 02:10\n2025-10-26 02:10,2025-10-26 02:50");
    expect(labels.map(({ startMs, endMs }) => (endMs - startMs) / 60_000)).toEqual([20, 40]);
  });

  test("in the hour that spring skips moves forward", () => {
    const { labels } = read("start,end\n2025-03-30 02:30,2025-03-30 07:00");
    expect(wall(labels[0]!.startMs)).toBe("2025-03-30 03:30");
  });
});
