import type { Label, Suggestion } from "../../parts/label-writes.ts";
import type { Zone } from "../../words/zone.ts";

export type NightState = "said" | "none" | "excluded" | "suggested" | "missing";

/** From noon to noon by the home's clock, so that no night is split; named by the date on which one wakes up. */
export interface Night {
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly labels: readonly Label[];
  readonly suggestion: Suggestion | null;
  readonly state: NightState;
}

const NOON = 12;

/** The newest night of which something can be said: the one that is going on has begun. */
export const newestNight = (zone: Zone, nowMs: number): number => zone.dayAt(nowMs, NOON);

/** Nights from the newest back to the oldest, each with what is said of it. A label belongs to the night in which its middle lies. */
export function nightsOf(
  zone: Zone,
  { newest, oldest }: { readonly newest: number; readonly oldest: number },
  labels: readonly Label[],
  suggestions: readonly Suggestion[],
): Night[] {
  const middle = ({ startUtc, endUtc }: { readonly startUtc: string; readonly endUtc: string }): number =>
    zone.dayAt((Date.parse(startUtc) + Date.parse(endUtc)) / 2, NOON);
  const byNight = Map.groupBy(labels, middle);
  const suggested = Map.groupBy(suggestions, middle);
  return Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, k) => {
    const day = newest - k;
    const [fromMs, toMs] = [zone.dayStartMs(day, NOON), zone.dayStartMs(day + 1, NOON)];
    const own = (byNight.get(day) ?? []).toSorted((a, b) => (a.startUtc < b.startUtc ? -1 : 1));
    const midnightMs = zone.dayStartMs(day + 1);
    const isExcluded = labels.some(
      ({ kind, startUtc, endUtc }) => kind === "excluded" && Date.parse(startUtc) <= midnightMs && Date.parse(endUtc) > midnightMs,
    );
    const suggestion = suggested.get(day)?.[0] ?? null;
    return { date: zone.dateAt(toMs), fromMs, toMs, labels: own, suggestion, state: stateOf(own, isExcluded, suggestion !== null) };
  });
}

function stateOf(own: readonly Label[], isExcluded: boolean, isSuggested: boolean): NightState {
  if (own.some(({ kind }) => kind === "positive")) return "said";
  if (own.some(({ kind }) => kind === "negative")) return "none";
  if (isExcluded) return "excluded";
  return isSuggested ? "suggested" : "missing";
}
