import { describe, expect, test } from "vitest";
import { openAuthenticated } from "./raw-client.ts";
import { stateChangedShape } from "./shapes.ts";
import type { Target } from "./suite.ts";
import { ASLEEP, pause, SLEEP_START, setDatetime, withClient } from "./with-client.ts";

export function eventChecks(connect: () => Promise<Target>): void {
  describe("events", () => {
    const { target, client } = withClient(connect);

    test("a subscription gets events of its type with the data they were fired with, and none after it has ended", async () => {
      const { id: own } = await client().command({ type: "subscribe_events", event_type: "protocol_suite" });
      const { id: other } = await client().command({ type: "subscribe_events", event_type: "protocol_suite_other" });
      const fired = await client().result({ type: "fire_event", event_type: "protocol_suite", event_data: { answer: [1, { deep: "✓" }] } });
      const seen = await client().until((message) => message.type === "event" && message.id === own);
      expect(seen.event).toMatchObject({ event_type: "protocol_suite", data: { answer: [1, { deep: "✓" }] }, origin: "LOCAL" });
      expect(fired).toMatchObject({ context: { id: seen.event?.context.id } });

      expect(await client().result({ type: "unsubscribe_events", subscription: own })).toBeNull();
      await client().result({ type: "fire_event", event_type: "protocol_suite" });
      await client()
        .result({ type: "ping" })
        .catch(() => null);
      expect(
        client()
          .messages()
          .filter((message) => message.type === "event" && message.id === own),
      ).toHaveLength(1);
      expect(
        client()
          .messages()
          .filter((message) => message.type === "event" && message.id === other),
      ).toHaveLength(0);
    });

    test("a subscription can be ended once", async () => {
      const { id } = await client().command({ type: "subscribe_events", event_type: "protocol_suite" });
      await client().result({ type: "unsubscribe_events", subscription: id });
      expect(await client().errorCode({ type: "unsubscribe_events", subscription: id })).toBe("not_found");
      expect(await client().errorCode({ type: "unsubscribe_events", subscription: "x" })).toBe("invalid_format");
    });

    test("events and subscriptions in a wrong form are refused", async () => {
      expect(await client().errorCode({ type: "subscribe_events", event_type: 5 })).toBe("invalid_format");
      expect(await client().errorCode({ type: "fire_event" })).toBe("invalid_format");
      expect(await client().errorCode({ type: "fire_event", event_type: "protocol_suite", event_data: null })).toBe("invalid_format");
    });

    test("without a type a subscription gets everything, also the action that was called before the change that it made", async () => {
      const own = await openAuthenticated(target().url, target().token);
      const { id } = await own.command({ type: "subscribe_events" });
      await own.result({ type: "call_service", domain: "input_boolean", service: "toggle", service_data: { entity_id: ASLEEP } });
      await own.until((message) => message.event?.event_type === "state_changed" && message.event.data["entity_id"] === ASLEEP);
      const types = own
        .messages()
        .filter((message) => message.id === id && message.event)
        .map((message) => message.event?.event_type);
      expect(types.indexOf("call_service")).toBeGreaterThanOrEqual(0);
      expect(types.indexOf("call_service")).toBeLessThan(types.indexOf("state_changed"));
      own.end();
    });

    test("several messages of one turn come as one frame to a client that coalesces, and one by one to others", async () => {
      for (const coalesce of [false, true]) {
        const own = await openAuthenticated(target().url, target().token, coalesce);
        for (let i = 0; i < 3; i += 1) await own.result({ type: "subscribe_events", event_type: "protocol_suite_burst" });
        await own.result({ type: "fire_event", event_type: "protocol_suite_burst" });
        await pause(100);
        expect(own.messages().filter((message) => message.type === "event")).toHaveLength(3);
        expect(own.frames.some((frame) => frame.startsWith("["))).toBe(coalesce);
        own.end();
      }
    });

    test("a change carries the state before and after it, and who made it", async () => {
      const { id } = await client().command({ type: "subscribe_events", event_type: "state_changed" });
      await setDatetime(client(), SLEEP_START, { datetime: "2026-02-03 05:00:00" });
      const called = await setDatetime(client(), SLEEP_START, { datetime: "2026-02-03 05:00:01" });
      const message = await client().until((one) => one.id === id && stateOf(one.event?.data)?.state === "2026-02-03 05:00:01");
      const event = stateChangedShape.parse(message.event);
      expect(event.data.old_state).toMatchObject({ entity_id: SLEEP_START, state: "2026-02-03 05:00:00" });
      expect(event.data.new_state?.last_changed).toBe(event.time_fired);
      expect(event.data.new_state?.last_updated).toBe(event.time_fired);
      expect(event.context.user_id).not.toBeNull();
      expect(called).toMatchObject({ context: { id: event.context.id, user_id: event.context.user_id } });
      expect(event.data.new_state?.context.id).toBe(event.context.id);
    });
  });
}

function stateOf(data: Readonly<Record<string, unknown>> | undefined): { readonly state: string } | null {
  const state = data?.["new_state"];
  return typeof state === "object" && state !== null && "state" in state ? (state as { readonly state: string }) : null;
}
