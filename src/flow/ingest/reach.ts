import { DAY_MS } from "../../core/time.ts";
import { type Fetcher, MAX_ENTITIES } from "./fetcher.ts";

export interface Reach {
  /** An instant at or at most `precisionMs` before the oldest row; the lower bound when the recorder reaches further back. */
  readonly fromMs: number;
  /** Whether any row older than the upper bound was found. */
  readonly hasRows: boolean;
}

interface Group {
  readonly entityIds: readonly string[];
  /** The recorder holds no row of these from before this instant. */
  emptyBeforeMs: number;
}

/**
 * How far back, within [lowMs, highMs], the recorder knows any of the entities: the state at an instant says so without reading rows. Steps
 * back in doubled strides first, because most recorders hold days and the limit is more than a year. The upper bound itself is never asked
 * for: by Home Assistant's clock it may lie in the future, which is answered as if nothing was known.
 */
export async function recorderReach(
  fetcher: Fetcher,
  entityIds: readonly string[],
  lowMs: number,
  highMs: number,
  precisionMs: number,
  signal: AbortSignal,
): Promise<Reach> {
  let groups: Group[] = [];
  for (let i = 0; i < entityIds.length; i += MAX_ENTITIES) {
    groups.push({ entityIds: entityIds.slice(i, i + MAX_ENTITIES), emptyBeforeMs: Number.NEGATIVE_INFINITY });
  }

  async function reaches(instantMs: number): Promise<boolean> {
    const atMs = Math.floor(instantMs);
    for (const group of groups) {
      if (atMs <= group.emptyBeforeMs) continue;
      const page = await fetcher.ask({ entityIds: group.entityIds, fromMs: atMs, toMs: atMs + 1, withStartState: true }, signal);
      // A row at this very instant takes the place of the state that held there.
      if (page.events.length > 0) {
        // Whoever reached so far is asked first for what is older.
        groups = [group, ...groups.filter((other) => other !== group)];
        return true;
      }
      group.emptyBeforeMs = atMs;
    }
    return false;
  }

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
