import type { ClockParameters } from "../../../core/clock.ts";
import type { ArgLines } from "../folder/apps-yaml.ts";
import type { WorkPlace } from "../process/at-work.ts";
import type { Sources } from "./stripper.ts";

/** What an app's thread is started with. */
export interface AppThreadData {
  readonly name: string;
  readonly file: string;
  readonly className: string | null;
  readonly args: unknown;
  readonly lines: ArgLines;
  /** Its files without their types. */
  readonly sources: Sources;
  readonly clock: ClockParameters;
  /** An Int32 that the thread moves while it is free: a thread in an endless loop does not. Behind it the system's id of the thread. */
  readonly beat: SharedArrayBuffer;
  /** Where it marks that it is at work; null = nowhere. */
  readonly workPlace: WorkPlace | null;
}

/** What the thread tells or asks, and for which run of a schedule. */
export interface Told {
  readonly input: unknown;
  readonly runId: string | undefined;
  /** The line that asks, where it names an entity or a target for the first time. */
  readonly place?: string | undefined;
}

/** That a list of calls was taken: for each list, so nobody answers it. */
export const TAKEN = "taken";

/** How often the thread moves it. */
export const BEAT_MS = 500;
