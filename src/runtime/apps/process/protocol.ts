import type { ClockParameters } from "../../../core/clock.ts";
import type { Calls } from "../../../kit/calls.ts";
import type { AppReports, AppStatus, Held } from "../app-lane.ts";

/**
 * What the program and the process of the apps say to each other. Both ask (`rpc.ts`), and both tell. What the home does comes to the apps as one
 * row of news, in order, five values each as in `kit/calls.ts`: an entity's id and its new state, or one of these and what belongs to it.
 */
export const NEWS = {
  /** A list of all states is about to be asked for. */
  asking: 1,
  /** All states, as they are now. */
  all: 2,
  /** An event of Home Assistant's bus: its type, its data, when it was fired. */
  event: 3,
  /** Where the home is. */
  place: 4,
  /** A job that computes what apps may wait for has ended. */
  computed: 5,
} as const;

/** In place of attributes: those that the entity had. */
export const SAME = 0;

/** What the process is started with. */
export interface ProcessStart {
  readonly folder: string;
  readonly clock: ClockParameters;
  /** What models are asked for. */
  readonly targets: readonly string[];
  /** Apps that are not started at once. */
  readonly held: readonly Held[];
  /** Whether the page of `at-work.ts` was inherited. */
  readonly hasPage: boolean;
}

/** To the apps. */
export type ToApps = { readonly news: Calls };

/** From the apps. */
export type FromApps =
  | { readonly news: "taken" }
  | {
      readonly news: "report";
      readonly report: keyof AppReports | "findings";
      readonly args: readonly unknown[];
      readonly runId: string | undefined;
    }
  | { readonly news: "trouble"; readonly words: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly news: "subscribe"; readonly type: string }
  /** How all of them stand, once apps.yaml is read. */
  | { readonly news: "standing"; readonly apps: readonly AppStatus[] };

/** What is asked of the program: a method of one of the parts that it serves, and for which run of a schedule. */
export interface Asked {
  readonly args: readonly unknown[];
  readonly runId: string | undefined;
}
