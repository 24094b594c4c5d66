import type { Clock } from "../../core/clock.ts";
import { HOUR_MS } from "../../core/time.ts";
import type { BackfillProgress } from "./backfill.ts";
import type { Fetcher } from "./fetcher.ts";
import { createPace } from "./pace.ts";
import type { StorePort } from "./ports.ts";
import { recorderReach } from "./reach.ts";
import { inSlices } from "./slices.ts";

export interface AgainPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "write">;
  readonly onProgress: (progress: BackfillProgress) => void;
}

/**
 * Fetches a span once more, as far back as the recorder reaches, whatever is stored of it. Resolves to the rows that were new: none when it
 * is called again.
 */
export async function fetchAgain(
  { fetcher, clock, store, onProgress }: AgainPorts,
  { entityIds, fromMs, toMs }: { readonly entityIds: readonly string[]; readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<number> {
  if (entityIds.length === 0 || fromMs >= toMs) return 0;
  const reach = await recorderReach(fetcher, entityIds, fromMs, toMs, HOUR_MS, signal);
  const pace = createPace(clock, toMs - reach.fromMs);
  let inserted = 0;
  await fetcher.fetch(
    { entityIds, fromMs: reach.fromMs, toMs },
    async (page, chunk) => {
      inserted += await inSlices(page.events, async (events) => (events.length > 0 ? (await store.write(events)).inserted : 0));
      const done = pace.done(((chunk.toMs - chunk.fromMs) * chunk.entityIds.length) / entityIds.length);
      onProgress({ phase: "events", entities: entityIds.length, rows: inserted, ...done });
    },
    signal,
  );
  return inserted;
}
