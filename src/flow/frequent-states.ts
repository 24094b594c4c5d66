import { frequentStates, type StateCount } from "../core/features/frequent.ts";
import { valueKindOf } from "../core/features/role.ts";
import { DAY_MS } from "../core/time.ts";
import type { KnownEntity } from "../store/tables/entities.ts";
import { countStates, type EntityStateCount, type FrequentStates, readFrequentStates } from "../store/tables/features.ts";
import { Cancelled, type StageContext } from "./stage.ts";

/** Habits of the last two weeks. */
const SPAN_MS = 14 * DAY_MS;
/** Fewer events than this show no habit yet. */
const FEWEST_EVENTS = 2;

/**
 * Looks up the states that categorical entities are mostly in: when one has spoken, and again each time it has said twice as much, so that the
 * answer settles.
 */
export async function lookUpStates(context: StageContext, entities: readonly KnownEntity[]): Promise<void> {
  const known = new Map(readFrequentStates(context.reader).map((each) => [each.entity, each]));
  const due = entities.filter(
    (entity) =>
      entity.eventCount >= FEWEST_EVENTS &&
      entity.eventCount >= 2 * (known.get(entity.id)?.atCount ?? 1) &&
      valueKindOf(entity) === "categorical",
  );
  if (due.length === 0) return;
  const counts = Map.groupBy(
    countDays(
      context,
      due.map(({ id }) => id),
    ),
    ({ entity }) => entity,
  );
  const found = due.map(
    ({ id, eventCount }): FrequentStates => ({
      entity: id,
      states: frequentStates(joined(counts.get(id) ?? []), known.get(id)?.states ?? []),
      atCount: eventCount,
    }),
  );
  await context.writer.write("noteFrequentStates", { found });
}

/** Day by day, because nothing ends a statement under way: of a busy home two weeks take seconds, for which a stop would wait. */
function* countDays({ reader, clock, isCancelled }: StageContext, entities: readonly number[]): Iterable<EntityStateCount> {
  const nowMs = clock.nowMs();
  for (let fromMs = nowMs - SPAN_MS; fromMs < nowMs; fromMs += DAY_MS) {
    if (isCancelled()) throw new Cancelled("the feature pass");
    // What is later than now has a clock that was ahead; it counts with the last day.
    const toMs = fromMs + DAY_MS < nowMs ? fromMs + DAY_MS : Number.MAX_SAFE_INTEGER / 1000;
    yield* countStates(reader, entities, fromMs, toMs);
  }
}

/** One row for each state. */
function joined(counts: readonly StateCount[]): StateCount[] {
  const rows = new Map<string, number>();
  for (const count of counts) rows.set(count.state, (rows.get(count.state) ?? 0) + count.rows);
  return [...rows].map(([state, total]) => ({ state, rows: total }));
}
