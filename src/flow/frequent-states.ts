import { frequentStates } from "../core/features/frequent.ts";
import { valueKindOf } from "../core/features/role.ts";
import { DAY_MS } from "../core/time.ts";
import type { KnownEntity } from "../store/tables/entities.ts";
import { countStates, type FrequentStates, readFrequentStates } from "../store/tables/features.ts";
import type { StageContext } from "./stage.ts";

/** Habits of the last two weeks. */
const SPAN_MS = 14 * DAY_MS;
/** Fewer events than this show no habit yet. */
const FEWEST_EVENTS = 2;

/**
 * Looks up the states that categorical entities are mostly in: when one has spoken, and again each time it has said twice as much, so that the
 * answer settles.
 */
export async function lookUpStates({ reader, writer, clock }: StageContext, entities: readonly KnownEntity[]): Promise<void> {
  const known = new Map(readFrequentStates(reader).map((each) => [each.entity, each]));
  const due = entities.filter(
    (entity) =>
      entity.eventCount >= FEWEST_EVENTS &&
      entity.eventCount >= 2 * (known.get(entity.id)?.atCount ?? 1) &&
      valueKindOf(entity) === "categorical",
  );
  if (due.length === 0) return;
  const counts = Map.groupBy(
    countStates(
      reader,
      due.map(({ id }) => id),
      clock.nowMs() - SPAN_MS,
    ),
    ({ entity }) => entity,
  );
  const found = due.map(
    ({ id, eventCount }): FrequentStates => ({
      entity: id,
      states: frequentStates(counts.get(id) ?? [], known.get(id)?.states ?? []),
      atCount: eventCount,
    }),
  );
  await writer.write("noteFrequentStates", { found });
}
