import type { Answer, Item } from "../../client/client.ts";
import type { Zone } from "../../words/zone.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Night {
  /** What a person said of it; "none" = that it was not so. Null: nothing. */
  readonly said: readonly Span[] | "none" | null;
  /** Spans that were on, as they were decided then. */
  readonly thought: readonly Span[];
}

const NOON = 12;

/** The newest night that has begun: noon to noon by the home's clock, so that no night is split. */
export function lastNight(zone: Zone, nowMs: number): Span & { readonly day: number } {
  const day = zone.dayAt(nowMs, NOON);
  // In the afternoon it is still the night before that one has slept in.
  const isStillToCome = nowMs - zone.dayStartMs(day, NOON) < 9 * 3_600_000;
  const wanted = isStillToCome ? day - 1 : day;
  return { day: wanted, fromMs: zone.dayStartMs(wanted, NOON), toMs: zone.dayStartMs(wanted + 1, NOON) };
}

export function nightOf(labels: readonly Item<"/labels">[], { columns, gridMs, everyWindows }: Answer<"GET", "/predictions/curve">): Night {
  const positive = labels
    .filter(({ kind }) => kind === "positive")
    .map(({ startUtc, endUtc }) => ({ fromMs: Date.parse(startUtc), toMs: Date.parse(endUtc) }));
  const isNone = labels.some(({ kind }) => kind === "negative");
  const thought: { fromMs: number; toMs: number }[] = [];
  for (const { endMs, on, windows } of columns) {
    if (windows === 0 || on * 2 < windows) continue;
    const fromMs = endMs - gridMs * everyWindows;
    const last = thought.at(-1);
    if (last !== undefined && fromMs - last.toMs <= 0) last.toMs = endMs;
    else thought.push({ fromMs, toMs: endMs });
  }
  return { said: positive.length > 0 ? positive.sort((a, b) => a.fromMs - b.fromMs) : isNone ? "none" : null, thought };
}

/** The newest window may be some minutes old. */
const NEWEST_MS = 15 * 60_000;

/** Whether the night is still under way: nobody has said how it was, and it is on now. */
export function goesOn({ said, thought }: Night, nowMs: number): boolean {
  const last = thought.at(-1);
  return said === null && last !== undefined && nowMs - last.toMs < NEWEST_MS;
}
