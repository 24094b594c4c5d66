import type { CalibrationChoice } from "./choose-calibration.ts";
import type { ValidatedCandidate, Validation } from "./cross-validate.ts";
import { thinningWords } from "./early-stop.ts";
import type { Fold } from "./folds.ts";
import type { HeldOut } from "./held-out.ts";
import type { Refit } from "./refit.ts";
import type { CandidateReport, EarlyStopReport, FoldReport } from "./selection.ts";

export function foldReports({ folds, days }: Validation): FoldReport[] {
  return folds.map(({ fold }) => foldReport(fold, days));
}

/** @param days the day of each row that the fold counts by */
export function foldReport({ testDays, test, train, purged, embargoed }: Fold, days: Int32Array): FoldReport {
  const trainDays = [...new Set(train.map((row) => days[row]!))];
  return { testDays, trainDays, testRows: test.length, trainRows: train.length, purged, embargoed };
}

export function candidateReports(validated: readonly ValidatedCandidate[], weights: Float64Array): CandidateReport[] {
  return validated.map(({ candidate, strength, losses, path, bestStrength, unconverged }, k) => ({
    candidate,
    strength,
    path,
    bestStrength,
    unconverged,
    logLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    weight: weights[k]!,
  }));
}

/** What a reader of the report card should know of the choice beside the figures. */
export function choiceNotes(
  validation: Validation,
  validated: readonly ValidatedCandidate[],
  rowStride: number,
  earlyStop: EarlyStopReport,
  calibration: Omit<CalibrationChoice, "logits">,
): string[] {
  const notes: string[] = [];
  if (rowStride > 1) notes.push(`The choice looked at one row in ${rowStride}; the model was fitted on all.`);
  const thinned =
    "skipped" in earlyStop ? `The early-stopped candidate was skipped: ${earlyStop.skipped}.` : thinningWords(earlyStop.thinning);
  if (thinned !== null) notes.push(thinned);
  const unfitted = validation.folds.filter(({ canFit }) => !canFit).length;
  if (unfitted > 0)
    notes.push(`${unfitted} of ${validation.folds.length} folds had one class in training and were answered by their base rate.`);
  const unconverged = validated.reduce((sum, candidate) => sum + candidate.unconverged, 0);
  if (unconverged > 0) notes.push(`${unconverged} fits of the choice stopped before their tolerance.`);
  const { isApplied, fitted, reason } = calibration;
  notes.push(
    isApplied
      ? `Calibration was applied with slope ${fitted.slope.toFixed(2)}: it ${reason}.`
      : `Calibration was left out (slope ${fitted.slope.toFixed(2)}): ${reason}.`,
  );
  return notes;
}

/** What there is to know of the last fit. */
export function fitNotes({ hasConverged, dropped }: Refit): string[] {
  return [
    ...(hasConverged ? [] : ["The final fit stopped before its tolerance."]),
    ...(dropped.length === 0 ? [] : [`${dropped.length} columns were left out of the fit.`]),
  ];
}

/** Which days the figures are of. */
export function heldOutNote({ by, rows }: HeldOut, days: ArrayLike<number>): string {
  const count = new Set(rows.map((row) => days[row]!)).size;
  return by === "walk-forward"
    ? `The figures are of the last ${count} days, each foretold by a model chosen and fitted on earlier days alone.`
    : `The figures are of ${count} days, each foretold by a model fitted on the others: days are too few for a walk from day to day, so they may flatter.`;
}
