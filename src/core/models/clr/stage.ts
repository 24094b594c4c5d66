/** How far a target has come; shown beside every prediction. Stages name what may be trusted, they do not silence it. */
type Stage = "none" | "clock" | "preview" | "eligible";

export interface StageFacts {
  readonly positiveRows: number;
  readonly negativeRows: number;
  /** Anchor days on which an active positive or negative label ends. */
  readonly labelledDays: number;
  /** Distinct positive labels. */
  readonly episodes: number;
  /** False when a training value that cannot be left out is not finite. */
  readonly isFinite: boolean;
  /** Of held-out logits; null when their classes are separated perfectly, or nothing was held out. */
  readonly calibrationSlope: number | null;
  readonly calibrationSlopeStandardError: number | null;
  /** 1 - log loss / log loss of the clock on held-out days; null when nothing was held out. */
  readonly skillVsClock: number | null;
  /** Of the skill, over days. */
  readonly skillStandardError?: number | null;
  /** Whether the held-out days hold both yes and no: a slope of one class alone is not known, and no sign of a perfect separation. Default: yes. */
  readonly isJudgedOnBoth?: boolean;
  /** A model that serves has passed all gates: they speak against the next one only beyond their own error. Default: no. */
  readonly isTrusted?: boolean;
}

interface StageGates {
  readonly minRowsPerClass: number;
  readonly previewDays: number;
  readonly eligibleDays: number;
  readonly minEpisodes: number;
  readonly minSlope: number;
  readonly maxSlope: number;
  /** A slope above maxSlope stands in the way only when it is above by this many standard errors: too timid is safe, too sure is not. */
  readonly slopeErrors: number;
  readonly minSkillVsClock: number;
  /** How far a figure of a model that follows a trusted one may be below its gate, however large its error. */
  readonly mostSlopeLeeway: number;
  readonly mostSkillLeeway: number;
}

export const DEFAULT_GATES: StageGates = {
  minRowsPerClass: 50,
  previewDays: 5,
  eligibleDays: 14,
  minEpisodes: 10,
  minSlope: 0.8,
  maxSlope: 1.25,
  slopeErrors: 2,
  minSkillVsClock: 0,
  mostSlopeLeeway: 0.1,
  mostSkillLeeway: 0.05,
};

export interface StageVerdict {
  readonly stage: Stage;
  /** In words: what stands between this stage and the next. Empty when eligible. */
  readonly missing: readonly string[];
  /** In words: gates that options made easier than their defaults. Never silent. */
  readonly lowered: readonly string[];
}

export function stageOf(facts: StageFacts, options: Partial<StageGates> = {}): StageVerdict {
  const gates = { ...DEFAULT_GATES, ...options };
  const lowered = loweredGates(gates);
  const refusals = refusalsOf(facts, gates);
  if (refusals.length > 0) return { stage: "none", missing: refusals, lowered };
  if (facts.labelledDays < gates.previewDays) {
    return { stage: "clock", missing: [atLeast(facts.labelledDays, gates.previewDays, "labelled day")], lowered };
  }
  const missing = shortOfEligible(facts, gates);
  return { stage: missing.length === 0 ? "eligible" : "preview", missing, lowered };
}

function refusalsOf(facts: StageFacts, gates: StageGates): string[] {
  const refusals: string[] = [];
  if (!facts.isFinite)
    refusals.push(
      'the training data holds values that are not finite: stored windows are damaged, "features --rebuild" computes them again',
    );
  if (facts.labelledDays === 0) refusals.push("no labelled day yet");
  if (facts.positiveRows < gates.minRowsPerClass) refusals.push(atLeast(facts.positiveRows, gates.minRowsPerClass, "positive window"));
  if (facts.negativeRows < gates.minRowsPerClass) refusals.push(atLeast(facts.negativeRows, gates.minRowsPerClass, "negative window"));
  return refusals;
}

function shortOfEligible(facts: StageFacts, gates: StageGates): string[] {
  const missing: string[] = [];
  if (facts.labelledDays < gates.eligibleDays) missing.push(atLeast(facts.labelledDays, gates.eligibleDays, "labelled day"));
  if (facts.episodes < gates.minEpisodes) missing.push(atLeast(facts.episodes, gates.minEpisodes, "positive label"));
  if (facts.skillVsClock === null) {
    missing.push("no held-out day to judge the model by");
    return missing;
  }
  if (facts.isJudgedOnBoth === false) missing.push("held-out days must hold both: on those judged by it always was so, or never");
  // What was reached once is not lost by a figure that moved within its error, nor kept by one that moved far: an automation would stand still for a day.
  const error = (of: number | null | undefined, most: number): number => (facts.isTrusted === true ? Math.min(of ?? 0, most) : 0);
  if (!(facts.skillVsClock + error(facts.skillStandardError, gates.mostSkillLeeway) >= gates.minSkillVsClock)) {
    missing.push(`held-out log loss must not be worse than that of the time of day (skill ${facts.skillVsClock.toFixed(2)})`);
  }
  const slope = facts.calibrationSlope;
  if (slope === null) return missing;
  const leeway = gates.slopeErrors * (facts.calibrationSlopeStandardError ?? 0);
  if (slope + error(facts.calibrationSlopeStandardError, gates.mostSlopeLeeway) < gates.minSlope)
    missing.push(`too sure of itself: calibration slope ${slope.toFixed(2)}, at least ${gates.minSlope} needed`);
  if (slope - leeway > gates.maxSlope) missing.push(`too timid: calibration slope ${slope.toFixed(2)}, at most ${gates.maxSlope} allowed`);
  return missing;
}

function loweredGates(gates: StageGates): string[] {
  const higherIsStricter = ["minRowsPerClass", "previewDays", "eligibleDays", "minEpisodes", "minSlope", "minSkillVsClock"] as const;
  const lowerIsStricter = ["maxSlope", "slopeErrors"] as const;
  return [
    ...higherIsStricter.filter((gate) => gates[gate] < DEFAULT_GATES[gate]),
    ...lowerIsStricter.filter((gate) => gates[gate] > DEFAULT_GATES[gate]),
  ].map((gate) => `${gate} is ${gates[gate]} instead of ${DEFAULT_GATES[gate]}`);
}

function atLeast(have: number, need: number, what: string): string {
  const missing = need - have;
  return `${missing} more ${what}${missing === 1 ? "" : "s"} (${have} of ${need})`;
}
