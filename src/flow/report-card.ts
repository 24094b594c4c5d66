import { quantile, standardDeviation } from "simple-statistics";
import type { NightErrors } from "../core/models/clr/night-errors.ts";
import type { FoldReport, SelectedModel } from "../core/models/clr/selection.ts";
import type { StageVerdict } from "../core/models/clr/stage.ts";
import type { GuardAnswer } from "./leakage.ts";

/** What a run row keeps of a training; the first keys are read by vw_clr_latest_training_result. Held-out figures, null with a single day. */
export function reportCard(
  selected: SelectedModel,
  verdict: StageVerdict,
  guard: GuardAnswer,
  nights: NightErrors | null,
): Readonly<Record<string, unknown>> {
  const { figures, heldOut, report } = selected;
  const { assessment, clock, baseRate } = figures ?? { assessment: null, clock: null, baseRate: null };
  const dayLosses = assessment?.perDay.map((day) => day.logLoss) ?? [];
  return {
    log_loss: assessment?.logLoss ?? null,
    brier: assessment?.brier ?? null,
    auc: assessment?.auc ?? null,
    ece: assessment?.ece ?? null,
    skill_vs_clock: figures?.skillVsClock ?? null,
    skill_vs_base_rate: figures?.skillVsBaseRate ?? null,
    average_precision: assessment?.averagePrecision ?? null,
    calibration_slope: assessment?.slope ?? null,
    stage: verdict.stage,
    missing: verdict.missing,
    lowered_gates: verdict.lowered,
    recipe: selected.recipeName,
    // Which days these figures are of: foretold from earlier days alone, or, where days are too few for that, from all others.
    held_out: heldOut === null || assessment === null ? null : { by: heldOut.by, days: assessment.perDay.length },
    per_day: assessment?.perDay ?? [],
    day_log_loss: dayLosses.length < 2 ? null : spread(dayLosses),
    nights,
    reliability: assessment?.reliability ?? [],
    clock: clock === null ? null : { log_loss: clock.logLoss, brier: clock.brier },
    base_rate: baseRate === null ? null : { log_loss: baseRate.logLoss, brier: baseRate.brier },
    dropped: selected.dropped,
    // Which days trained each fold is all days but the tested ones; the guard has looked at it.
    selection: { ...report, folds: withoutTrainDays(report.folds), cuts: withoutTrainDays(report.cuts) },
    leakage: guard,
  };
}

function withoutTrainDays(folds: readonly FoldReport[]): object[] {
  return folds.map(({ trainDays: _, ...fold }) => fold);
}

function spread(values: readonly number[]): Readonly<Record<string, number>> {
  const list = [...values];
  return {
    median: quantile(list, 0.5),
    low_quartile: quantile(list, 0.25),
    high_quartile: quantile(list, 0.75),
    worst: Math.max(...list),
    standard_deviation: standardDeviation(list),
  };
}

/** What the statistical part of the leakage guard says, where it warns. */
export function leakageWarnings({ permuted }: GuardAnswer): string[] {
  if (permuted.status !== "stayed") return [];
  const gain = `${permuted.gain.toPrecision(2)} nats a window, ${(permuted.gain / permuted.standardError).toFixed(1)} standard errors`;
  return [
    `With labels of other days the sensors gain over the clock all the same (${gain}): the folds may share what they test. The figures may flatter.`,
  ];
}
