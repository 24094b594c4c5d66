import { expect, test } from "vitest";
import type { Artifact } from "../../src/core/models/clr/artifact.ts";
import type { Contest } from "../../src/core/models/clr/contest.ts";
import { type StageFacts, stageOf } from "../../src/core/models/clr/stage.ts";
import { standingOf } from "../../src/flow/champion.ts";

const champion = { stage: "eligible" } as Artifact;
/** What is known of the new model: its held-out days were without a night. */
const facts: StageFacts = {
  positiveRows: 1500,
  negativeRows: 3000,
  labelledDays: 20,
  episodes: 12,
  isFinite: true,
  calibrationSlope: null,
  calibrationSlopeStandardError: null,
  skillVsClock: 0.3,
  isJudgedOnBoth: false,
};
const standsOn = (contest: Contest, of: StageFacts = facts): boolean | undefined =>
  standingOf(champion, stageOf(of), contest, (proven) => stageOf({ ...of, ...proven }))?.stillStands;
const days = Int32Array.of(1, 1, 2, 2, 3, 3);
const awake = (logit: number, clock: number): Contest => ({
  labels: new Uint8Array(6),
  dayIndex: days,
  challenger: new Float64Array(6),
  champion: new Float64Array(6).fill(logit),
  clock: new Float64Array(6).fill(clock),
});
const none: Contest = {
  labels: new Uint8Array(),
  dayIndex: new Int32Array(),
  challenger: new Float64Array(),
  champion: new Float64Array(),
  clock: new Float64Array(),
};

// Broken once: with what was said of the new model taken for the serving one, a fortnight away took its trust.
test("a serving model keeps its trust over days without a night, as long as it is no worse than the clock", () => {
  expect(standsOn(awake(-4, -2))).toBe(true);
  expect(standsOn(awake(2, -2))).toBe(false);
});

// Broken once: it stood whatever had been deleted.
test("where no day speaks of it, it stands while there are labels enough", () => {
  expect(standsOn(none)).toBe(true);
  expect(standsOn(none, { ...facts, labelledDays: 6, episodes: 6 })).toBe(false);
});
