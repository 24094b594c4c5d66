/**
 * All that an app of yours can say and hear. Pure types: `apps init` copies this file beside your apps, so that an editor helps.
 * Durations are seconds unless the name says otherwise; instants end in `Ms` and are milliseconds since 1970 UTC.
 */

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One entity as Home Assistant shows it. */
export interface State {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, Json>>;
  /** When the state itself changed. */
  readonly changedAtMs: number;
  /** When anything of it changed. */
  readonly updatedAtMs: number;
}

/** What a listener is told. `old` is null for an entity that has just appeared, `new` for one that was removed. */
export interface Change<Value = string> {
  readonly entityId: string;
  readonly old: Value | null;
  readonly new: Value | null;
  readonly atMs: number;
}

export type Wanted = Json | readonly Json[];

export interface StateOptions {
  /** Only changes from this value, or from one of these. A state is a text: `22` means `"22"`, and `true` is refused (`"on"` is meant). */
  readonly old?: Wanted;
  /** Only changes to this value, or to one of these. */
  readonly new?: Wanted;
  /** Called when the new value has stood for so many seconds. */
  readonly duration?: number;
  /** Also called for the value that stands now. A `duration` counts from when it began. */
  readonly immediate?: boolean;
  /** Called once, then no more. */
  readonly oneshot?: boolean;
  /** Listens for so many seconds, then no more. */
  readonly timeout?: number;
}

export interface AttributeOptions extends StateOptions {
  /** The attribute that is listened to instead of the state. */
  readonly attribute: string;
}

export interface WholeOptions extends StateOptions {
  /** Every change of the state or of any attribute, with all of both. */
  readonly attribute: "all";
}

/** An event of Home Assistant's bus. */
export interface HomeEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, Json>>;
  readonly atMs: number;
}

/** Something that was asked for and can be taken back. */
export interface Handle {
  cancel(): void;
}

export interface ScheduleOptions {
  /** Each run comes later by chance, by less than so many seconds. */
  readonly spread?: number;
  /** What to do with runs that were due while the app did not run; needs a `name`, by which they are known after a restart. Default: skip. */
  readonly missed?: "skip" | "once" | "each";
  /** Runs of a schedule with a name have receipts (`vw_schedule_runs`, job `app:NAME_OF_APP/NAME`), and one waits for the end of the one before, for its `limit` at most. */
  readonly name?: string;
  /** What becomes of a run that falls due while the one before goes on: it waits for its turn (`queue`, the default) or is left out (`never`); needs a `name`. */
  readonly overlap?: "queue" | "never";
  /**
   * A run that takes longer than so many seconds (600, 24 days at most) is reported, its receipt says `cancelled`, and nobody waits for it any more; needs a
   * `name`. Its callback cannot be stopped: what it still does, it may do beside the next run.
   */
  readonly limit?: number;
}

/** A run that is due. */
export interface Due {
  readonly dueAtMs: number;
}

export interface ServiceTarget {
  readonly entityId?: string | readonly string[];
  readonly areaId?: string | readonly string[];
  readonly deviceId?: string | readonly string[];
}

export interface ServiceCall extends ServiceTarget {
  readonly data?: Readonly<Record<string, Json>>;
  /** Ask for what the service answers. */
  readonly response?: boolean;
}

/** What our model thinks of a target now. */
export interface Probability {
  readonly target: string;
  /** Null where the model says nothing; `reason` says why. */
  readonly probability: number | null;
  readonly isOn: boolean | null;
  /** When it became so; null where nothing is decided, or it was so already at the first answer after a hole. */
  readonly sinceMs: number | null;
  /** When that was found: the end of the window that told so. */
  readonly foundAtMs: number | null;
  /** `clock`, `preview` or `eligible`: how far to trust it. */
  readonly stage: string | null;
  readonly reason: string | null;
  /** The end of the five minutes that it looks at. */
  readonly windowEndMs: number;
}

export interface ProbabilityWish {
  /** Told when the probability is at least this. */
  readonly above?: number;
  /** Told when it is at most this. */
  readonly below?: number;
  /** ... and has been for so many minutes. */
  readonly forMinutes?: number;
}

/** A change of habit that our model reported. */
export interface HabitChange {
  readonly stream: string;
  readonly changedAtMs: number;
  readonly detectedAtMs: number;
  readonly probability: number;
  readonly words: string;
  readonly isWithdrawn: boolean;
  /** What a person says of it; null: nothing yet. */
  readonly answer: "confirmed" | "rejected" | null;
  /** A person does not want to hear of this stream: `onChange` is not called for it. */
  readonly isMuted: boolean;
}

/** Small things that outlive a restart: in the one database, by app. Values are JSON up to 64 KB, at most 1,000 keys and 1 MB an app. */
export interface Store {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

export type Callback<Input> = (input: Input) => unknown;

/** The methods of every app. */
export interface AppMethods {
  /** The name in apps.yaml. */
  readonly name: string;
  readonly store: Store;
  /** The home's time now; in a test or in time travel the simulated one. */
  now(): number;

  /** `entity` is an entity id or a pattern like `binary_sensor.*_motion` (`*` any text, `?` one character). */
  listenState(entity: string | readonly string[], callback: Callback<Change<State>>, options: WholeOptions): Promise<Handle>;
  listenState(entity: string | readonly string[], callback: Callback<Change<Json>>, options: AttributeOptions): Promise<Handle>;
  listenState(entity: string | readonly string[], callback: Callback<Change>, options?: StateOptions): Promise<Handle>;
  /** `data`: only events that carry these values. */
  listenEvent(type: string, callback: Callback<HomeEvent>, data?: Readonly<Record<string, Json>>): Promise<Handle>;

  runIn(seconds: number, callback: Callback<Due>): Promise<Handle>;
  /** Once, at an instant: ms since 1970, or ISO text with an offset. One that has passed is not run. */
  runAt(instant: number | string, callback: Callback<Due>, options?: ScheduleOptions): Promise<Handle>;
  /** Once, the next time the home's clock shows this (`HH:MM` or `HH:MM:SS`). */
  runOnce(time: string, callback: Callback<Due>): Promise<Handle>;
  /** At least 1 s. The first run comes after the first period; with a `name` at multiples of it since 1970, whenever the app was started. */
  runEvery(seconds: number, callback: Callback<Due>, options?: ScheduleOptions): Promise<Handle>;
  /** Every day when the home's clock shows this (`HH:MM` or `HH:MM:SS`). */
  runDaily(time: string, callback: Callback<Due>, options?: ScheduleOptions): Promise<Handle>;
  /** Cron text in the home's zone. */
  runCron(expression: string, callback: Callback<Due>, options?: ScheduleOptions): Promise<Handle>;
  /** `offset`: seconds after sunrise, negative before it. */
  runAtSunrise(callback: Callback<Due>, options?: ScheduleOptions & { readonly offset?: number }): Promise<Handle>;
  runAtSunset(callback: Callback<Due>, options?: ScheduleOptions & { readonly offset?: number }): Promise<Handle>;

  /** `service` is `domain.service`. Resolves when Home Assistant has done it, with its answer where `response` asks for it. */
  callService(service: string, call?: ServiceCall): Promise<Json>;
  /** Null for an entity that is not there. */
  getState(entityId: string): Promise<State | null>;
  /** All entities that match a pattern. */
  getStates(pattern?: string): Promise<readonly State[]>;
  /** What Home Assistant's recorder has of one entity; by default of the last 24 hours. */
  getHistory(
    entityId: string,
    range?: { readonly fromMs?: number; readonly toMs?: number },
  ): Promise<readonly { readonly state: string; readonly atMs: number }[]>;
  /** Makes or changes a sensor of the app's own. It is never a feature, and gone from Home Assistant once the app no longer sets it and that restarts. A number or boolean is its text. */
  setState(entityId: string, state: string | number | boolean, attributes?: Readonly<Record<string, Json>>): Promise<void>;
  fireEvent(type: string, data?: Readonly<Record<string, Json>>): Promise<void>;

  /** Null where there is no such prediction yet. */
  probability(target: string): Promise<Probability | null>;
  /** Called each time it has become so; an app that starts while it is so is told, too. */
  onProbability(target: string, wish: ProbabilityWish, callback: Callback<Probability>): Promise<Handle>;
  /** Reported changes of one stream, or of all; newest first, at most 100. */
  changes(stream?: string): Promise<readonly HabitChange[]>;
  /** Called for each change that is reported from now on. */
  onChange(callback: Callback<HabitChange>, stream?: string): Promise<Handle>;

  log(text: string, level?: "debug" | "info" | "warn" | "error"): void;
}
