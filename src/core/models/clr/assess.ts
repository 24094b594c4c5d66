import { type CalibrationLine, calibrationLine } from "./calibration-line.ts";
import type { DayGroups } from "./day-losses.ts";
import { rowLoss, sigmoid } from "./logit.ts";
import { brierScore, expectedCalibrationError, logLoss, type Ranking, rankingOf, reliabilityOf } from "./metrics.ts";
import { type ProvenBin, withSpread } from "./reliability-spread.ts";

interface DayScore {
  readonly day: number;
  readonly rows: number;
  readonly positives: number;
  readonly logLoss: number;
  readonly brier: number;
}

/** How good held-out probabilities are. Losses in nats. */
export interface Assessment extends Ranking, CalibrationLine {
  readonly rows: number;
  readonly positives: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly ece: number;
  readonly meanProbability: number;
  readonly reliability: readonly ProvenBin[];
  readonly perDay: readonly DayScore[];
}

export function assess(labels: Uint8Array, logits: Float64Array, dayIndex: ArrayLike<number>, groups: DayGroups): Assessment {
  const probabilities = logits.map(sigmoid);
  const reliability = reliabilityOf(labels, probabilities);
  const perDay = groups.days.map((day, k) => ({ day, rows: groups.sizes[k]!, positives: 0, logLoss: 0, brier: 0 }));
  let positives = 0;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const score = perDay[groups.groupOf[i]!]!;
    positives += labels[i]!;
    sum += probabilities[i]!;
    score.positives += labels[i]!;
    score.logLoss += rowLoss(labels[i]!, logits[i]!) / score.rows;
    score.brier += (probabilities[i]! - labels[i]!) ** 2 / score.rows;
  }
  return {
    rows: labels.length,
    positives,
    logLoss: logLoss(labels, logits),
    brier: brierScore(labels, probabilities),
    ...rankingOf(labels, logits),
    ece: expectedCalibrationError(reliability),
    meanProbability: sum / labels.length,
    reliability: withSpread(reliability, labels, probabilities, groups),
    ...calibrationLine(labels, logits, dayIndex),
    perDay,
  };
}
