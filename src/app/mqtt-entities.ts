import { z } from "zod";
import type { BrokerSource } from "../config/broker-options.ts";
import { reasonOf } from "../core/reason.ts";
import { isoMs, MINUTE_MS } from "../core/time.ts";
import { type Broker, BrokerFault, brokerOfSupervisor } from "../mqtt/broker.ts";
import type { Message } from "../mqtt/client.ts";
import {
  announcement,
  availability,
  type Component,
  componentsOf,
  forgotten,
  homeTopic,
  isHomeThere,
  type Place,
  removal,
  type ShownPrediction,
  shown,
  told,
} from "../mqtt/discovery.ts";
import { createLink } from "../mqtt/link.ts";
import { GRID_MS } from "../runtime/stage-options.ts";
import type { LatestPrediction } from "../store/tables/findings.ts";
import type { OpenDatabase } from "./database.ts";
import { createHabitNews } from "./habit-news.ts";
import type { Markers } from "./markers.ts";
import type { AppParts } from "./parts.ts";

export interface MqttEntitiesParts extends AppParts {
  readonly database: OpenDatabase;
  readonly markers: Markers;
}

/** What is predicted and what was found, as entities of Home Assistant over an MQTT broker. */
export interface MqttEntities {
  /** A job that computes what is shown has ended. */
  computed(job: string): void;
  stop(): Promise<void>;
}

const NOTHING: MqttEntities = { computed: () => undefined, stop: () => Promise.resolve() };
/** Windows after which a prediction says nothing any more, as in the views. */
const STALE_MS = 3 * GRID_MS;
/** Jobs that end in a prediction. */
const PREDICTING = new Set(["features", "train", "drift"]);

const announcedSchema = z.object({
  prefix: z.string(),
  topic: z.string(),
  targets: z.array(z.string()),
});
type Announced = z.infer<typeof announcedSchema>;

/** What Home Assistant was told of last, so that it can be taken back. */
function parseAnnounced(text: string | null): Announced | null {
  if (text === null || text === "") return null;
  try {
    return announcedSchema.parse(JSON.parse(text));
  } catch {
    // Nothing else is written there; a stranger's words name nothing of ours.
    return null;
  }
}

/** Costs nothing unless the option is on, or was on before: then what Home Assistant knows of us is taken away, once. */
export async function startMqttEntities(parts: MqttEntitiesParts): Promise<MqttEntities> {
  const { clock, config, database, log, markers, version } = parts;
  const { reads, writer } = database;
  const { enabled, discovery_prefix: prefix, topic } = config.options.mqtt;
  const place: Place = { prefix, topic };
  const targets = config.options.targets.map(({ name }) => name);
  let announced = parseAnnounced(await reads.read("metadata", "mqtt_announced"));
  if (!enabled && announced === null) {
    await markers.clear("mqtt_unreachable");
    return NOTHING;
  }
  const predictions = new Map<string, ShownPrediction>();
  const sent = new Map<string, string>();
  const news = createHabitNews(parts);
  /** As far as the broker tells: it says when Home Assistant leaves. */
  let isHere = true;
  let isStopped = false;
  let queue: Promise<unknown> = Promise.resolve();

  const link = createLink({
    clock,
    clientId: topic,
    will: availability(place, false),
    topics: enabled ? [homeTopic(place)] : [],
    find: () => brokerOf(config.broker),
    onUp: () => inOrder(enabled ? announce : takeAway),
    onDown(words) {
      // A broker that ends says Home Assistant's will too, and it may come back before us, unheard.
      isHere = true;
      void unreachable(words).catch(trouble);
    },
    onMessage(_, payload) {
      isHere = isHomeThere(payload);
      // It has started again: what it is told anew is there at once, whatever the broker kept.
      if (isHere && !isStopped) inOrder(announce).catch(trouble);
    },
  });

  function inOrder(work: () => Promise<void>): Promise<void> {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  }

  function trouble(error: unknown): void {
    if (!isStopped) log.warn("the entities over MQTT", { reason: reasonOf(error) });
  }

  /** All that Home Assistant has to know, in an order that shows no entity without its state. */
  async function announce(): Promise<void> {
    if (announced !== null && (announced.prefix !== prefix || announced.topic !== topic)) await takeBack(announced);
    const gone = (announced?.targets ?? []).filter((target) => !targets.includes(target));
    await publishOrThrow(announcement(place, targets, version, goneComponents(gone)));
    // A component is gone once it was named as such; the next announcement leaves it out.
    if (gone.length > 0) await publishOrThrow(announcement(place, targets, version, []));
    for (const target of gone) await publishOrThrow(forgotten(place, target));
    await remember({ prefix, topic, targets });
    sent.clear();
    await readPredictions();
    await publishOrThrow(availability(place, true));
    await tellNews();
    await markers.clear("mqtt_unreachable");
  }

  /** The option is off: nothing of ours is left in Home Assistant or on the broker. */
  async function takeAway(): Promise<void> {
    if (announced !== null) await takeBack(announced);
    await remember(null);
    await markers.clear("mqtt_unreachable");
    log.info("the entities over MQTT are taken away");
    link.stop([]).catch(trouble);
  }

  async function takeBack(before: Announced): Promise<void> {
    for (const message of removal(before, before.targets)) await publishOrThrow(message);
  }

  /** Of what is noted as done: what did not reach the broker is said anew at the next connection. */
  async function publishOrThrow(message: Message): Promise<void> {
    if (!(await link.publish(message)))
      throw new BrokerFault("The connection to the MQTT broker broke before Home Assistant was told everything.");
  }

  async function remember(now: Announced | null): Promise<void> {
    await writer.write("setMetadata", now === null ? { mqtt_announced: "", mqtt_told: "" } : { mqtt_announced: JSON.stringify(now) });
    announced = now;
  }

  async function readPredictions(): Promise<void> {
    const newest = await reads.read("latestPredictions", { untilMs: clock.nowMs() });
    for (const target of targets) {
      const found = newest.find(({ targetName }) => targetName === target);
      predictions.set(target, found === undefined ? nothingYet(target) : predictionOf(found));
    }
    await show();
  }

  /** What has changed since it was last said. A prediction that nothing followed says nothing any more: that shows without reading. */
  async function show(): Promise<void> {
    for (const prediction of predictions.values()) {
      const message = shown(place, current(prediction, clock.nowMs()));
      if (sent.get(message.topic) === message.payload) continue;
      if (await link.publish(message)) sent.set(message.topic, message.payload);
    }
  }

  async function tellNews(): Promise<void> {
    await news.tell(async (change) => isHere && (await link.publish(told(place, change))));
  }

  async function unreachable(words: string): Promise<void> {
    if (isStopped) return;
    sent.clear();
    await markers.mark({
      code: "mqtt_unreachable",
      cause: words,
      effect: enabled
        ? "The app's entities in Home Assistant are unavailable; all else goes on."
        : "The option mqtt is off, but the entities that were published before still stand in Home Assistant, unavailable.",
      remedy: `It is tried again by itself, with growing pauses. ${
        enabled
          ? "Start the broker, or correct the options in mqtt."
          : "Start the broker; if there is none any more, delete the device ML Data Layer in Home Assistant."
      }`,
    });
  }

  if (enabled) await news.begin();
  link.start();
  const stopTimer = clock.timer(MINUTE_MS, () => {
    if (enabled) show().catch(trouble);
  });

  return {
    computed(job) {
      if (!enabled || isStopped) return;
      if (PREDICTING.has(job)) inOrder(readPredictions).catch(trouble);
      if (job === "changes") inOrder(tellNews).catch(trouble);
    },
    async stop() {
      isStopped = true;
      stopTimer();
      await link.stop(enabled ? [availability(place, false)] : []);
    },
  };
}

async function brokerOf(source: BrokerSource | null): Promise<Broker> {
  if (source === null) throw new BrokerFault("No MQTT broker is named. Set mqtt.host in the options.");
  return source.kind === "supervisor" ? brokerOfSupervisor(source.address, source.token) : source.broker;
}

function goneComponents(targets: readonly string[]): Component[] {
  return componentsOf(targets).filter(({ platform }) => platform !== "event");
}

const UNDECIDED = { probability: null, isOn: null, sinceUtc: null, foundAtUtc: null };

function nothingYet(target: string): ShownPrediction {
  return { target, ...UNDECIDED, stage: null, windowEndUtc: null, unavailableReason: "no prediction" };
}

function predictionOf({ targetName, sinceMs, foundAtMs, reason, windowEndMs, ...said }: LatestPrediction): ShownPrediction {
  return {
    target: targetName,
    ...said,
    sinceUtc: sinceMs === null ? null : isoMs(sinceMs),
    foundAtUtc: foundAtMs === null ? null : isoMs(foundAtMs),
    windowEndUtc: isoMs(windowEndMs),
    unavailableReason: reason,
  };
}

function current(prediction: ShownPrediction, nowMs: number): ShownPrediction {
  const { windowEndUtc } = prediction;
  const isStale = windowEndUtc !== null && nowMs - Date.parse(windowEndUtc) > STALE_MS;
  return isStale ? { ...prediction, ...UNDECIDED, unavailableReason: "stale" } : prediction;
}
