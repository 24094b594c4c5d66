import { OWN_PLATFORM, ownUniqueId } from "../core/events/entity.ts";
import type { Message } from "./client.ts";

/** Where we are found on the broker. */
export interface Place {
  /** Home Assistant's discovery prefix. */
  readonly prefix: string;
  /** The first part of all our topics, and our name among the devices; `a-z0-9_`. */
  readonly topic: string;
}

/** An entity as Home Assistant knows it: its id among ours, and what it is. */
export interface Component {
  readonly id: string;
  readonly platform: "binary_sensor" | "sensor" | "event";
}

/** What is shown of a target. */
export interface ShownPrediction {
  readonly target: string;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  readonly sinceUtc: string | null;
  readonly foundAtUtc: string | null;
  readonly stage: string | null;
  readonly windowEndUtc: string | null;
  readonly unavailableReason: string | null;
}

/** A change of habit that is told. */
export interface ToldChange {
  readonly stream: string;
  readonly words: string | null;
  readonly probability: number;
  readonly changeAtUtc: string;
  readonly detectedAtUtc: string;
  /** Null = it stands. */
  readonly withdrawnAtUtc: string | null;
}

const ONLINE = "online";
const OFFLINE = "offline";
const HABIT_CHANGE: Component = { id: "habit_change", platform: "event" };
const CHANGE_TYPES = { told: "changed", withdrawn: "withdrawn" } as const;

const availabilityTopic = ({ topic }: Place): string => `${topic}/availability`;
const targetTopic = ({ topic }: Place, target: string): string => `${topic}/target/${target}`;
const changeTopic = ({ topic }: Place): string => `${topic}/habit_change`;
const configTopic = ({ prefix, topic }: Place): string => `${prefix}/device/${topic}/config`;

/** Where Home Assistant says that it has come or gone. */
export const homeTopic = ({ prefix }: Place): string => `${prefix}/status`;
export const isHomeThere = (payload: string): boolean => payload === ONLINE;

export function availability(place: Place, isThere: boolean): Message {
  return { topic: availabilityTopic(place), payload: isThere ? ONLINE : OFFLINE, isRetained: true };
}

/** The entities of these targets. Their ids cannot meet, whatever the targets are called. */
export function componentsOf(targets: readonly string[]): Component[] {
  return [
    ...targets.flatMap((target): Component[] => [
      { id: `is_${target}`, platform: "binary_sensor" },
      { id: `probability_of_${target}`, platform: "sensor" },
    ]),
    HABIT_CHANGE,
  ];
}

/** One device with an entity for whether it is so, one for how likely, and one for changes of habit. `gone` = entities of before that are taken away. */
export function announcement(place: Place, targets: readonly string[], version: string, gone: readonly Component[]): Message {
  const common = (id: string) => ({ unique_id: ownUniqueId(place.topic, id) });
  const components = Object.fromEntries([
    ...gone.map(({ id, platform }): [string, object] => [id, { platform }]),
    ...targets.flatMap((target): [string, object][] => {
      const [so, likely] = componentsOf([target]) as [Component, Component];
      const state = { state_topic: targetTopic(place, target), json_attributes_topic: targetTopic(place, target) };
      return [
        [
          so.id,
          {
            ...common(so.id),
            platform: so.platform,
            name: nameOf(target),
            default_entity_id: `binary_sensor.${target}`,
            icon: "mdi:chart-bell-curve-cumulative",
            ...state,
            value_template: "{{ value_json.state }}",
            json_attributes_template: attributesOf(["since", "found_at", "stage", "unavailable_reason", "window_end"]),
          },
        ],
        [
          likely.id,
          {
            ...common(likely.id),
            platform: likely.platform,
            name: `${nameOf(target)} probability`,
            default_entity_id: `sensor.${target}_probability`,
            icon: "mdi:chart-bell-curve",
            state_class: "measurement",
            suggested_display_precision: 2,
            ...state,
            value_template: "{{ value_json.probability }}",
            json_attributes_template: attributesOf(["stage", "unavailable_reason", "window_end"]),
          },
        ],
      ];
    }),
    [
      HABIT_CHANGE.id,
      {
        ...common(HABIT_CHANGE.id),
        platform: HABIT_CHANGE.platform,
        name: "Habit change",
        default_entity_id: "event.habit_change",
        icon: "mdi:chart-timeline-variant-shimmer",
        event_types: Object.values(CHANGE_TYPES),
        state_topic: changeTopic(place),
      },
    ],
  ]);
  return {
    topic: configTopic(place),
    isRetained: true,
    payload: JSON.stringify({
      device: {
        identifiers: [`${OWN_PLATFORM}/${place.topic}`],
        name: "ML Data Layer",
        manufacturer: "ML Data Layer",
        sw_version: version,
      },
      origin: { name: "ML Data Layer", sw_version: version },
      availability_topic: availabilityTopic(place),
      components,
    }),
  };
}

/** `None` is Home Assistant's word for a state that is not known. */
export function shown(place: Place, prediction: ShownPrediction): Message {
  const { target, probability, isOn, sinceUtc, foundAtUtc, stage, unavailableReason, windowEndUtc } = prediction;
  return {
    topic: targetTopic(place, target),
    isRetained: true,
    payload: JSON.stringify({
      state: isOn === null ? "None" : isOn ? "ON" : "OFF",
      probability: probability ?? "None",
      since: sinceUtc,
      found_at: foundAtUtc,
      stage,
      unavailable_reason: unavailableReason,
      window_end: windowEndUtc,
    }),
  };
}

/** Not retained: an event is told once. */
export function told(place: Place, change: ToldChange): Message {
  const { withdrawnAtUtc, stream, words, probability, changeAtUtc, detectedAtUtc } = change;
  return {
    topic: changeTopic(place),
    isRetained: false,
    payload: JSON.stringify({
      event_type: withdrawnAtUtc === null ? CHANGE_TYPES.told : CHANGE_TYPES.withdrawn,
      stream,
      words,
      probability,
      changed_at: changeAtUtc,
      detected_at: detectedAtUtc,
    }),
  };
}

/** Takes the device and all that the broker keeps of it away. An empty message that is retained deletes what was retained before. */
export function removal(place: Place, targets: readonly string[]): Message[] {
  return [configTopic(place), ...targets.map((target) => targetTopic(place, target)), availabilityTopic(place)].map((topic) => ({
    topic,
    payload: "",
    isRetained: true,
  }));
}

/** Takes away what the broker keeps of one target. */
export function forgotten(place: Place, target: string): Message {
  return { topic: targetTopic(place, target), payload: "", isRetained: true };
}

/** `deep_sleep` is written `Deep sleep`. */
function nameOf(target: string): string {
  const words = target.replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function attributesOf(keys: readonly string[]): string {
  return `{{ {${keys.map((key) => `'${key}': value_json.${key}`).join(", ")}} | tojson }}`;
}
