import type { Item } from "../../client/client.ts";
import { figure, share } from "../../words/numbers.ts";
import { at, DAY_MS, dateText } from "../../words/times.ts";
import { words } from "../../words/words.ts";

export type Stream = Item<"/streams">;
export type Report = Item<"/changes">;
/** A level in its own unit; a dash where none is known. */
export function levelOf({ model, unit }: { readonly model: string | null; readonly unit: string | null }, mean: number | null): string {
  if (mean === null || model === "gaussian" || model === null)
    return `${figure(mean)}${mean === null || unit === null ? "" : `\u00a0${unit}`}`;
  // Of what is never used the mean is almost nothing, not nothing.
  return model === "ratio" ? words.changes.level.ofTime(share(mean)) : words.changes.level.perHour(figure(mean < 0.005 ? 0 : mean));
}

/** What this screen reads of a stream's summary. */
export interface Summary {
  /** Share of the learning time that is in; 1 once it watches. */
  readonly learned: number;
  /** The level of the likeliest run. */
  readonly mean: number | null;
  /** A change was told and is being confirmed. */
  readonly isPending: boolean;
  readonly runs: readonly { readonly startUtc: string; readonly probability: number }[];
}

export function summaryOf({ summary }: Pick<Stream, "summary">): Summary {
  const { learned, current_mean: mean, pending, top_runs: runs } = summary as Readonly<Record<string, unknown>>;
  return {
    learned: typeof learned === "number" ? learned : 0,
    mean: typeof mean === "number" ? mean : null,
    isPending: pending === true,
    runs: Array.isArray(runs)
      ? (runs as { start_utc: string; probability: number }[]).map(({ start_utc: startUtc, probability }) => ({ startUtc, probability }))
      : [],
  };
}

/** The level since the newest change that stands, by all that came after it; the report's own where the likeliest run began long before. */
export function levelNow(stream: Pick<Stream, "summary" | "changedAtUtc" | "afterMean">): number | null {
  const { mean, runs } = summaryOf(stream);
  const [likeliest] = runs;
  if (stream.changedAtUtc === null || likeliest === undefined || mean === null) return mean;
  return at(likeliest.startUtc) >= at(stream.changedAtUtc) - DAY_MS ? mean : stream.afterMean;
}

/** The likeliest runs by the day on which they began: several of one day are one for a person. */
export function runsByDay(runs: Summary["runs"]): { readonly date: string; readonly probability: number }[] {
  const days = new Map<string, number>();
  for (const { startUtc, probability } of runs) {
    const date = dateText(at(startUtc));
    days.set(date, (days.get(date) ?? 0) + probability);
  }
  return [...days].map(([date, probability]) => ({ date, probability })).toSorted((a, b) => b.probability - a.probability);
}
