import fc from "fast-check";
import { expect, test } from "vitest";
import { execute } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const STREAMS = ["home", "area.hall"];
const stream = { featureName: "f", model: "m", cursorMs: NOW, hazardRate: 0.01, state: new Uint8Array(1), stateJson: "{}" };
const UNKNOWN = { runLengthMap: null, expectedRunLength: null, changeProbability: null, lastChangeMs: null };
const SURE = { probability: 0.9, beforeMean: 1, afterMean: 2, part: null, words: "", added: "", confirmedAtMs: null, cutOffAtMs: null };

const instant = fc.integer({ min: 0, max: 6 });
/** A run: which streams are derived again and from when, and what is reported. */
const run = fc.record({
  again: fc.array(fc.record({ of: fc.constantFrom(...STREAMS), from: fc.option(instant) }), { maxLength: 2 }),
  reports: fc.array(fc.record({ of: fc.constantFrom(...STREAMS), at: instant, isWithdrawn: fc.boolean() }), { maxLength: 3 }),
});

test("law: no number of a change ever names another one, and what is gone takes no answer", () => {
  let gone = 0;
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 8 }), (runs) => {
      const db = temporaryDatabase(NOW);
      const met = new Map<number, string>();
      for (const { again, reports } of runs) {
        execute(db, "finishChangeRun", {
          runId: execute(db, "startChangeRun", { startedAtMs: NOW }),
          status: "completed",
          finishedAtMs: NOW,
          stepCount: 1,
          notes: "",
          streams: again.map(({ of, from }) => ({ ...stream, ...UNKNOWN, streamName: of, derivedFromMs: from })),
          reports: reports.map(({ of, at, isWithdrawn }) => ({
            ...{ ...SURE, streamName: of, withdrawnAtMs: isWithdrawn ? NOW : null },
            ...{ changeAtMs: at, startLowMs: at, startHighMs: at, detectedAtMs: at },
          })),
        });
        const now = new Map(
          db
            .all<{ id: number; name: string; at: number }>("SELECT id, stream_name AS name, detected_at_ms AS at FROM change_points")
            .map(({ id, name, at }) => [id, `${name} ${at}`]),
        );
        const isGone = [...met.keys()].filter((id) => !now.has(id));
        // Broken once: SQLite gave the number of the newest change again once that was deleted.
        for (const [id, words] of now) expect([id, met.get(id) ?? words]).toEqual([id, words]);
        for (const id of isGone) {
          expect(execute(db, "answerChange", { changeId: id, answer: "rejected", saidBy: "a", nowMs: NOW })).toBe(0);
          met.set(id, "gone for good");
        }
        for (const [id, words] of now) met.set(id, words);
        gone += isGone.length;
      }
      expect(db.get("SELECT count(*) AS n FROM change_answers")).toEqual({ n: 0 });
    }),
    { numRuns: 100 },
  );
  expect(gone).toBeGreaterThan(100);
});
