import type { Clock } from "../../core/clock.ts";
import { everyoneOf } from "./differences.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Gap, HomePort, StorePort } from "./ports.ts";
import { COMMIT_DELAY_MS, refill } from "./refill.ts";

export interface DroppedOptions {
  readonly fetcher: Fetcher;
  readonly home: Pick<HomePort, "states">;
  readonly store: Pick<StorePort, "noteGap" | "openGaps" | "newestStored" | "write" | "settleGap">;
  /** Of Home Assistant's time. */
  readonly clock: Clock;
  readonly isChosen: (entityId: string) => boolean;
  readonly onTrouble: (step: string, error: unknown) => void;
  /** Nothing is left to be fetched. */
  readonly onRefilled: () => void;
}

/** Spans that were lost while the connection stood. */
export interface Dropped {
  /** Returns at once. A span that could not be noted is noted at the next `fetch`. */
  note(reason: Gap["reason"], fromMs: number, toMs: number): void;
  hasWaiting(): boolean;
  /** A minute has been slept through; by waits, because a clock that is set says nothing about the recorder. */
  minuteSlept(): void;
  /**
   * Fetches and settles the spans of which the recorder has committed everything; younger ones keep waiting. Can be cut off and called again.
   * @throws what the home or the store rejected with; the signal's reason when aborted
   */
  fetch(signal: AbortSignal): Promise<void>;
}

export function createDropped(options: DroppedOptions): Dropped {
  const { fetcher, home, store, clock, isChosen } = options;
  const unnoted: Omit<Gap, "id">[] = [];
  let isWaiting = false;
  let minutes = 0;
  /** Gap -> minutes slept when it was first seen. */
  let seenAt = new Map<string, number>();

  /** Open gaps by whether the recorder has had time to commit them: they ended long enough ago, or were seen a whole wait ago. */
  async function open(): Promise<{ readonly ripe: readonly Gap[]; readonly isAnyYoung: boolean }> {
    const gaps = await store.openGaps();
    const nowMs = clock.nowMs();
    seenAt = new Map(gaps.map((gap) => [keyOf(gap), seenAt.get(keyOf(gap)) ?? minutes]));
    const ripe = gaps.filter((gap) => gap.toMs + COMMIT_DELAY_MS <= nowMs || seenAt.get(keyOf(gap))! < minutes);
    return { ripe, isAnyYoung: ripe.length < gaps.length };
  }

  async function fetch(signal: AbortSignal): Promise<void> {
    for (let [gap] = unnoted; gap !== undefined; [gap] = unnoted) {
      await store.noteGap(gap);
      unnoted.shift();
    }
    const { ripe, isAnyYoung } = await open();
    isWaiting ||= isAnyYoung;
    if (ripe.length === 0) return;
    // Asked anew: entities that appeared since the connection began may be among what was dropped.
    const entityIds = everyoneOf(await home.states(), await store.newestStored()).filter(isChosen);
    const settled = await refill({ fetcher, clock }, ripe, entityIds, async (page) => void (await store.write(page.events)), signal);
    // More may have been dropped meanwhile, which made a row longer than what was fetched.
    const unchanged = new Set((await store.openGaps()).map(keyOf));
    const fetched = new Set(ripe.filter((gap) => unchanged.has(keyOf(gap))).map(({ id }) => id));
    for (const each of settled) if (fetched.has(each.id)) await store.settleGap(each);
    isWaiting ||= fetched.size < ripe.length;
  }

  return {
    note(reason, fromMs, toMs) {
      const gap = { entityId: null, fromMs, toMs, reason };
      const wait = (): void => {
        isWaiting = true;
      };
      // Only what is noted can be found, so it waits from then on.
      store.noteGap(gap).then(wait, (error: unknown) => {
        unnoted.push(gap);
        wait();
        options.onTrouble("note a gap", error);
      });
    },
    hasWaiting: () => isWaiting,
    minuteSlept() {
      minutes += 1;
    },
    async fetch(signal) {
      isWaiting = false;
      try {
        await fetch(signal);
      } catch (error) {
        isWaiting = true;
        throw error;
      }
      if (!isWaiting) options.onRefilled();
    },
  };
}

function keyOf({ id, fromMs, toMs }: Gap): string {
  return `${id} ${fromMs} ${toMs}`;
}
