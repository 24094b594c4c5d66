import { DAY_MS, HOUR_MS } from "../../core/time.ts";
import type { HistoryPage, HistoryRequest } from "./ports.ts";

/** How many rows entities have an hour, learned from the pages that came. */
export interface Rates {
  /** What a chunk of these entities is to be sized by. */
  perHour(entityIds: readonly string[]): number;
  learn(asked: HistoryRequest, page: HistoryPage): void;
  /** The question was too large, it seems. */
  expectMore(entityIds: readonly string[]): void;
  busiestFirst(entityIds: readonly string[]): readonly string[];
}

/** Until an entity's own rate is known: busier than nearly all, so that the first chunk is a short one. */
const FIRST_GUESS = 600;
/** Expectations fall by no more than this a chunk: a quiet night says little about the morning. */
const SLOWEST_DECAY = 4;
/** The busiest hour seen may come again: a chunk is sized for this share of it at least. */
const PEAK_SHARE = 1 / 4;
/** A busy hour is half forgotten after a day of history. */
const PEAK_HALF_LIFE_MS = DAY_MS;

interface Rate {
  recent: number;
  peak: number;
}

export function createRates(): Rates {
  const rates = new Map<string, Rate>();
  const rateOf = (entityId: string): Rate => rates.get(entityId) ?? { recent: FIRST_GUESS, peak: 0 };
  const expected = ({ recent, peak }: Rate): number => Math.max(recent, peak * PEAK_SHARE);

  return {
    perHour: (entityIds) =>
      Math.max(
        1e-3,
        entityIds.reduce((sum, entityId) => sum + expected(rateOf(entityId)), 0),
      ),
    learn({ entityIds, fromMs, toMs }, page) {
      const hours = Math.max(1, toMs - fromMs) / HOUR_MS;
      const rows = new Map<string, number>();
      for (const { entityId } of page.events) rows.set(entityId, (rows.get(entityId) ?? 0) + 1);
      // Rows that are no events (attributes alone changed) are the group's: the page does not say whose.
      const others = Math.max(0, page.rows - page.events.length) / entityIds.length;
      const fade = 0.5 ** ((toMs - fromMs) / PEAK_HALF_LIFE_MS);
      for (const entityId of entityIds) {
        const seen = ((rows.get(entityId) ?? 0) + others) / hours;
        const before = rateOf(entityId);
        rates.set(entityId, { recent: Math.max(seen, before.recent / SLOWEST_DECAY), peak: Math.max(seen, before.peak * fade) });
      }
    },
    expectMore(entityIds) {
      for (const entityId of entityIds) {
        const { recent, peak } = rateOf(entityId);
        rates.set(entityId, { recent: Math.max(recent, peak * PEAK_SHARE) * SLOWEST_DECAY, peak });
      }
    },
    busiestFirst(entityIds) {
      const sorted = entityIds.map((entityId) => ({ entityId, rate: expected(rateOf(entityId)) }));
      return sorted.sort((a, b) => b.rate - a.rate).map(({ entityId }) => entityId);
    },
  };
}
