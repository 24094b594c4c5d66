import type { Clock } from "../core/clock.ts";
import type { HeardState } from "../runtime/apps/home/states.ts";
import type { AppsProcess } from "../runtime/apps/process/apps-process.ts";
import type { Listening } from "./listening.ts";
import { retry } from "./retry.ts";

export interface AppStatesParts {
  readonly clock: Clock;
  readonly home: Pick<Listening["home"], "states" | "config">;
  /** Null while there are none. */
  readonly apps: () => Pick<AppsProcess, "asking" | "all"> | null;
  readonly tellPlace: (timeZone: string) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
  /** Ends all asking. */
  readonly signal: AbortSignal;
}

/** All states of the home and its place: no app starts before it was told both, so they are asked for until they have come. */
export interface AppStates {
  /** The apps do not know them. */
  ask(): void;
  /** They were read, by whomever. */
  heard(all: readonly HeardState[]): void;
}

export function createAppStates({ clock, home, apps, tellPlace, onTrouble, signal }: AppStatesParts): AppStates {
  let asking = new AbortController();
  let placing = new AbortController();

  function ask(): void {
    asking.abort();
    asking = new AbortController();
    const ends = AbortSignal.any([signal, asking.signal]);
    void retry(clock, ends, () => askOnce(ends), onTrouble);
  }

  async function askOnce(ends: AbortSignal): Promise<void> {
    const { isRunning } = await home.config();
    // While Home Assistant starts its list is not whole; whoever listens reads the one of when it runs.
    if (!isRunning || ends.aborted) return;
    apps()?.asking();
    heard(await home.states());
  }

  function heard(all: readonly HeardState[]): void {
    asking.abort();
    placing.abort();
    placing = new AbortController();
    apps()?.all(all);
    const ends = AbortSignal.any([signal, placing.signal]);
    void retry(clock, ends, async () => tellPlace((await home.config()).timeZone), onTrouble);
  }

  return { ask, heard };
}
