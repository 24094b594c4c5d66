import type { FeatureDefinition, Of } from "./definition.ts";
import { type Change, type Effect, effectOfHearing, effectOfRows, type Stretch } from "./effect.ts";
import { createGaps, type Heard } from "./group-pass.ts";
import { firstOn, firstSign, type Sign } from "./signs.ts";
import { CHANGE, REPEATED_ON } from "./timeline.ts";

/** `timelines` hold all that is stored now, the changes included. */
export interface TouchedInput extends Heard {
  readonly definitions: readonly FeatureDefinition[];
  readonly changes: readonly Change[];
  readonly fromNo: number;
  readonly toNo: number;
  readonly gridMs: number;
}

/**
 * Marks (1) the windows fromNo..toNo in which a value or a coverage can differ from what was computed before the changes. Values are pure
 * functions of a look-back, so a window that is not marked would come out with the same bits. Where a feature looks for the last of something,
 * nothing before the next such event matters after it.
 */
export function touchedWindows(input: TouchedInput): Uint8Array {
  const { definitions, timelines, changes } = input;
  const marks = new Uint8Array(Math.max(0, input.toNo - input.fromNo + 1));
  const touch = createTouch(input, marks);
  const readers = Map.groupBy(
    definitions.flatMap((definition) => definition.entities.map((entityId) => ({ definition, entityId }))),
    ({ entityId }) => entityId,
  );
  const added = Map.groupBy(
    changes.filter(({ what }) => what === "rows"),
    ({ entityId }) => entityId,
  );
  for (const change of changes) {
    const { entityId } = change;
    if (entityId === null) {
      const effect = effectOfHearing(change);
      for (const definition of definitions) touch(definition, null, effect);
      continue;
    }
    const timeline = timelines.get(entityId);
    const isAdded = (atUs: number): boolean => added.get(entityId)!.some(({ fromUs, toUs }) => fromUs <= atUs && atUs <= toUs);
    const effect =
      change.what === "hearing" ? effectOfHearing(change) : timeline === undefined ? null : effectOfRows(timeline, change, isAdded);
    if (effect !== null) for (const { definition } of readers.get(entityId) ?? []) touch(definition, entityId, effect);
  }
  return marks;
}

type Touch = (definition: FeatureDefinition, entityId: string | null, effect: Effect) => void;

/** Marks what an effect on one entity (null = on what was heard of all) does to one feature. */
function createTouch(input: TouchedInput, marks: Uint8Array): Touch {
  const { timelines, fromNo, toNo } = input;
  const gridUs = input.gridMs * 1000;
  const untilUs = toNo * gridUs;
  const gapsOf = createGaps(input);
  const cellUp = (atUs: number): number => Math.ceil(atUs / gridUs) * gridUs;

  /** Windows that end after one instant, and not after another. */
  function mark(afterUs: number, lastUs: number): void {
    const from = Math.max(0, Math.floor(afterUs / gridUs) + 1 - fromNo);
    const to = Math.min(marks.length - 1, Math.floor(lastUs / gridUs) - fromNo);
    if (from <= to) marks.fill(1, from, to + 1);
  }

  /** Windows that end after the stretch began and look back into it, to `untilUs` at the most. */
  function markLooking({ fromUs, toUs }: Stretch, reachMs: number, lastUs = Number.POSITIVE_INFINITY): void {
    if (fromUs < toUs) mark(fromUs, Math.min(lastUs, toUs + cellUp(reachMs * 1000) - 1));
  }

  function markCounting({ doubts, knowledge }: Effect, counted: number, reachMs: number): void {
    for (const { fromUs, toUs, flags } of doubts) if ((flags & counted) !== 0) mark(fromUs, toUs + reachMs * 1000);
    markLooking(knowledge, reachMs);
  }

  /** What is said of the last sign: each doubt and each change of knowledge matters until a sign that follows it. */
  function markSince({ doubts, knowledge }: Effect, counted: number, reachMs: number, nextAfter: (atUs: number) => number): void {
    for (const { fromUs, toUs, flags } of doubts) {
      if ((flags & counted) !== 0) mark(fromUs, Math.min(toUs + reachMs * 1000, nextAfter(toUs)));
    }
    // Coverage is told in whole cells: the sign must lie in one that the change has left alone.
    if (knowledge.fromUs < knowledge.toUs) markLooking(knowledge, reachMs, nextAfter(cellUp(knowledge.toUs) - 1));
  }

  const activityOf = (definition: FeatureDefinition, id: string): number =>
    "repeating" in definition && definition.repeating.includes(id) ? CHANGE | REPEATED_ON : CHANGE;
  const next = (signs: readonly Sign[], afterUs: number): number => firstSign(timelines, signs, afterUs, untilUs);

  function nextActivity(definition: FeatureDefinition): (afterUs: number) => number {
    const signs = definition.entities.map((id): Sign => ({ entityId: id, flags: activityOf(definition, id), onlyOn: false }));
    return (afterUs) => next(signs, afterUs);
  }

  /** The door or anything else; who turns something on just after the door has moved may have left all the same. */
  function nextMove(definition: Of<"left_by_door">, isDoor: boolean): (afterUs: number) => number {
    const doors = definition.doors.map((id): Sign => ({ entityId: id, flags: CHANGE, onlyOn: false }));
    const others = definition.entities
      .filter((id) => !definition.doors.includes(id))
      .map((id): Sign => ({ entityId: id, flags: activityOf(definition, id), onlyOn: true }));
    const settleUs = isDoor ? definition.settleMs * 1000 : 0;
    return (afterUs) => Math.min(next(doors, afterUs), next(others, afterUs + settleUs));
  }

  function nextOn(entities: readonly string[], fromUs: number): number {
    return Math.min(...entities.map((id) => firstOn(timelines.get(id), gapsOf(id), fromUs, untilUs)));
  }

  return (definition, entityId, effect) => {
    const counted = entityId === null ? 0 : activityOf(definition, entityId);
    switch (definition.kind) {
      case "on_fraction":
      case "state_share":
        markLooking(effect.state, definition.horizonMs);
        break;
      case "level":
        if (definition.statistic === "increase") markCounting(effect, CHANGE, definition.horizonMs);
        else markLooking(effect.pieces, definition.horizonMs);
        break;
      case "activity_count":
        markCounting(effect, counted, definition.horizonMs);
        break;
      case "state_now":
      case "away":
        if (effect.state.fromUs < effect.state.toUs) mark(effect.state.fromUs, effect.state.toUs);
        break;
      case "minutes_since":
        if (definition.event === "activity") markSince(effect, counted, definition.capMs, nextActivity(definition));
        else markLooking(effect.state, definition.capMs, nextOn(definition.entities, cellUp(effect.state.toUs)));
        break;
      case "silent_hours":
        markSince(effect, counted, definition.reachMs, nextActivity(definition));
        break;
      case "left_by_door": {
        const isDoor = entityId !== null && definition.doors.includes(entityId);
        markSince(effect, isDoor ? CHANGE : counted, definition.reachMs, nextMove(definition, isDoor));
        break;
      }
      case "clock_wave":
      case "clock_days":
        break;
    }
  };
}
