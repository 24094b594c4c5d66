import { type DayLosses, dayLosses, groupByDay, pairedDifference, widened } from "./day-losses.ts";

export interface Contest {
  readonly labels: Uint8Array;
  readonly dayIndex: Int32Array;
  /** Of rows that neither was trained on. */
  readonly challenger: Float64Array;
  readonly champion: Float64Array;
}

export interface ContestVerdict {
  readonly isPromoted: boolean;
  /** In words. */
  readonly reason: string;
  readonly days: number;
  /** Nats a window, challenger minus champion: below 0 the challenger is better. Null without a day to compare on. */
  readonly difference: number | null;
  readonly standardError: number | null;
}

/** One day cannot tell how much days differ. */
const MIN_DAYS = 2;

/**
 * Whether a refit on more labels takes the champion's place: yes, unless it is worse by more than one standard error of paired day
 * differences on days that neither has seen.
 */
export function decideContest({ labels, dayIndex, challenger, champion }: Contest): ContestVerdict {
  const groups = groupByDay(dayIndex);
  const days = groups.days.length;
  if (days < MIN_DAYS) {
    const reason = days === 0 ? "no day that neither model has seen" : "a single day that neither model has seen proves nothing";
    return { isPromoted: true, reason: `trained on all labels known now (${reason})`, days, difference: null, standardError: null };
  }
  const lossesOf = (logits: Float64Array): DayLosses => dayLosses(labels, logits, groups);
  const { mean, standardError } = pairedDifference(lossesOf(challenger), lossesOf(champion));
  const isPromoted = !(mean > widened(standardError, days));
  const figures = `log loss ${mean < 0 ? "lower" : "higher"} by ${Math.abs(mean).toPrecision(2)} on ${days} days that neither has seen`;
  const reason = isPromoted
    ? `trained on all labels known now, ${figures}`
    : `the serving model stays: the new one is worse by more than one standard error, ${figures}`;
  return { isPromoted, reason, days, difference: mean, standardError };
}
