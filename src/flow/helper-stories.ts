import type { HelperState } from "../core/labels/helper-change.ts";
import { HELPER_QUIET_MS, type HelperStory, pairHelpers } from "../core/labels/helper-pair.ts";
import { EXCLUDED_SOURCE, HELPER_SOURCE, type LabelKind, NEGATIVE_SOURCE } from "../core/labels/label.ts";
import { negativeStory } from "../core/labels/negative-story.ts";
import { type SwitchState, switchStory } from "../core/labels/switch-story.ts";
import { createZone, DAY_MS, HOUR_MS, MINUTE_MS, type Zone } from "../core/time.ts";
import { readHelperChanges } from "../store/tables/events.ts";
import { cameWithStart, type StartJudgement } from "../store/tables/home-starts.ts";
import { helpersOf, readTargets, type TargetOptions } from "../store/tables/labels.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import type { StageContext, StageOptions } from "./stage.ts";

/** All stored states of one helper, time order, with what the home was like when they came. */
export type HelperEar = (entityId: string) => readonly SwitchState[];

/**
 * Events around a change are all there by then, also those of a span that is still being fetched: until then a light that was on meanwhile may
 * seem to repeat its state, as at a start.
 */
const JUDGED_AFTER_MS = 3 * DAY_MS;

/** Reads what every helper showed. What shows that Home Assistant was starting is kept with the states, because events are trimmed. */
export async function helperEar({ reader, writer, options }: StageContext, nowMs: number): Promise<HelperEar> {
  const zones = new Map<string, Zone>();
  const zoneOf = (name: string): Zone => {
    const zone = zones.get(name) ?? createZone(name);
    zones.set(name, zone);
    return zone;
  };
  // A zone given by options overrides what Home Assistant said at any time.
  const isOverridden = getMetadata(reader, "time_zone") !== options.timeZone;
  const heard = new Map<string, SwitchState[]>();
  const judgements: StartJudgement[] = [];
  const helpers = [...new Set(readTargets(reader).flatMap(helpersOf))];
  for (const { entityId, state, changedAtMs, updatedUs, source, saidBy, timeZone, ...change } of readHelperChanges(reader, helpers)) {
    let isStart = change.cameWithStart;
    if (isStart === null && source !== "anchor") {
      isStart = cameWithStart(reader, updatedUs);
      const isFinal = changedAtMs < nowMs - JUDGED_AFTER_MS;
      if (isFinal) judgements.push({ entityId, updatedUs, cameWithStart: isStart });
    }
    const zone = isOverridden || timeZone === null ? null : zoneOf(timeZone);
    const states = heard.get(entityId) ?? [];
    states.push({ state, changedAtMs, isAnchor: source === "anchor", cameWithStart: isStart === true, saidBy, zone });
    heard.set(entityId, states);
  }
  if (judgements.length > 0) await writer.write("noteStarts", judgements);
  return (entityId) => heard.get(entityId) ?? [];
}

/** How long a label of the target may last. */
export function longestLabelMs(targetName: string, { targets, maxLabelHours }: StageOptions): number {
  return (targets.find((target) => target.name === targetName)?.maxLabelHours ?? maxLabelHours) * HOUR_MS;
}

/** What a target's helpers say: the target itself, that it did not happen, and what is to be left out. */
export function tellStories(target: TargetOptions, hear: HelperEar, options: StageOptions, nowMs: number): HelperStory[] {
  const zone = createZone(options.timeZone);
  const longestMs = longestLabelMs(target.name, options);
  const { startEntity, endEntity, negativeEntity, excludedEntity } = target;
  const stories: HelperStory[] = [];
  const tellSwitch = (entityId: string, source: string, kind: LabelKind, longest: number): void => {
    stories.push(switchStory(hear(entityId), { zone, source, kind, quietMs: HELPER_QUIET_MS, longestMs: longest }, nowMs));
  };
  if (startEntity !== null && startEntity === endEntity) tellSwitch(startEntity, HELPER_SOURCE, "positive", longestMs);
  else if (startEntity !== null && endEntity !== null) {
    const side = (role: HelperState["role"], entityId: string): HelperState[] => hear(entityId).map((state) => ({ ...state, role }));
    const states = [...side("start", startEntity), ...side("end", endEntity)].sort((a, b) => a.changedAtMs - b.changedAtMs);
    stories.push(pairHelpers(states, { zone, source: HELPER_SOURCE, quietMs: HELPER_QUIET_MS, longestMs }, nowMs));
  }
  if (negativeEntity) {
    const rules = { zone, anchorHour: options.anchorHour, source: NEGATIVE_SOURCE, quietMs: MINUTE_MS };
    stories.push(negativeStory(hear(negativeEntity), rules, nowMs));
  }
  if (excludedEntity) tellSwitch(excludedEntity, EXCLUDED_SOURCE, "excluded", Number.POSITIVE_INFINITY);
  return stories;
}
