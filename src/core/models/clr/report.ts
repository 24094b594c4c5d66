import type { CalibrationChoice } from "./choose-calibration.ts";
import type { ValidatedCandidate, Validation } from "./cross-validate.ts";
import { thinningWords } from "./early-stop.ts";
import type { Refit } from "./refit.ts";
import type { CandidateReport, EarlyStopReport, FoldReport } from "./selection.ts";

export function foldReports(validation: Validation): FoldReport[] {
  return validation.folds.map(({ fold }) => ({
    testDays: fold.testDays,
    trainDays: [...new Set(fold.train.map((row) => validation.days[row]!))],
    testRows: fold.test.length,
    trainRows: fold.train.length,
    purged: fold.purged,
    embargoed: fold.embargoed,
  }));
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

/** What a reader of the report card should know beside the figures. */
export function notesOn(
  validation: Validation,
  validated: readonly ValidatedCandidate[],
  rowStride: number,
  earlyStop: EarlyStopReport,
  calibration: Omit<CalibrationChoice, "logits">,
  refitted: Refit,
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
  if (!refitted.hasConverged) notes.push("The final fit stopped before its tolerance.");
  const { isApplied, fitted, reason } = calibration;
  notes.push(
    isApplied
      ? `Calibration was applied with slope ${fitted.slope.toFixed(2)}: it ${reason}.`
      : `Calibration was left out (slope ${fitted.slope.toFixed(2)}): ${reason}.`,
  );
  if (refitted.dropped.length > 0) notes.push(`${refitted.dropped.length} columns were left out of the fit.`);
  return notes;
}
