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

/**
 * An instant at or at most `precisionMs` before the recorder's oldest row of the entities, within [lowMs, highMs]: `lowMs` when it reaches
 * further back, `highMs` when it holds nothing older than that. Steps back in doubled strides first, because most recorders hold days and
 * the limit is more than a year.
 */
export async function recorderReachMs(
  fetcher: Fetcher,
  entityIds: readonly string[],
  lowMs: number,
  highMs: number,
  precisionMs: number,
  signal: AbortSignal,
): Promise<number> {
  const reaches = (atMs: number): Promise<boolean> => reachesBehind(fetcher, entityIds, Math.floor(atMs), signal);
  if (entityIds.length === 0 || lowMs >= highMs || !(await reaches(highMs))) return highMs;
  let known = highMs;
  let unknown = lowMs;
  for (let strideMs = DAY_MS; ; strideMs *= 2) {
    const atMs = Math.max(lowMs, highMs - strideMs);
    if (!(await reaches(atMs))) {
      unknown = atMs;
      break;
    }
    if (atMs === lowMs) return lowMs;
    known = atMs;
  }
  while (known - unknown > precisionMs) {
    const middle = Math.floor((known + unknown) / 2);
    if (await reaches(middle)) known = middle;
    else unknown = middle;
  }
  return unknown;
}
