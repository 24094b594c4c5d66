import { Asked } from "./asked.ts";
import { createCallbacks, type Receive } from "./calls.ts";
import type {
  AppMethods,
  AttributeOptions,
  Callback,
  Change,
  Due,
  HabitChange,
  Handle,
  HomeEvent,
  Json,
  Probability,
  ProbabilityWish,
  ScheduleOptions,
  ServiceCall,
  State,
  StateOptions,
  Store,
  WholeOptions,
} from "./contract.ts";
import type { AppContext, Link } from "./link.ts";

type AnyOptions = StateOptions & { readonly attribute?: string };

/** Functions of the runtime reach into an app through this; it is no part of what an app may use. */
export const INSIDE = Symbol("inside");

/**
 * What an app of yours extends. Its file exports the class; `apps.yaml` names the file. `contract.ts` says what each method does.
 * A `static args` (a zod schema) checks what stands in apps.yaml and gives `this.args` its type.
 */
export abstract class App<Args = Readonly<Record<string, Json>>> implements AppMethods {
  readonly name: string;
  readonly args: Args;
  readonly store: Store;
  readonly #link: Link;
  readonly #nowMs: () => number;
  readonly #onError: AppContext["onError"];
  readonly #reasonOf: AppContext["reasonOf"];
  readonly #withinRun: AppContext["withinRun"];
  readonly #callbacks;
  /** Registrations of which nobody knows yet what became of them. */
  readonly #registering = new Set<Promise<void>>();
  /** What was refused at the start without anybody looking yet. */
  readonly #refused: { readonly registered: Asked<Handle>; readonly refusal: Error }[] = [];
  #hasStarted = false;
  /** Refusals that were told without anybody looking: whoever looks later, and lets them through, does not tell them again. */
  readonly #told = new WeakSet<Error>();

  constructor(context: AppContext) {
    this.name = context.name;
    this.args = context.args as Args;
    this.#link = context.link;
    this.#nowMs = context.nowMs;
    this.#reasonOf = context.reasonOf;
    this.#onError = (error) => {
      if (!this.#told.has(error as Error)) context.onError(error);
    };
    this.#withinRun = context.withinRun;
    this.#callbacks = createCallbacks(this.#onError);
    this.store = {
      get: (key) => this.#ask("storeGet", { key }) as Promise<Json | undefined>,
      set: (key, value) => this.#ask("storeSet", { key, value }) as Promise<void>,
      delete: (key) => this.#ask("storeDelete", { key }) as Promise<void>,
      keys: () => this.#ask("storeKeys", {}) as Promise<readonly string[]>,
    };
  }

  /** Called once at the start: listen and schedule here. */
  abstract initialize(): unknown;
  /** Called before the app ends or is loaded anew; it has two seconds. */
  terminate(): unknown {
    return undefined;
  }

  now(): number {
    return this.#nowMs();
  }

  listenState(entity: string | readonly string[], callback: Callback<Change<State>>, options: WholeOptions): Promise<Handle>;
  listenState(entity: string | readonly string[], callback: Callback<Change<Json>>, options: AttributeOptions): Promise<Handle>;
  listenState(entity: string | readonly string[], callback: Callback<Change>, options?: StateOptions): Promise<Handle>;
  listenState(entity: string | readonly string[], callback: (change: never) => unknown, options: AnyOptions = {}): Promise<Handle> {
    const tell = callable(callback, "listenState") as Callback<Change<unknown>>;
    return this.#register("listenState", { entity, ...options }, (entityId, old, now, atMs) =>
      tell({ entityId: entityId as string, old, new: now, atMs }),
    );
  }

  listenEvent(type: string, callback: Callback<HomeEvent>, data: Readonly<Record<string, Json>> = {}): Promise<Handle> {
    const tell = callable(callback, "listenEvent");
    return this.#register("listenEvent", { type, data }, (event, _b, _c, atMs) =>
      tell({ type, data: event as Readonly<Record<string, Json>>, atMs }),
    );
  }

  runIn(seconds: number, callback: Callback<Due>): Promise<Handle> {
    return this.#schedule("runIn", { seconds }, callback);
  }
  runAt(instant: number | string, callback: Callback<Due>, options: ScheduleOptions = {}): Promise<Handle> {
    return this.#schedule("runAt", { instant, ...options }, callback);
  }
  runOnce(time: string, callback: Callback<Due>): Promise<Handle> {
    return this.#schedule("runOnce", { time }, callback);
  }
  runEvery(seconds: number, callback: Callback<Due>, options: ScheduleOptions = {}): Promise<Handle> {
    return this.#schedule("runEvery", { seconds, ...options }, callback);
  }
  runDaily(time: string, callback: Callback<Due>, options: ScheduleOptions = {}): Promise<Handle> {
    return this.#schedule("runDaily", { time, ...options }, callback);
  }
  runCron(expression: string, callback: Callback<Due>, options: ScheduleOptions = {}): Promise<Handle> {
    return this.#schedule("runCron", { expression, ...options }, callback);
  }
  runAtSunrise(callback: Callback<Due>, options: ScheduleOptions & { readonly offset?: number } = {}): Promise<Handle> {
    return this.#schedule("runAtSunrise", options, callback);
  }
  runAtSunset(callback: Callback<Due>, options: ScheduleOptions & { readonly offset?: number } = {}): Promise<Handle> {
    return this.#schedule("runAtSunset", options, callback);
  }

  callService(service: string, call: ServiceCall = {}): Promise<Json> {
    return this.#ask("callService", { service, ...call }) as Promise<Json>;
  }
  getState(entityId: string): Promise<State | null> {
    return this.#ask("getState", { entityId }) as Promise<State | null>;
  }
  getStates(pattern = "*"): Promise<readonly State[]> {
    return this.#ask("getStates", { pattern }) as Promise<readonly State[]>;
  }
  getHistory(entityId: string, range: { readonly fromMs?: number; readonly toMs?: number } = {}) {
    return this.#ask("getHistory", { entityId, ...range }) as Promise<readonly { readonly state: string; readonly atMs: number }[]>;
  }
  setState(entityId: string, state: string | number | boolean, attributes: Readonly<Record<string, Json>> = {}): Promise<void> {
    return this.#ask("setState", { entityId, state: textOf(state), attributes }) as Promise<void>;
  }
  fireEvent(type: string, data: Readonly<Record<string, Json>> = {}): Promise<void> {
    return this.#ask("fireEvent", { type, data }) as Promise<void>;
  }

  probability(target: string): Promise<Probability | null> {
    return this.#ask("probability", { target }) as Promise<Probability | null>;
  }
  onProbability(target: string, wish: ProbabilityWish, callback: Callback<Probability>): Promise<Handle> {
    const tell = callable(callback, "onProbability");
    return this.#register("onProbability", { target, ...wish }, (probability) => tell(probability as Probability));
  }
  changes(stream?: string): Promise<readonly HabitChange[]> {
    return this.#ask("changes", { stream }) as Promise<readonly HabitChange[]>;
  }
  onChange(callback: Callback<HabitChange>, stream?: string): Promise<Handle> {
    const tell = callable(callback, "onChange");
    return this.#register("onChange", { stream }, (change) => tell(change as HabitChange));
  }

  log(text: string, level: "debug" | "info" | "warn" | "error" = "info"): void {
    void this.#link.call("log", { text: String(text), level }).catch(() => undefined); // the app is ending: nobody is there to hear
  }

  #schedule(name: string, input: object, callback: Callback<Due>): Promise<Handle> {
    const tell = callable(callback, name);
    return this.#register(name, input, (run, runId, _c, atMs) =>
      this.#withinRun(runId as string, () => this.#run(run as number | null, () => tell({ dueAtMs: atMs }))),
    );
  }

  /** What fails is told within the run, so that it says which. The end of a run that has a receipt is told, too. */
  async #run(run: number | null, work: () => unknown): Promise<void> {
    let failure: string | null = null;
    try {
      await work();
    } catch (error) {
      failure = this.#reasonOf(error);
      this.#onError(error);
    }
    if (run !== null) await this.#link.call("finished", { id: run, error: failure });
  }

  #register(name: string, input: object, receive: Receive): Promise<Handle> {
    const id = this.#callbacks.add(receive);
    const asked = this.#ask(name, { ...input, id });
    const handle: Handle = {
      cancel: () => {
        this.#callbacks.remove(id);
        void this.#link.call("cancel", { id }).catch(() => undefined);
      },
    };
    const registered = new Asked<Handle>((resolve, reject) => void asked.then(() => resolve(handle), reject));
    const followed = this.#follow(registered, id).finally(() => this.#registering.delete(followed));
    this.#registering.add(followed);
    return registered;
  }

  /** A refusal that nobody looks at must not be lost: at the start it ends the start, later it is a failure like any other. */
  async #follow(registered: Asked<Handle>, id: number): Promise<void> {
    const refusal = await registered.refusal();
    if (refusal === null) return;
    this.#callbacks.remove(id);
    await new Promise(setImmediate); // until then whoever waits has looked
    if (registered.isLookedAt) return;
    if (!this.#hasStarted) this.#refused.push({ registered, refusal });
    else {
      this.#onError(refusal);
      this.#told.add(refusal);
    }
  }

  /** A refusal is thrown with the stack of whoever asked, so that it shows the line of the app. */
  #ask(name: string, input: object): Promise<unknown> {
    const asked = new Error();
    return this.#link.call(name, input, asked).catch((cause: unknown) => {
      const message = wordsOf(name, cause);
      const refusal = new Error(message, { cause });
      refusal.stack = `Error: ${message}\n${asked.stack?.split("\n").slice(2).join("\n")}`;
      throw refusal;
    });
  }

  /** For the runtime alone. */
  get [INSIDE]() {
    return {
      take: this.#callbacks.take,
      /** No callback is under way, and what became of each registration is known. */
      isSettled: () => this.#callbacks.isSettled() && this.#registering.size === 0,
      settled: async () => {
        await this.#callbacks.settled();
        await Promise.all(this.#registering);
      },
      /** What initialize asked for without waiting. @throws what was refused */
      registered: async () => {
        while (this.#registering.size > 0) await Promise.all(this.#registering);
        this.#hasStarted = true;
        const unseen = this.#refused.find(({ registered }) => !registered.isLookedAt);
        if (unseen !== undefined) throw unseen.refusal;
      },
    };
  }
}

function wordsOf(name: string, cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === "DataCloneError"
    ? `${name}: ${cause.message.replace(/ could not be cloned\.$/, "")} is nothing that JSON can hold`
    : cause.message;
}

/** A state is a text. What has no text of its own goes as it is, to be refused in words. */
function textOf(state: unknown): unknown {
  return Number.isFinite(state) || typeof state === "boolean" ? String(state) : state;
}

function callable<T extends (input: never) => unknown>(callback: T, method: string): T {
  if (typeof callback !== "function") throw new TypeError(`${method} wants a function to call; it was given ${describe(callback)}.`);
  return callback;
}

function describe(value: unknown): string {
  return value === undefined ? "nothing" : typeof value === "object" ? "an object" : `the ${typeof value} ${String(value)}`;
}
