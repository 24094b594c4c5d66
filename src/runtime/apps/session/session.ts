import { MADE_BY, makerOf } from "../../../core/events/entity.ts";
import type { Json, State } from "../../../kit/contract.ts";
import { matcherOf } from "../home/state-listeners.ts";
import type { AppPorts } from "../ports.ts";
import { createAppSchedules } from "./app-schedules.ts";
import { knownEntity } from "./known-entity.ts";
import { type AppRequest, parseRequest, type RequestName } from "./requests.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface SessionParts {
  readonly name: string;
  readonly ports: AppPorts;
  /** Calls one callback of the app; a number below zero says that it has ended by itself. */
  readonly deliver: (id: number, a: unknown, b: unknown, c: unknown, atMs: number) => void;
  readonly log: (level: LogLevel, text: string) => void;
}

/** One app as the runtime sees it, from its start to its end: what it asked for, all of it gone at once with `close`. */
export interface Session {
  /**
   * Answers a request of the app.
   * @param place the line that asks, where it is known
   * @throws what is wrong with it, in words
   */
  handle(name: string, input: unknown, place?: string): unknown;
  /** Resolves when the receipts of the runs that this cut off say so. */
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Listeners and schedules of one app at a time. With more it has forgotten to end them, and everybody else would be the slower for it. */
const MOST_REGISTERED = 1000;
/** Home Assistant ends a connection that brings it more than 4 MB at once, and all that the program hears comes over it. */
const MOST_SENT = 1_000_000;
const SENT: ReadonlySet<string> = new Set(["callService", "fireEvent", "setState"] satisfies RequestName[]);
/** Of a line of the log; what is longer is cut. */
const LONGEST_TEXT = 4_000;

export function createSession({ name, ports, deliver, log }: SessionParts): Session {
  const { states, clock, home, store } = ports;
  const registered = new Map<number, () => void>();
  const reminded = new Set<string>();
  const schedules = createAppSchedules({ app: name, ports, deliver, log, onEnd: ended });
  /** So that nobody takes its sensors for Home Assistant's own, nor a model for behaviour. */
  const madeBy = makerOf(name);
  let isClosed = false;

  function register(id: number, cancel: () => void): void {
    registered.set(id, cancel);
  }
  function cancel(id: number): void {
    registered.get(id)?.();
    registered.delete(id);
  }
  /** It has ended by itself: the app may forget its callback. */
  function ended(id: number): void {
    registered.delete(id);
    deliver(-id, null, null, null, 0);
  }
  /** Of an entity that is not there, once. */
  function remind(entityIds: readonly string[], place: string | undefined): void {
    for (const entityId of entityIds) {
      const words = reminded.has(entityId) ? null : knownEntity(states, entityId);
      if (words === null) continue;
      reminded.add(entityId);
      log("warn", at(place, words));
    }
  }

  /** Of a target that no option names, once. */
  function remindOfTarget(target: string, place: string | undefined): void {
    const { targets } = ports.findings;
    if (targets === null || targets.includes(target) || reminded.has(target)) return;
    reminded.add(target);
    log("warn", at(place, `There is no target ${target}, so nothing is known of it. The option targets names ${targets.join(", ")}.`));
  }

  function listenState(wish: AppRequest<"listenState">, place: string | undefined): void {
    let isOver = false;
    remind(wish.entity, place);
    const remove = ports.stateListeners.add(
      {
        entities: wish.entity,
        attribute: wish.attribute ?? null,
        old: asCompared(wish.old, wish.attribute),
        new: asCompared(wish.new, wish.attribute),
        durationMs: (wish.duration ?? 0) * 1000,
        isImmediate: wish.immediate ?? false,
        isOneshot: wish.oneshot ?? false,
        timeoutMs: wish.timeout === undefined ? null : wish.timeout * 1000,
      },
      (entityId, old, now, atMs) => deliver(wish.id, entityId, old, now, atMs),
      () => {
        isOver = true;
        ended(wish.id);
      },
    );
    if (!isOver) register(wish.id, remove);
  }

  async function callService(call: AppRequest<"callService">, place: string | undefined): Promise<Json> {
    const [domain, service] = call.service.split(".") as [string, string];
    remind(call.entityId ?? [], place);
    const target = {
      ...(call.entityId === undefined ? {} : { entity_id: call.entityId }),
      ...(call.areaId === undefined ? {} : { area_id: call.areaId }),
      ...(call.deviceId === undefined ? {} : { device_id: call.deviceId }),
    };
    return home.callService({ domain, service, target, data: call.data ?? {}, wantsResponse: call.response ?? false });
  }

  async function setState({ entityId, state, attributes }: AppRequest<"setState">): Promise<void> {
    const owner = states.get(entityId)?.attributes[MADE_BY];
    if (states.get(entityId) !== null && owner !== madeBy) {
      throw new Error(
        `setState: ${entityId} belongs to ${typeof owner === "string" ? owner : "Home Assistant"}; make a sensor of another name.`,
      );
    }
    await home.setState(entityId, state, { ...attributes, [MADE_BY]: madeBy });
  }

  const answers: { readonly [N in RequestName]: (request: AppRequest<N>, place: string | undefined) => unknown } = {
    listenState,
    listenEvent: ({ id, type, data }) =>
      register(
        id,
        ports.eventListeners.add(type, data, (event) => deliver(id, event.data, null, null, event.atMs)),
      ),
    runIn: (wish) => register(wish.id, schedules.in(wish.id, wish.seconds * 1000)),
    runAt: (wish) => registerSchedule(wish, { kind: "once", atMs: Math.round(wish.instant) }),
    runOnce: (wish) => register(wish.id, schedules.nextTime(wish.id, wish.time)),
    runEvery: (wish) => registerSchedule(wish, { kind: "every", everyMs: Math.round(wish.seconds * 1000), fromMs: everyFromMs(wish) }),
    runDaily: (wish) => registerSchedule(wish, { kind: "daily", at: wish.time }),
    runCron: (wish) => registerSchedule(wish, { kind: "cron", expression: wish.expression }),
    runAtSunrise: (wish) => registerSchedule(wish, { kind: "sunrise", offsetMs: Math.round((wish.offset ?? 0) * 1000) }),
    runAtSunset: (wish) => registerSchedule(wish, { kind: "sunset", offsetMs: Math.round((wish.offset ?? 0) * 1000) }),
    cancel: ({ id }) => cancel(id),
    finished: ({ id, error }) => schedules.finished(id, error),
    callService,
    getState({ entityId }, place) {
      remind([entityId], place);
      return states.get(entityId);
    },
    getStates: ({ pattern }) => matching(states.all(), pattern),
    getHistory({ entityId, fromMs, toMs }, place) {
      remind([entityId], place);
      return home.history(entityId, fromMs ?? clock.nowMs() - DAY_MS, toMs ?? clock.nowMs());
    },
    setState,
    fireEvent: ({ type, data }) => home.fireEvent(type, data),
    probability({ target }, place) {
      remindOfTarget(target, place);
      return ports.findings.probability(target);
    },
    async onProbability({ id, target, above, below, forMinutes = 0 }, place) {
      remindOfTarget(target, place);
      const wish = { forMinutes, ...(above === undefined ? {} : { above }), ...(below === undefined ? {} : { below }) };
      register(
        id,
        ports.learned.onProbability(target, wish, (probability) => deliver(id, probability, null, null, probability.windowEndMs)),
      );
      const now = await ports.findings.probability(target);
      if (now !== null && !isClosed) ports.learned.predicted(now);
    },
    changes: ({ stream }) => ports.findings.changes(stream ?? null),
    onChange: ({ id, stream }) =>
      register(
        id,
        ports.learned.onChange(stream ?? null, (change) => deliver(id, change, null, null, change.detectedAtMs)),
      ),
    async storeGet({ key }) {
      const text = await store.get(name, key);
      return text === null ? undefined : (JSON.parse(text) as Json);
    },
    storeSet: ({ key, value }) => store.set(name, key, JSON.stringify(value)),
    storeDelete: ({ key }) => store.delete(name, key),
    storeKeys: () => store.keys(name),
    log: ({ text, level }) => log(level, text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text),
  };

  /** From its start on; one that is known after a restart keeps its beat: multiples since 1970. */
  function everyFromMs(wish: AppRequest<"runEvery">): number {
    return wish.name === undefined ? Math.ceil(clock.nowMs() + wish.seconds * 1000) : 0;
  }

  function registerSchedule(wish: Parameters<typeof schedules.start>[0], schedule: Parameters<typeof schedules.start>[1]) {
    // Known before it stands: one whose instant has passed ends within its start.
    register(wish.id, () => undefined);
    return schedules.start(wish, schedule).then(
      (stop) => {
        if (isClosed || !registered.has(wish.id)) stop();
        else register(wish.id, stop);
      },
      (error: unknown) => {
        registered.delete(wish.id);
        throw error;
      },
    );
  }

  return {
    handle(request, input, place) {
      if (isClosed) throw new Error("The app is ending; nothing more is done for it.");
      const parsed = parseRequest(request as RequestName, input);
      if ("id" in parsed && request !== "cancel" && request !== "finished" && registered.size >= MOST_REGISTERED)
        throw new Error(
          `${request}: the app has ${MOST_REGISTERED} listeners and schedules already. End those that it needs no more with cancel() of their handles; one listener takes a list of entities, or a pattern like light.*.`,
        );
      if (SENT.has(request)) {
        const size = JSON.stringify(parsed).length;
        if (size > MOST_SENT)
          throw new TypeError(
            `${request}: that are ${(size / 1e6).toFixed(1)} MB; Home Assistant is told at most ${MOST_SENT / 1e6} MB at once. Write a file, and tell where it is.`,
          );
      }
      return answers[request as RequestName](parsed as never, place);
    },
    close() {
      isClosed = true;
      // First: whoever is asked to stop lets its run end.
      const closed = schedules.close();
      for (const stop of registered.values()) stop();
      registered.clear();
      return closed;
    },
  };
}

function at(place: string | undefined, words: string): string {
  return place === undefined ? words : `${place}: ${words}`;
}

/** A state is a text: a number is wanted by its own. */
function asCompared(wanted: readonly Json[] | undefined, attribute = "all"): readonly Json[] | null {
  if (wanted === undefined) return null;
  return attribute === "all" ? wanted.map((each) => (typeof each === "number" ? String(each) : each)) : wanted;
}

function matching(states: Iterable<State>, pattern: string): State[] {
  const matches = pattern === "*" ? () => true : matcherOf([pattern]);
  return [...states].filter((state) => matches(state.entityId));
}
