import { isoMs } from "../core/time.ts";
import { firstEventMs } from "../store/tables/events.ts";
import { metadataInstantMs } from "../store/tables/metadata.ts";
import { fetchedFromMs } from "../store/tables/pasts.ts";
import type { StageContext } from "./stage.ts";

/**
 * When the stored past begins. Trimming old events does not move it: windows that were computed stay what they are. Where it turns out to begin
 * earlier, windows that looked back to the old beginning are stale.
 */
export async function noteDataBegan({ reader, writer, clock }: StageContext): Promise<number | null> {
  const known = metadataInstantMs(reader, "data_began_at");
  // A state that has held for months is older than all that is known of the others: what was fetched or heard decides.
  const first = fetchedFromMs(reader) ?? metadataInstantMs(reader, "backfill_done_at") ?? firstEventMs(reader);
  if (first === null || (known !== null && known <= Math.floor(first))) return known;
  const beganMs = Math.floor(first);
  if (known !== null) await writer.write("noteHearing", { entity: null, fromMs: beganMs, toMs: known, nowMs: clock.nowMs() });
  await writer.write("setMetadata", { data_began_at: isoMs(beganMs) });
  return beganMs;
}
