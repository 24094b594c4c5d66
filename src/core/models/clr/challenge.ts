import type { Contest } from "./contest.ts";
import { type DayLosses, dayLosses, groupByDay, pairedDifference, widened } from "./day-losses.ts";

/** How far either has come, where that matters: a model that may be trusted does not give way to one that may not. */
export interface Standing {
  /** The serving model may be trusted, and the new one not: why not, in words. */
  readonly lost: readonly string[];
  /** Whether the serving model would still pass its gates on the days of the contest, or nothing speaks of it. */
  readonly stillStands: boolean;
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
/** Standard errors by which a model that cannot be trusted yet has to be better than one that can. */
const CLEARLY = 2;
/** Nobody need be told of a smaller difference. */
const SAME = 1e-4;

/**
 * Whether a new model takes the champion's place: yes, unless it is worse by more than one standard error of paired day differences on days that
 * neither was fitted on, or would take away a trust that the champion still deserves without being better beyond doubt.
 */
export function decideContest(
  contest: Pick<Contest, "labels" | "dayIndex" | "challenger" | "champion">,
  standing: Standing | null = null,
): ContestVerdict {
  const groups = groupByDay(contest.dayIndex);
  const days = groups.days.length;
  const { difference, standardError } = compare();
  const error = standardError === null ? Number.NaN : widened(standardError, days);
  if (standing?.stillStands === true && !(difference !== null && difference < -CLEARLY * error)) {
    const reason = `the serving model stays, it can be trusted and the new one not yet: ${standing.lost.join("; ")}`;
    return { isPromoted: false, reason, days, difference, standardError };
  }
  if (difference === null || standardError === null) {
    const reason = days === 0 ? "no day to compare it with the serving model on" : "a single day to compare on proves nothing";
    return { isPromoted: true, reason: `trained on all labels known now (${reason})`, days, difference, standardError };
  }
  const isPromoted = !(difference > error);
  const size = Math.abs(difference);
  const compared = size < SAME ? "the same log loss" : `log loss ${difference < 0 ? "lower" : "higher"} by ${size.toPrecision(2)}`;
  const figures = `${compared} on ${days} held-out days`;
  const reason = isPromoted
    ? `trained on all labels known now, ${figures}`
    : `the serving model stays: the new one is worse by more than one standard error, ${figures}`;
  return { isPromoted, reason, days, difference, standardError };

  function compare(): Pick<ContestVerdict, "days" | "difference" | "standardError"> {
    if (days < MIN_DAYS) return { days, difference: null, standardError: null };
    const lossesOf = (logits: Float64Array): DayLosses => dayLosses(contest.labels, logits, groups);
    const { mean, standardError } = pairedDifference(lossesOf(contest.challenger), lossesOf(contest.champion));
    return { days, difference: mean, standardError };
  }
}
