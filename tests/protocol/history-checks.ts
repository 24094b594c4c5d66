import { beforeAll, describe, expect, test } from "vitest";
import { type History, historyShape, stateChangedShape } from "./shapes.ts";
import type { Target } from "./suite.ts";
import { ASLEEP, microsOf, microsOfSeconds, pause, SLEEP_END, SLEEP_START, setDatetime, withClient } from "./with-client.ts";

/** Long enough for any recorder that commits every few seconds. */
const COMMITTED_MS = 2_500;

interface Seen {
  readonly entityId: string;
  readonly state: string;
  readonly updatedUs: number;
  readonly changedUs: number;
}

export function historyChecks(connect: () => Promise<Target>): void {
  describe("history", () => {
    const { client } = withClient(connect);
    /** What the event stream told while the past was made. */
    const seen: Seen[] = [];
    const of = (entityId: string): readonly Seen[] => seen.filter((one) => one.entityId === entityId);
    let startUs = 0;

    beforeAll(async () => {
      const { id } = await client().command({ type: "subscribe_events", event_type: "state_changed" });
      await setDatetime(client(), SLEEP_START, { datetime: "2026-01-01 00:00:00" });
      const turn = (service: string) =>
        client().result({ type: "call_service", domain: "input_boolean", service, target: { entity_id: ASLEEP } });
      await turn("turn_off");
      await pause(50);
      startUs =
        microsOf(
          newest(
            client()
              .messages()
              .filter((one) => one.id === id),
          ).time_fired,
        ) + 20_000;
      await setDatetime(client(), [SLEEP_START, SLEEP_END], { datetime: "2026-02-03 23:15:20" });
      await turn("turn_on");
      await pause(30);
      await setDatetime(client(), SLEEP_START, { timestamp: 1770000000 });
      // Rows a microsecond apart leave no room for a range between them.
      await pause(30);
      await setDatetime(client(), SLEEP_START, { timestamp: 1770000000.5 });
      await turn("turn_off");
      await pause(30);
      await setDatetime(client(), SLEEP_START, { datetime: "2026-02-05 06:00:00" });
      await turn("turn_on");
      await pause(COMMITTED_MS);
      for (const message of client().messages()) {
        if (message.id !== id || message.type !== "event") continue;
        const { data } = stateChangedShape.parse(message.event);
        const state = data.new_state;
        if (!state || ![SLEEP_START, SLEEP_END, ASLEEP].includes(state.entity_id)) continue;
        const one = {
          entityId: state.entity_id,
          state: state.state,
          updatedUs: microsOf(state.last_updated),
          changedUs: microsOf(state.last_changed),
        };
        if (one.updatedUs > startUs) seen.push(one);
      }
    });

    const query = async (fields: Readonly<Record<string, unknown>>): Promise<History> =>
      historyShape.parse(
        await client().result({
          type: "history/history_during_period",
          start_time: iso(startUs),
          entity_ids: [SLEEP_START, SLEEP_END, ASLEEP],
          include_start_time_state: false,
          significant_changes_only: false,
          ...fields,
        }),
      );

    test("every change that was told is there with the same microseconds, and nothing else", async () => {
      const history = await query({});
      for (const entityId of [SLEEP_START, SLEEP_END, ASLEEP]) {
        const rows = (history[entityId] ?? []).map((row) => ({
          entityId,
          state: row.s,
          updatedUs: micros(row.lu),
          changedUs: micros(row.lc ?? row.lu),
        }));
        expect(rows).toEqual(of(entityId));
      }
      expect(of(SLEEP_START)).toHaveLength(4);
    });

    test("last_changed is told only where it differs from last_updated", async () => {
      const rows = (await query({}))[SLEEP_START] ?? [];
      expect(rows.map((row) => row.lc !== undefined)).toEqual([false, false, true, false]);
      expect(micros(rows[2]?.lc ?? 0)).toBe(micros(rows[1]?.lu ?? 0));
    });

    test("both ends of the range are left out", async () => {
      const [first, second, third] = of(SLEEP_START);
      // A microsecond clear of the rows on each side, because their floats may lie a little beside it.
      const between = await query({
        start_time: iso(first!.updatedUs + 1),
        end_time: iso(third!.updatedUs - 1),
        entity_ids: [SLEEP_START],
      });
      expect((between[SLEEP_START] ?? []).map((row) => micros(row.lu))).toEqual([second!.updatedUs]);
    });

    test("a range in which nothing happened is empty unless the state at its start is asked for; that row carries the start as its time", async () => {
      const last = of(SLEEP_START).at(-1)!;
      const from = last.updatedUs + 1_500;
      const range = { start_time: iso(from), end_time: iso(from + 500), entity_ids: [SLEEP_START, SLEEP_END] };
      expect(await query(range)).toEqual({});
      const anchored = await query({ ...range, include_start_time_state: true });
      expect(Object.keys(anchored).sort()).toEqual([SLEEP_END, SLEEP_START]);
      expect(anchored[SLEEP_START]).toHaveLength(1);
      expect(anchored[SLEEP_START]?.[0]).toMatchObject({ s: "2026-02-05 06:00:00" });
      expect(micros(anchored[SLEEP_START]?.[0]?.lu ?? 0)).toBe(from);
      expect(anchored[SLEEP_START]?.[0]).not.toHaveProperty("lc");
    });

    test("left to its defaults it adds the state at the start and leaves out changes of attributes alone", async () => {
      const answer = await client().result({ type: "history/history_during_period", start_time: iso(startUs), entity_ids: [SLEEP_START] });
      const rows = historyShape.parse(answer)[SLEEP_START] ?? [];
      expect(rows.map((row) => row.s)).toEqual([
        "2026-01-01 00:00:00",
        "2026-02-03 23:15:20",
        of(SLEEP_START)[1]?.state,
        "2026-02-05 06:00:00",
      ]);
      expect(rows.some((row) => row.lc !== undefined)).toBe(false);
    });

    test("a minimal answer has attributes in its first row only, but helpers of date and time answer in full", async () => {
      const rows = await query({ minimal_response: true });
      expect(rows[ASLEEP]?.map((row) => row.a !== undefined)).toEqual([true, false, false]);
      expect(rows[SLEEP_START]).toHaveLength(4);
      const bare = await query({ minimal_response: true, no_attributes: true });
      expect(bare[ASLEEP]?.every((row) => row.a === undefined)).toBe(true);
    });

    test("without attributes each row has an empty map of them", async () => {
      for (const rows of Object.values(await query({ no_attributes: true }))) for (const row of rows) expect(row.a).toEqual({});
    });

    test("the state at the start carries the attributes of the row before, also where that changed attributes alone", async () => {
      const third = of(SLEEP_START)[2]!;
      const from = third.updatedUs + 2;
      const range = { start_time: iso(from), end_time: iso(from + 2), entity_ids: [SLEEP_START] };
      const [row, ...others] =
        (await query({ ...range, include_start_time_state: true, no_attributes: false, minimal_response: false }))[SLEEP_START] ?? [];
      expect(others).toEqual([]);
      expect(row?.a).toMatchObject({ timestamp: 1770000000.5 });
      expect(micros(row?.lu ?? 0)).toBe(from);
    });

    test("attributes that never change are not recorded", async () => {
      const [row] = (await query({}))[SLEEP_START] ?? [];
      expect(row?.a).toMatchObject({ year: 2026, month: 2, day: 3, hour: 23, minute: 15, second: 20 });
      for (const name of ["has_date", "has_time", "editable"]) expect(row?.a).not.toHaveProperty(name);
    });

    test("a removed entity leaves a row without a state", async () => {
      const made = (await client().result({
        type: "input_datetime/create",
        name: `Suite gone ${process.pid}`,
        has_date: true,
        has_time: true,
      })) as { readonly id: string };
      await setDatetime(client(), `input_datetime.${made.id}`, { datetime: "2026-02-03 04:05:06" });
      await client().result({ type: "input_datetime/delete", input_datetime_id: made.id });
      await pause(COMMITTED_MS);
      const rows = (await query({ entity_ids: [`input_datetime.${made.id}`] }))[`input_datetime.${made.id}`] ?? [];
      expect(rows.slice(1).map((row) => row.s)).toEqual(["2026-02-03 04:05:06", null]);
    });

    test.each([
      ["an entity that was never there", { entity_ids: ["sensor.never_there"] }],
      ["a start that has not come yet", { start_time: "2090-01-01T00:00:00+00:00" }],
      ["an end before the start", { end_time: "2020-01-01T00:00:00+00:00" }],
    ])("%s has an empty history", async (_, fields) => {
      expect(await query(fields)).toEqual({});
    });

    test.each([
      ["a start that is no instant", { start_time: "x" }, "invalid_start_time"],
      ["an end that is no instant", { end_time: "x" }, "invalid_end_time"],
      ["a name that is no entity's", { entity_ids: ["bad"] }, "invalid_entity_ids"],
      ["a start that is no text", { start_time: 5 }, "invalid_format"],
      ["an unknown field", { surplus: 1 }, "invalid_format"],
    ])("%s is refused", async (_, fields, code) => {
      const base = { type: "history/history_during_period", start_time: iso(startUs), entity_ids: [SLEEP_START] };
      expect(await client().errorCode({ ...base, ...fields })).toBe(code);
    });

    test("instants are read with Z, with an offset, and without one as local time", async () => {
      const first = of(SLEEP_START)[0]!;
      const utc = iso(first.updatedUs - 5_000).replace("+00:00", "");
      const count = async (start: string): Promise<number> =>
        (await query({ start_time: start, entity_ids: [SLEEP_START] }))[SLEEP_START]?.length ?? 0;
      expect(await count(`${utc}Z`)).toBe(4);
      const local = new Date(Date.parse(`${utc.slice(0, 19)}Z`) + 5 * 3_600_000).toISOString().slice(0, 19) + utc.slice(19);
      expect(await count(`${local}+05:00`)).toBe(4);
      // Taken as local time, in a zone east of Greenwich, the same digits lie an hour or two earlier.
      expect(await count(utc)).toBeGreaterThanOrEqual(4);
    });
  });
}

function newest(messages: readonly { readonly event?: { readonly time_fired: string } }[]): { readonly time_fired: string } {
  const events = messages.flatMap((message) => (message.event ? [message.event] : []));
  return events.at(-1) ?? { time_fired: "1970-01-01T00:00:00+00:00" };
}

const micros = microsOfSeconds;

function iso(us: number): string {
  const seconds = Math.floor(us / 1e6);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, "0")}+00:00`;
}
