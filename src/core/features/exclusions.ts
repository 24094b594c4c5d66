import { domainOf, type EntityFacts, OWN_PLATFORM } from "../events/entity.ts";
import { createGlobs } from "./glob.ts";

/** Why an entity gives no feature. */
export type ExclusionReason =
  | "label helper"
  | "published by this app"
  | "mirrors a target"
  | "excluded by an option"
  | "diagnostic"
  | "no state that can be read"
  | "not chosen by default"
  | "no events yet"
  | "beyond the limit of features";

export interface ExclusionOptions {
  readonly exclude: readonly string[];
  readonly include: readonly string[];
  /** What the user wrote, where `include` holds what that was found to mean. */
  readonly named?: readonly string[];
  /** Helpers of targets, by id. All of input_datetime and input_button count as helpers without being named. */
  readonly labelHelpers: readonly string[];
  /** Globs of what this app publishes itself, and of what repeats a target beside the preset words. */
  readonly published: readonly string[];
  readonly mirrors: readonly string[];
}

/** The helpers' domains: what a person says, never what a sensor saw. */
const HELPER_DOMAINS = new Set(["input_datetime", "input_button", "input_text", "input_select"]);

/**
 * Words that say the answer itself. A bed sensor is honest and stays; an `asleep` switch, helper or template would feed the label back.
 * "Sleeping room" is a bedroom and stays, too.
 */
const MIRROR_WORDS =
  /(?:^|[._ ])(?:asleep|sleep[_ ]?mode|sleep[_ ]?state|sleep[_ ]?stage|sleep[_ ]?tracking|is[_ ]?sleeping|sleeping(?![_ ]?(?:room|area|bag))|in[_ ]bed[_ ]helper|bed[_ ]?time(?:[_ ]?mode)?|good[_ ]?night|night[_ ]?mode|schlafmodus|slaapstand|modo[_ ]?(?:noche|sueno|dormir))(?:$|[._ ])/iu;
const MIRROR_ID = /^(?:input_boolean|switch|binary_sensor|sensor)\.(?:sleep|in_bed|night)$/;
/** What can hold an opinion; a lamp named "bedtime" is a lamp. */
const OPINION_DOMAINS = new Set([
  "select",
  "input_boolean",
  "input_number",
  "switch",
  "binary_sensor",
  "sensor",
  "number",
  "group",
  "fan",
  "remote",
]);

const DIAGNOSTIC_CLASSES = new Set([
  "battery",
  "battery_charging",
  "connectivity",
  "update",
  "problem",
  "tamper",
  "signal_strength",
  "timestamp",
  "date",
  "duration",
  "data_size",
  "data_rate",
  "firmware",
  "safety",
]);
const DIAGNOSTIC_SUFFIX =
  /_(?:battery|battery_level|linkquality|link_quality|lqi|rssi|signal|signal_strength|uptime|last_seen|firmware|update_available|ip|ssid|status_led|led|identify|child_lock|do_not_disturb|auto_?update|calibration)$/;

/** Says why an entity must not or need not be read, before it is asked what it is; null = no reason. */
export function createExclusions(options: ExclusionOptions): (facts: EntityFacts) => ExclusionReason | null {
  const helpers = new Set(options.labelHelpers);
  const isPublished = createGlobs(options.published);
  const isMirror = createGlobs(options.mirrors);
  const isExcluded = createGlobs(options.exclude);
  const isIncluded = createGlobs(options.include);
  // A glob can include a mirror by accident; its exact id says that the user knows.
  const exact = new Set(options.named ?? options.include);
  return (facts) => {
    // An attribute followed as an entity of its own (`climate.x#temperature`) stands or falls with its entity.
    const entityId = facts.entityId.split("#")[0]!;
    if (helpers.has(entityId) || helpers.has(facts.entityId) || HELPER_DOMAINS.has(domainOf(entityId))) return "label helper";
    if (isPublished(entityId) || facts.platform === OWN_PLATFORM) return "published by this app";
    if (isExcluded(facts.entityId)) return "excluded by an option";
    if ((isMirror(entityId) || looksLikeMirror(entityId, facts.name)) && !exact.has(facts.entityId)) return "mirrors a target";
    if (isIncluded(facts.entityId)) return null;
    return DIAGNOSTIC_CLASSES.has(facts.deviceClass ?? "") || DIAGNOSTIC_SUFFIX.test(entityId) ? "diagnostic" : null;
  };
}

function looksLikeMirror(entityId: string, name: string | null): boolean {
  if (!OPINION_DOMAINS.has(domainOf(entityId))) return false;
  return MIRROR_ID.test(entityId) || MIRROR_WORDS.test(entityId) || MIRROR_WORDS.test(name ?? "");
}
