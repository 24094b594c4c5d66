import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Label } from "../../src/core/labels/label.ts";
import { DAY_MS, HOUR_MS, isoMs } from "../../src/core/time.ts";
import { applyLabels } from "../../src/store/tables/labels.ts";
import { NOW_MS } from "./home-file.ts";
import { openServedHome, type ServedHome } from "./served.ts";

let served: ServedHome;
beforeAll(async () => {
  served = await openServedHome();
});
afterAll(() => served.close());

async function ask(method: string, path: string, body?: unknown): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (
    await fetch(new URL(`api/v1/${path}`, served.url), { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
  ).status;
}

/** Labels that stand or were turned down: number -> all that it says. */
const labels = (): Map<number, string> =>
  new Map(served.home.db.all<{ id: number }>("SELECT * FROM labels").map(({ id, ...rest }) => [id, JSON.stringify(rest)]));

const spanOf = (night: number, hours: number) => {
  const startMs = NOW_MS - (night + 2) * DAY_MS;
  return { startMs, endMs: startMs + hours * HOUR_MS };
};
const said = (night: number, hours: number) => {
  const { startMs, endMs } = spanOf(night, hours);
  return { start: isoMs(startMs), end: isoMs(endMs) };
};

/** What a helper says that turns out to be no label: it leaves no history when it goes. */
function turnDown(night: number, hours: number): void {
  const { startMs, endMs } = spanOf(night, hours);
  const label: Label = {
    startMs,
    endMs,
    localDate: isoMs(endMs).slice(0, 10),
    timeZone: "UTC",
    kind: "positive",
    source: "helper",
    capturedAtMs: endMs,
    rawStart: null,
    rawEnd: null,
    saidBy: null,
    status: "rejected",
    reason: "too long",
  };
  applyLabels(served.home.db, { targetId: 1, added: [label], replaced: [], nowMs: NOW_MS });
}

const night = fc.integer({ min: 0, max: 5 });
const hours = fc.integer({ min: 1, max: 9 });
const which = fc.nat({ max: 1000 });
const step = fc.oneof(
  fc.record({ does: fc.constantFrom("say", "turn down" as const), night, hours, which }),
  fc.record({ does: fc.constantFrom("correct", "delete", "delete the newest", "undo" as const), night, hours, which }),
);

test("law: no number of a label ever names another one, and what is gone is not found", async () => {
  const met = new Map(labels());
  const gone = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const { does, night: of, hours: long, which: index } of steps) {
        const here = [...labels().keys()];
        const id = does === "delete the newest" ? Math.max(0, ...here) : here[index % Math.max(1, here.length)];
        const { restorable } = served.home.db.get<{ restorable: number | null }>(
          "SELECT max(id) - ? AS restorable FROM label_history",
          index % 4,
        )!;
        if (does === "say") await ask("POST", "labels", { target: "sleep", ...said(of, long) });
        else if (does === "turn down") turnDown(of, long);
        else if (does === "undo") await ask("POST", `labels/history/${restorable ?? 1}/restore`, { target: "sleep" });
        else if (does === "correct") await ask("PUT", `labels/${id ?? 1}`, said(of, long));
        else await ask("DELETE", `labels/${id ?? 1}`);
        const now = labels();
        for (const each of here) if (!now.has(each)) gone.add(each);
        for (const [each, words] of now) {
          // Broken once: SQLite gave the number of the newest label again once that was deleted, and with the history alone that of one turned down.
          expect([each, gone.has(each), met.get(each) ?? words]).toEqual([each, false, words]);
          met.set(each, words);
        }
      }
      const before = labels();
      for (const id of [...gone].slice(-3)) {
        expect(await ask("DELETE", `labels/${id}`)).toBe(404);
        expect(await ask("PUT", `labels/${id}`, said(1, 2))).toBe(404);
      }
      expect(labels()).toEqual(before);
    }),
    { numRuns: 60 },
  );
  expect(gone.size).toBeGreaterThan(20);
});
