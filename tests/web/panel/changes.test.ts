import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapRunLengths } from "../../../src/core/changes/run-length-map.ts";
import { createStream } from "../../../src/core/changes/stream.ts";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { beginnings, byDay, decoded, readingAt } from "../../../src/web/panel/screens/changes/run-lengths.ts";
import { levelNow, levelOf, runsByDay } from "../../../src/web/panel/screens/changes/subject.ts";
import type { ChangeTold } from "../../../src/web/panel/words/change-told.ts";
import { changeInGerman } from "../../../src/web/panel/words/de-change-told.ts";
import { titleOf, whomOf } from "../../../src/web/panel/words/subject.ts";
import { setZone } from "../../../src/web/panel/words/times.ts";
import { loadWords } from "../../../src/web/panel/words/words.ts";
import { createZone } from "../../../src/web/panel/words/zone.ts";

await loadWords();
setZone("Europe/Amsterdam");
const plain = (text: string): string => text.replaceAll(/\s/g, " ");
const START = Date.parse("2026-09-01T00:00:00Z");

/** Ten weeks of a hall that is used three times as much from day 40 on, as the API tells its picture. */
function pictureOf(changeDay: number) {
  const stream = createStream({ name: "area.hall:activity:60m", kind: "poisson", timeZone: "Europe/Amsterdam" });
  const hours = Array.from({ length: 70 * 24 }, (_, hour) => {
    const usual = 4 + ((hour * 7) % 5);
    return { endMs: START + (hour + 1) * HOUR_MS, value: hour / 24 < changeDay ? usual : 3 * usual, exposure: 1 };
  });
  const { cells, ...map } = mapRunLengths(stream, hours, START);
  return decoded({ stream: "hall", ...map, likeliest: [...map.likeliest], cells: Buffer.from(cells).toString("base64") });
}

describe("what a stream thought", () => {
  const map = pictureOf(40);

  test("reads as nothing for the two weeks in which it learns, then as the time since the change", () => {
    expect(readingAt(map, 0)).toMatchObject({ lengthMs: null, probability: 0, isAnew: false });
    const last = readingAt(map, map.columns - 1);
    expect(Math.abs(last.atMs - (last.lengthMs ?? 0) - (START + 40 * DAY_MS))).toBeLessThanOrEqual(DAY_MS);
    expect(last.probability).toBeGreaterThan(0.5);
  });

  test("began anew within three days after the change, and never else", () => {
    const begun = beginnings(map);
    expect(begun.length).toBeGreaterThan(0);
    for (const { atMs } of begun) expect(Math.abs(atMs - (START + 40 * DAY_MS))).toBeLessThanOrEqual(3 * DAY_MS);
  });

  test("is one row a day of the home's clock once it watches, also where the clocks change", () => {
    const zone = createZone("Europe/Amsterdam");
    const days = byDay(map, zone).map(({ atMs }) => zone.dayAt(atMs - 1));
    const first = readingAt(
      map,
      map.likeliest.findIndex((length) => length !== null),
    );
    const expected = zone.dayAt(map.firstEndMs + (map.columns - 1) * map.stepMs - 1) - zone.dayAt(first.atMs - 1) + 1;
    expect(days).toEqual(Array.from({ length: expected }, (_, k) => zone.dayAt(first.atMs - 1) + k));
  });

  test("a probability comes back from its shade to within a hundredth part of what it was", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1, noNaN: true }), (probability) => {
        const shade = Math.round(255 * (1 + Math.log10(probability) / 4));
        const one = { ...map, columns: 1, rows: 1, stepsPerRow: 1, cells: Uint8Array.of(shade), likeliest: [0] };
        expect(Math.abs(readingAt(one, 0).probability / probability - 1)).toBeLessThan(0.02);
      }),
    );
  });
});

describe("a stream in words", () => {
  const subject = { entityName: null, areaName: null };

  test.each([
    [{ ...subject, stream: "home:activity:60m" }, "Home", "Home · activity"],
    [{ ...subject, stream: "area.living_room:light_on_fraction:60m" }, "Living room", "Living room · light, time on"],
    [{ ...subject, areaName: "Grüne Küche", stream: "area.grune_kuche:activity:60m" }, "Grüne Küche", "Grüne Küche · activity"],
    [{ ...subject, entityName: "Bed Anna", stream: "binary_sensor.bed:on_fraction:30m" }, "Bed Anna", "Bed Anna · time on"],
    [{ ...subject, stream: "sensor.lux:log_mean:30m" }, "Lux", "Lux · average"],
  ])("%o", (of, whom, title) => {
    expect([whomOf(of), titleOf(of)]).toEqual([whom, title]);
  });

  test("levels have the unit of what is counted, and almost nothing is nothing", () => {
    expect(levelOf({ model: "poisson", unit: null }, 11.63)).toBe("11.6 times an hour");
    // Broken once: a room that is never used was used 4e-13 times an hour.
    expect(levelOf({ model: "poisson", unit: null }, 4.1e-13)).toBe("0 times an hour");
    expect(levelOf({ model: "ratio", unit: null }, 0.104)).toBe("10% of the time");
    expect(plain(levelOf({ model: "gaussian", unit: "°C" }, 19.43))).toBe("19.4 °C");
    expect(levelOf({ model: "gaussian", unit: "°C" }, null)).toBe("–");
  });

  test("the level now is that of the run since the change, unless the likeliest run knows of no change", () => {
    const summary = (start: string) => ({ current_mean: 5, top_runs: [{ start_utc: start, length: 3, probability: 0.5 }] });
    const changed = { changedAtUtc: "2026-11-03T06:00:00.000Z", afterMean: 8 };
    expect(levelNow({ ...changed, summary: summary("2026-11-03T12:00:00.000Z") })).toBe(5);
    expect(levelNow({ ...changed, summary: summary("2026-10-01T12:00:00.000Z") })).toBe(8);
    expect(levelNow({ changedAtUtc: null, afterMean: null, summary: summary("2026-10-01T12:00:00.000Z") })).toBe(5);
  });

  test("runs of one day are one", () => {
    const run = (startUtc: string, probability: number) => ({ startUtc, probability });
    expect(
      runsByDay([run("2025-10-10T06:00:00Z", 0.3), run("2025-10-17T06:00:00Z", 0.2), run("2025-10-17T12:00:00Z", 0.25)]).map(
        ({ date }) => date,
      ),
    ).toEqual(["October 17, 2025", "October 10, 2025"]);
  });
});

describe("a change in German", () => {
  const change: ChangeTold = {
    stream: "area.hallway:activity:60m",
    model: "poisson",
    unit: null,
    startLowUtc: "2025-11-03T05:00:00.000Z",
    startHighUtc: "2025-11-03T11:00:00.000Z",
    beforeMean: 3,
    afterMean: 4.2,
    dayPart: null,
    partBeforeMean: null,
    partAfterMean: null,
  };
  const shares = { model: "ratio", beforeMean: 0.05, afterMean: 0.107 };

  test.each<[Partial<ChangeTold>, string]>([
    [{}, "wird seit dem D 40 % mehr genutzt."],
    [{ dayPart: "night", partBeforeMean: 1, partAfterMean: 0.5 }, "wird seit dem D nachts 50 % weniger genutzt."],
    [{ startHighUtc: "2025-11-09T11:00:00.000Z" }, "wird etwa seit dem D 40 % mehr genutzt."],
    [{ afterMean: 9.3 }, "wird seit dem D 3.1-mal so viel genutzt."],
    [{ afterMean: 0 }, "wird seit dem D kaum noch genutzt."],
    [{ beforeMean: 0 }, "wird seit dem D genutzt, was zuvor nicht so war."],
    [{ model: null }, "ist seit dem D nicht mehr wie zuvor."],
    [{ model: "gaussian", unit: "°C", beforeMean: 19.7, afterMean: 19.4 }, "ist seit dem D 0.3 °C niedriger (19.4 statt 19.7)."],
    [{ ...shares, stream: "area.hallway:presence_on_fraction:60m" }, "In Flur ist seit dem D 10.7 % der Zeit statt 5 % jemand."],
    [{ ...shares, stream: "area.hallway:light_on_fraction:60m" }, "Das Licht in Flur ist seit dem D 10.7 % der Zeit statt 5 % an."],
    [{ ...shares, stream: "binary_sensor.x:on_fraction:60m" }, "ist seit dem D 10.7 % der Zeit statt 5 % an."],
  ])("%o", (more, said) => {
    const told = plain(changeInGerman({ ...change, ...more }, "Flur", "D"));
    expect(told).toBe(/Flur/.test(said) ? said : `Flur ${said}`);
  });
});
