import { describe, expect, test } from "vitest";
import { de } from "../../../src/web/panel/words/de.ts";
import { en } from "../../../src/web/panel/words/en.ts";
import { featureInWords, nameInWords } from "../../../src/web/panel/words/features.ts";
import { bytes, percent, share } from "../../../src/web/panel/words/numbers.ts";
import { duration } from "../../../src/web/panel/words/times.ts";
import { loadWords } from "../../../src/web/panel/words/words.ts";

await loadWords();
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, " ");

describe("numbers", () => {
  test("a probability is never 0 or 100, a share of things counted may be both", () => {
    expect([0, 0.004, 0.126, 0.996, 1].map(percent)).toEqual(["<1%", "<1%", "13%", ">99%", ">99%"]);
    expect([0, 0.004, 0.126, 0.996, 1].map(share)).toEqual(["0%", "<1%", "13%", ">99%", "100%"]);
  });

  test("what is not known is a dash and never 0", () => {
    expect([percent(null), share(null), bytes(null)]).toEqual(["–", "–", "–"]);
  });

  test("a length is said in its two largest units", () => {
    const lengths = [40_000, 720_000, 8 * 3_600_000 + 300_000, 76 * 3_600_000, 48 * 3_600_000];
    expect(lengths.map(duration).map(plain)).toEqual(["40 s", "12 min", "8 h 5 min", "3 d 4 h", "2 d"]);
  });
});

describe("features", () => {
  test.each([
    ["binary_sensor.bed:on_fraction:30m", "Bed · time on · last 30 min"],
    ["area.living_room:activity:60m", "Living room · activity · last 1 h"],
    ["area.bedroom:motion_on_fraction:30m", "Bedroom · motion, time on · last 30 min"],
    ["media_player.tv:share_playing:30m", "Tv (player) · time in state playing · last 30 min"],
    ["sensor.lux:log_mean:30m", "Lux · average · last 30 min"],
    ["home:minutes_since_activity", "Home · time since activity"],
    ["home:minutes_since_motion", "Home · time since motion"],
    ["area.bedroom:presence_on_fraction:30m", "Bedroom · presence, time on · last 30 min"],
    ["area.bedroom:light_on_fraction:30m", "Bedroom · light, time on · last 30 min"],
    ["sensor.hall:maximum:60m", "Hall · highest · last 1 h"],
    ["clock:hour_sin_2", "Time of day"],
    ["clock:weekend", "Weekend"],
    ["climate.hall", "Hall (climate) · value now"],
    ["light.kitchen:on_fraction:30m", "Kitchen (light) · time on · last 30 min"],
    ["water_heater.kitchen:minutes_since_on", "Kitchen (water heater) · time since on"],
  ])("%s is said as %j", (name, said) => {
    expect(plain(featureInWords(name))).toBe(said);
  });

  // Broken once: everything before the first dot was cut off, as if any name were an id.
  test("a name that a person gave is left as it is", () => {
    expect([nameInWords("St. Mary's room"), nameInWords("bett_links"), nameInWords("küche")]).toEqual([
      "St. Mary's room",
      "Bett links",
      "Küche",
    ]);
  });
});

const GIVEN = ["①", "②", "③", "④"];

/** Every text of a language with its place; texts that are made are made with examples. */
function textsOf(value: unknown, place = ""): [string, string][] {
  if (typeof value === "string") return [[place, value]];
  if (typeof value === "function") return [[place, String((value as (...given: unknown[]) => unknown)(...GIVEN))]];
  return Object.entries(value as object).flatMap(([name, part]) => textsOf(part, `${place}.${name}`));
}

describe("the two languages", () => {
  test("each has the same texts, none is empty, and a text that is made says all that it is given in both", () => {
    const [english, german] = [textsOf(en), textsOf(de)];
    expect(german.map(([place]) => place)).toEqual(english.map(([place]) => place));
    const givenIn = (text: string): string => GIVEN.filter((given) => text.includes(given)).join("");
    for (const [n, [place, text]] of english.entries()) {
      expect([place, text.trim()]).not.toEqual([place, ""]);
      expect([place, givenIn(german[n]![1])]).toEqual([place, givenIn(text)]);
    }
  });

  test("nobody is shouted at", () => {
    expect([...textsOf(en), ...textsOf(de)].filter(([, text]) => text.includes("!"))).toEqual([]);
  });
});
