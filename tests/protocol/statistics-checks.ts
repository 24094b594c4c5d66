import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { parseStatisticIds, parseStatistics, STATISTIC_IDS, statisticsMessage } from "../../src/hass/statistics.ts";
import { isBeforeSupport } from "../helpers/home-release.ts";
import type { Target } from "./suite.ts";
import { pause, withClient } from "./with-client.ts";

const HOUR_MS = 3_600_000;
const LEVEL = "sensor.protocol_level";
const ENERGY = "sensor.protocol_energy";
const ANGLE = "sensor.protocol_angle";

const rowsShape = z.record(z.string(), z.array(z.strictObject({ start: z.int(), end: z.int(), mean: z.number().nullable() })));

/** Long-term statistics as the app reads them. Imported ones, because compiling takes Home Assistant an hour. */
export function statisticsChecks(connect: () => Promise<Target>): void {
  describe.skipIf(isBeforeSupport())("long-term statistics", () => {
    const { client } = withClient(connect);
    const hourMs = Math.floor(Date.UTC(2026, 0, 10, 12) / HOUR_MS) * HOUR_MS;
    const iso = (ms: number): string => new Date(ms).toISOString();
    const ask = (more: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
      client().result({
        type: "recorder/statistics_during_period",
        start_time: iso(hourMs - 100 * HOUR_MS),
        statistic_ids: [LEVEL, ENERGY],
        period: "hour",
        types: ["mean"],
        ...more,
      });
    const put = (id: string, unit: string, kind: Readonly<Record<string, unknown>>, stats: readonly Record<string, unknown>[]) =>
      client().result({
        type: "recorder/import_statistics",
        metadata: { statistic_id: id, source: "recorder", name: null, unit_of_measurement: unit, ...kind },
        stats,
      });

    beforeAll(async () => {
      const hours = [0, 1, 2, 4].map((n) => iso(hourMs - n * HOUR_MS));
      const mean = { mean_type: 1, has_sum: false, unit_class: "temperature" };
      await put(
        LEVEL,
        "°C",
        mean,
        hours.map((start, n) => ({ start, mean: 20 + n / 3, min: 19, max: 23 })),
      );
      await put(ENERGY, "kWh", { mean_type: 0, has_sum: true, unit_class: "energy" }, [{ start: hours[0], state: 7, sum: 3 }]);
      await put(ANGLE, "°", { mean_type: 2, has_sum: false, unit_class: null }, [{ start: hours[0], mean: 350, min: 340, max: 10 }]);
      await pause(2_500);
    });

    test("an hour is told by its start and end in milliseconds, oldest first, hours without a row left out", async () => {
      const { [LEVEL]: rows = [] } = rowsShape.parse(await ask());
      expect(rows.map(({ start, end }) => [(start - hourMs) / HOUR_MS, (end - start) / HOUR_MS])).toEqual([
        [-4, 1],
        [-2, 1],
        [-1, 1],
        [0, 1],
      ]);
      expect(rows.at(-1)?.mean).toBe(20);
    });

    test("the start of an hour decides whether it lies in a range, the end of the range left out", async () => {
      const startsIn = async (fromMs: number, toMs: number): Promise<number[]> => {
        const answer = rowsShape.parse(await ask({ start_time: iso(fromMs), end_time: iso(toMs) }));
        return (answer[LEVEL] ?? []).map((row) => (row.start - hourMs) / HOUR_MS);
      };
      expect(await startsIn(hourMs - 2 * HOUR_MS, hourMs)).toEqual([-2, -1]);
      expect(await startsIn(hourMs - 2 * HOUR_MS + 1, hourMs + 1)).toEqual([-1, 0]);
      expect(await startsIn(hourMs + HOUR_MS, hourMs + 9 * HOUR_MS)).toEqual([]);
    });

    test("a sum has no mean, and an id that nobody knows has no rows", async () => {
      const answer = rowsShape.parse(await ask({ statistic_ids: [LEVEL, ENERGY, "sensor.no_such"] }));
      expect(Object.keys(answer).sort()).toEqual([ENERGY, LEVEL]);
      expect(answer[ENERGY]?.map((row) => row.mean)).toEqual([null]);
    });

    test("no id, a wrong type, a wrong end and a wrong kind of list are refused", async () => {
      const query = { type: "recorder/statistics_during_period", start_time: iso(hourMs), period: "hour" };
      expect(await client().errorCode({ ...query, statistic_ids: [] })).toBe("invalid_format");
      expect(await client().errorCode({ ...query, statistic_ids: [LEVEL], types: ["median"] })).toBe("invalid_format");
      expect(await client().errorCode({ ...query, statistic_ids: [LEVEL], end_time: "x" })).toBe("invalid_end_time");
      expect(await client().errorCode({ type: "recorder/list_statistic_ids", statistic_type: "median" })).toBe("invalid_format");
    });

    test("what the app asks for comes as it reads it: a mean stands at the end of its hour, in the unit that the list names", async () => {
      const { ids, malformed } = parseStatisticIds(await client().result({ ...STATISTIC_IDS }));
      expect(malformed).toBe(0);
      expect(ids).toContainEqual({ entityId: LEVEL, unit: "°C" });
      expect(ids.map(({ entityId }) => entityId)).not.toContain(ENERGY);
      expect(ids.map(({ entityId }) => entityId)).not.toContain(ANGLE);
      const request = { entityIds: [LEVEL, ENERGY], fromMs: hourMs - 3 * HOUR_MS, toMs: hourMs };
      const page = parseStatistics(await client().result({ ...statisticsMessage(request) }));
      expect(page).toMatchObject({ malformed: 0 });
      expect(page.events.map(({ state, updatedUs, source }) => [state, updatedUs / 1000 - hourMs, source])).toEqual([
        ["20.66667", -HOUR_MS, "statistics"],
        ["20.33333", 0, "statistics"],
      ]);
    });
  });
}
