import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { RawClient } from "./raw-client.ts";
import { stateShape } from "./shapes.ts";
import type { Target } from "./suite.ts";
import { ASLEEP, microsOf, pause, SLEEP_END, SLEEP_START, setDatetime, withClient } from "./with-client.ts";

async function stateOf(client: RawClient, entityId: string): Promise<z.infer<typeof stateShape>> {
  const states = z.array(stateShape).parse(await client.result({ type: "get_states" }));
  const found = states.find((state) => state.entity_id === entityId);
  if (!found) throw new Error(`${entityId} has no state`);
  return found;
}

/** In Europe/Amsterdam, the zone of both homes. */
export function helperChecks(connect: () => Promise<Target>): void {
  describe("helpers", () => {
    const { client } = withClient(connect);
    const set = (data: Readonly<Record<string, unknown>>) => setDatetime(client(), SLEEP_START, data);

    test("a date-time helper shows local time without offset, and the instant as seconds", async () => {
      await set({ datetime: "2026-02-03 23:15:20" });
      const state = await stateOf(client(), SLEEP_START);
      expect(state.state).toBe("2026-02-03 23:15:20");
      expect(state.attributes).toMatchObject({
        has_date: true,
        has_time: true,
        year: 2026,
        month: 2,
        day: 3,
        hour: 23,
        minute: 15,
        second: 20,
        timestamp: Date.parse("2026-02-03T22:15:20Z") / 1000,
      });
    });

    test.each([
      ["a T between date and time", { datetime: "2026-02-04T01:02:03" }, "2026-02-04 01:02:03"],
      ["no seconds", { datetime: "2026-02-04 01:02" }, "2026-02-04 01:02:00"],
      ["a date alone as datetime", { datetime: "2026-02-05" }, "2026-02-05 00:00:00"],
      ["an offset, which is ignored", { datetime: "2026-02-04T01:02:03+05:00" }, "2026-02-04 01:02:03"],
      ["seconds since the epoch", { timestamp: Date.parse("2026-07-04T22:30:00Z") / 1000 }, "2026-07-05 00:30:00"],
      ["seconds since the epoch as text", { timestamp: "1767319445" }, "2026-01-02 03:04:05"],
      ["date and time apart", { date: "2026-02-06", time: "22:10:07" }, "2026-02-06 22:10:07"],
    ])("it can be set with %s", async (_, data, shown) => {
      await set(data);
      expect((await stateOf(client(), SLEEP_START)).state).toBe(shown);
    });

    test("a date alone keeps the time, a time alone keeps the date", async () => {
      await set({ datetime: "2026-02-03 23:15:20" });
      await set({ date: "2026-02-07" });
      expect((await stateOf(client(), SLEEP_START)).state).toBe("2026-02-07 23:15:20");
      await set({ time: "06:30" });
      expect((await stateOf(client(), SLEEP_START)).state).toBe("2026-02-07 06:30:00");
    });

    test("a time that the clock shows twice is the earlier one, and a skipped one is shown as it was written", async () => {
      await set({ datetime: "2026-10-25 02:30:00" });
      expect((await stateOf(client(), SLEEP_START)).attributes["timestamp"]).toBe(Date.parse("2026-10-25T00:30:00Z") / 1000);
      await set({ datetime: "2026-03-29 02:30:00" });
      const skipped = await stateOf(client(), SLEEP_START);
      expect(skipped.state).toBe("2026-03-29 02:30:00");
      expect(skipped.attributes["timestamp"]).toBe(Date.parse("2026-03-29T01:30:00Z") / 1000);
    });

    test("the same value again changes nothing and is told to nobody", async () => {
      await set({ datetime: "2026-02-03 23:15:21" });
      const before = await stateOf(client(), SLEEP_START);
      const { id } = await client().command({ type: "subscribe_events", event_type: "state_changed" });
      await set({ datetime: "2026-02-03 23:15:21" });
      const after = await stateOf(client(), SLEEP_START);
      expect(after.last_updated).toBe(before.last_updated);
      const told = client()
        .messages()
        .filter((message) => message.id === id && message.event?.data["entity_id"] === SLEEP_START);
      expect(told).toEqual([]);
    });

    test("a fraction of a second changes an attribute alone: updated later than changed", async () => {
      await set({ timestamp: 1770000000 });
      const whole = await stateOf(client(), SLEEP_START);
      await pause(20);
      await set({ timestamp: 1770000000.5 });
      const half = await stateOf(client(), SLEEP_START);
      expect(half.state).toBe(whole.state);
      expect(half.last_changed).toBe(whole.last_changed);
      expect(microsOf(half.last_updated)).toBeGreaterThan(microsOf(whole.last_updated));
    });

    test.each([
      ["nothing to set", {}],
      ["two forms at once", { datetime: "2026-02-03 23:15:20", timestamp: 5 }],
      ["a text that is no date-time", { datetime: "x" }],
      ["a text that is no date", { date: "x" }],
      ["an hour that does not exist", { time: "25:00" }],
      ["a text that is no number", { timestamp: "x" }],
      ["an unknown field", { datetime: "2026-02-03 23:15:20", surplus: 1 }],
    ])("%s is refused and changes nothing", async (_, data) => {
      const before = await stateOf(client(), SLEEP_END);
      const call = {
        type: "call_service",
        domain: "input_datetime",
        service: "set_datetime",
        service_data: data,
        target: { entity_id: SLEEP_END },
      };
      expect(await client().errorCode(call)).toBe("invalid_format");
      expect(await stateOf(client(), SLEEP_END)).toEqual(before);
    });

    test("an action without a target is refused, one for an entity that does not exist does nothing, an unknown one is not found", async () => {
      const call = { type: "call_service", domain: "input_datetime", service: "set_datetime" };
      expect(await client().errorCode({ ...call, service_data: { datetime: "2026-02-03 23:15:20" } })).toBe("invalid_format");
      await setDatetime(client(), "input_datetime.no_such_helper", { datetime: "2026-02-03 23:15:20" });
      expect(await client().errorCode({ ...call, service: "no_such_action" })).toBe("not_found");
      expect(await client().errorCode({ type: "call_service", domain: "input_datetime" })).toBe("invalid_format");
    });

    test("a switch turns on, off and over", async () => {
      const turn = (service: string) =>
        client().result({ type: "call_service", domain: "input_boolean", service, target: { entity_id: ASLEEP } });
      await turn("turn_on");
      expect((await stateOf(client(), ASLEEP)).state).toBe("on");
      await turn("turn_off");
      expect((await stateOf(client(), ASLEEP)).state).toBe("off");
      await turn("toggle");
      expect((await stateOf(client(), ASLEEP)).state).toBe("on");
    });

    test("a new helper is listed, shows today at midnight, which nobody set, and leaves with no state", async () => {
      const name = `Suite Nap ${process.pid}`;
      const { id: all } = await client().command({ type: "subscribe_events", event_type: "state_changed" });
      const made = z
        .object({ id: z.string(), name: z.literal(name) })
        .parse(await client().result({ type: "input_datetime/create", name, has_date: true, has_time: true, icon: "mdi:bed" }));
      const entityId = `input_datetime.${made.id}`;
      const born = await client().until((message) => message.id === all && message.event?.data["entity_id"] === entityId);
      expect(born.event?.data["old_state"]).toBeNull();
      expect((await stateOf(client(), entityId)).state).toMatch(/^\d{4}-\d{2}-\d{2} 00:00:00$/);
      expect(await client().result({ type: "input_datetime/list" })).toEqual(
        expect.arrayContaining([expect.objectContaining({ id: made.id })]),
      );

      await client().result({ type: "input_datetime/delete", input_datetime_id: made.id });
      const gone = await client().until(
        (message) => message.event?.data["entity_id"] === entityId && message.event.data["new_state"] === null,
      );
      expect(gone.event?.data["old_state"]).not.toBeNull();
      expect(await client().errorCode({ type: "input_datetime/delete", input_datetime_id: made.id })).toBe("not_found");
    });

    test("a second helper of the same name gets a number, and one that shows nothing is refused", async () => {
      const create = (fields: object) => ({ type: "input_datetime/create", ...fields });
      const name = `Suite Siësta ${process.pid}`;
      const first = z.object({ id: z.string() }).parse(await client().result(create({ name, has_date: true })));
      const second = z.object({ id: z.string() }).parse(await client().result(create({ name, has_time: true })));
      expect([first.id, second.id]).toEqual([`suite_siesta_${process.pid}`, `suite_siesta_${process.pid}_2`]);
      expect((await stateOf(client(), `input_datetime.${first.id}`)).state).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect((await stateOf(client(), `input_datetime.${second.id}`)).state).toBe("00:00:00");
      for (const { id } of [first, second]) await client().result({ type: "input_datetime/delete", input_datetime_id: id });
      expect(await client().errorCode(create({ name }))).toBe("invalid_format");
      expect(await client().errorCode(create({ has_date: true }))).toBe("invalid_format");
    });
  });
}
