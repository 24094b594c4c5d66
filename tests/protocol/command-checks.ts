import { describe, expect, test } from "vitest";
import { openAuthenticated } from "./raw-client.ts";
import type { Target } from "./suite.ts";
import { withClient } from "./with-client.ts";

export function commandChecks(connect: () => Promise<Target>): void {
  describe("commands", () => {
    const { target, client } = withClient(connect);
    const fresh = () => openAuthenticated(target().url, target().token);

    test("a ping is answered by a pong of the same id", async () => {
      expect(await client().command({ type: "ping", id: 7 })).toEqual({ id: 7, type: "pong" });
    });

    test("an id that does not rise is refused with its own id", async () => {
      const own = await fresh();
      await own.command({ type: "ping", id: 5 });
      for (const id of [5, 4]) {
        expect(await own.command({ type: "ping", id })).toMatchObject({ id, type: "result", success: false, error: { code: "id_reuse" } });
      }
      expect(await own.command({ type: "ping", id: 6 })).toMatchObject({ type: "pong" });
      own.end();
    });

    test("an unknown command is refused and its id stays free; a known one in a wrong form uses its id up", async () => {
      const own = await fresh();
      expect(await own.errorCode({ type: "no/such/command", id: 50 })).toBe("unknown_command");
      expect(await own.command({ type: "ping", id: 20 })).toMatchObject({ type: "pong" });
      expect(await own.errorCode({ type: "ping", id: 40, surplus: 1 })).toBe("invalid_format");
      expect(await own.errorCode({ type: "ping", id: 30 })).toBe("id_reuse");
      own.end();
    });

    test.each([
      ["a text as id", { id: "x", type: "ping" }, "x"],
      ["the id zero", { id: 0, type: "ping" }, 0],
      ["a fraction as id", { id: 3.5, type: "ping" }, 3.5],
      ["no id", { type: "ping" }, null],
      ["no type", { id: 900 }, 900],
      ["a number instead of an object", 5, 0],
    ])("%s is a wrong form", async (_, message, id) => {
      const own = await fresh();
      own.send(message);
      const answer = await own.until((one) => one.type === "result");
      expect(answer).toMatchObject({ id, success: false, error: { code: "invalid_format" } });
      own.end();
    });

    test("commands may come as a list, and each is answered; an empty list is not", async () => {
      const own = await fresh();
      own.send([]);
      own.send([
        { id: 50, type: "ping" },
        { id: 51, type: "ping" },
      ]);
      await own.until((one) => one.id === 51);
      expect(own.messages().map((one) => one.type)).toEqual(["auth_required", "auth_ok", "pong", "pong"]);
      own.end();
    });

    test("features are taken as a map of numbers and unknown ones are passed over", async () => {
      expect(await client().result({ type: "supported_features", features: { something_new: 1 } })).toBeNull();
      expect(await client().errorCode({ type: "supported_features" })).toBe("invalid_format");
      expect(await client().errorCode({ type: "supported_features", features: { coalesce_messages: "x" } })).toBe("invalid_format");
    });

    test("statistics of an unknown entity are an empty map, and a wrong period is refused", async () => {
      const query = {
        type: "recorder/statistics_during_period",
        start_time: "2026-01-01T00:00:00+00:00",
        statistic_ids: ["sensor.no_such"],
      };
      expect(await client().result({ ...query, period: "hour", types: ["mean"] })).toEqual({});
      expect(await client().errorCode({ ...query, period: "minute" })).toBe("invalid_format");
      expect(await client().errorCode({ ...query, period: "hour", start_time: "x" })).toBe("invalid_start_time");
    });

    test("the recorder says that it records", async () => {
      expect(await client().result({ type: "recorder/info" })).toMatchObject({
        recording: true,
        thread_running: true,
        migration_in_progress: false,
      });
    });
  });
}
