import fc from "fast-check";
import { expect, test } from "vitest";
import { createOwedMarkers } from "../../src/app/owed-markers.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import type { Writer } from "../../src/store/writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const NOW = Date.UTC(2026, 0, 1);
const CODES = ["events_dropped", "clock_jumped"];

const step = fc.oneof(
  fc.record({ kind: fc.constant("wish" as const), code: fc.constantFrom(...CODES), cause: fc.option(fc.nat(3).map(String)) }),
  fc.record({ kind: fc.constant("tick" as const) }),
  // One of the writes that are under way comes to its end.
  fc.record({ kind: fc.constant("end" as const), works: fc.boolean(), which: fc.nat(5), turns: fc.nat(12) }),
);

// Broken once each: a newer wish forgotten when the older was written, none tried again; one that came a turn behind the end of a write sent by
// nobody; a marker that began anew while its end was owed, with the instant of the one before.
test("whatever is wished for, in whatever order writes end or fail: once they work again, the database says the last wish of each code", async () => {
  const db = temporaryDatabase();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      db.run("DELETE FROM degraded");
      const inner = inlineWriter(db);
      const clock = createLeapingClock(NOW);
      const waiting: ((works: boolean) => void)[] = [];
      let isWell = false;
      const writer: Writer = {
        write: (name, input) => {
          if (isWell) return inner.write(name, input);
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          waiting.push((works) => (works ? resolve() : reject(new Error("database or disk is full"))));
          return promise.then(() => inner.write(name, input));
        },
      };
      const owed = createOwedMarkers({ writer, clock, onCleared: () => undefined, onTrouble: () => undefined });
      const last = new Map<string, { readonly cause: string; readonly sinceMs: number }>();
      for (const each of steps) {
        clock.advance(1000);
        if (each.kind === "tick") clock.tick();
        else if (each.kind === "end") {
          waiting.splice(each.which % Math.max(1, waiting.length), 1)[0]?.(each.works);
          // The next wish may come at any moment of what follows.
          for (let n = 0; n < each.turns; n += 1) await null;
          continue;
        } else if (each.cause === null) {
          last.delete(each.code);
          void owed.wish(each.code, "cleared");
        } else {
          const nowMs = clock.nowMs();
          last.set(each.code, { cause: each.cause, sinceMs: last.get(each.code)?.sinceMs ?? nowMs });
          void owed.wish(each.code, { code: each.code, cause: each.cause, effect: "", remedy: "", sinceMs: nowMs });
        }
        await settled();
      }
      await settled();
      isWell = true;
      for (const end of waiting.splice(0)) end(false);
      await settled();
      clock.tick();
      await settled();
      const stands = db.all<{ code: string; cause: string; sinceMs: number }>("SELECT code, cause, since_ms AS sinceMs FROM degraded");
      expect(new Map(stands.map(({ code, cause, sinceMs }) => [code, { cause, sinceMs }]))).toEqual(last);
    }),
    { numRuns: 3000 },
  );
});

test("the same trouble is told once, and nothing is tried after the stop", async () => {
  const clock = createLeapingClock(NOW);
  const troubles: unknown[] = [];
  let tries = 0;
  const owed = createOwedMarkers({
    writer: {
      write: () => {
        tries += 1;
        return Promise.reject(new Error("database or disk is full"));
      },
    },
    clock,
    onCleared: () => undefined,
    onTrouble: (error) => troubles.push(error),
  });
  await owed.wish("no_events", "cleared");
  clock.tick();
  await settled();
  expect([tries, troubles.length]).toEqual([2, 1]);
  owed.stop();
  clock.tick();
  await settled();
  expect(tries).toBe(2);
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
