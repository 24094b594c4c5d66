import { DAY_MS } from "../../core/time.ts";
import { type Fetcher, MAX_ENTITIES } from "./fetcher.ts";

/** Whether the recorder holds a row of any of the entities from before that instant: its start state says so without reading rows. */
async function reachesBehind(fetcher: Fetcher, entityIds: readonly string[], atMs: number, signal: AbortSignal): Promise<boolean> {
  for (let i = 0; i < entityIds.length; i += MAX_ENTITIES) {
    const group = entityIds.slice(i, i + MAX_ENTITIES);
    const page = await fetcher.ask({ entityIds: group, fromMs: atMs, toMs: atMs + 1, withStartState: true }, signal);
    if (page.events.some((event) => event.source === "anchor")) return true;
  }
  return false;
}

export interface Reach {
  /** An instant at or at most `precisionMs` before the oldest row; the lower bound when the recorder reaches further back. */
  readonly fromMs: number;
  /** Whether any row older than the upper bound was found. */
  readonly hasRows: boolean;
}

/**
 * How far back, within [lowMs, highMs], the recorder knows any of the entities. Steps back in doubled strides first, because most recorders
 * hold days and the limit is more than a year. The upper bound itself is never asked for: by Home Assistant's clock it may lie in the future,
 * which is answered as if nothing was known.
 */
export async function recorderReach(
  fetcher: Fetcher,
  entityIds: readonly string[],
  lowMs: number,
  highMs: number,
  precisionMs: number,
  signal: AbortSignal,
): Promise<Reach> {
  const reaches = (atMs: number): Promise<boolean> => reachesBehind(fetcher, entityIds, Math.floor(atMs), signal);
  let known = highMs;
  let unknown = lowMs;
  for (let strideMs = DAY_MS; known > lowMs; strideMs *= 2) {
    const atMs = Math.max(lowMs, highMs - strideMs);
    if (!(await reaches(atMs))) {
      unknown = atMs;
      break;
    }
    if (atMs === lowMs) return { fromMs: lowMs, hasRows: true };
    known = atMs;
  }
  while (known - unknown > precisionMs) {
    const middle = Math.floor((known + unknown) / 2);
    if (await reaches(middle)) known = middle;
    else unknown = middle;
  }
  return { fromMs: unknown, hasRows: known < highMs };
}
