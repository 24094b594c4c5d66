import type { Zone } from "../time.ts";
import { raiseToKnown } from "./available.ts";
import { reachOf } from "./definition.ts";
import { endUsOf, type Frame } from "./frame.ts";
import type { Group } from "./group.ts";
import * as write from "./group-columns.ts";
import { addMember, closeSums, createSums, type GroupSums, type Member, releaseSums } from "./group-sums.ts";
import { knownStretches, measuredStretches } from "./knowledge.ts";
import { writeLevels } from "./level-columns.ts";
import { createPool, type Pool } from "./pool.ts";
import { createRowCells, fillRowCells } from "./row-cells.ts";
import { type Spans, spansOf } from "./spans.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** A span in which the app did not hear one entity, or (null) any. */
export interface Gap {
  readonly entityId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

export type Zones = (timeZone: string) => Zone;

export interface Heard {
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly gaps: readonly Gap[];
  readonly knownFromMs: number;
}

interface Bench {
  readonly frame: Frame;
  readonly pool: Pool;
  readonly zones: Zones;
}

/**
 * Writes the columns of all groups and raises each window's instant to when its rows were known. Goes entity by entity, so that each
 * one's stretches are made once; a group is written and its sums let go with its last member.
 */
export function writeGroups(groups: readonly Group[], heard: Heard, frame: Frame, zones: Zones, availableAtMs: Float64Array): void {
  const bench = { frame, zones, pool: createPool() };
  const rows = createRowCells(frame);
  const gapsOf = createGaps(heard);
  const open = new Map<Group, { readonly sums: GroupSums; left: number }>();
  for (const [entityId, users] of usersOf(groups)) {
    const timeline = heard.timelines.get(entityId) ?? createTimeline(entityId, "binary", 0).timeline();
    const fromUs = startOf(users, frame);
    fillRowCells(rows, timeline, frame, fromUs);
    const known = knownStretches(timeline, fromUs, endUsOf(frame, frame.windows - 1), gapsOf(entityId));
    const any = { timeline, fromUs, rows, known };
    const measured = { ...any, known: measuredStretches(timeline, known) };
    raiseToKnown(timeline, rows, Math.max(...users.map(reachOfGroup)), frame, availableAtMs);
    for (const group of users) {
      const member = group.takesStatistics ? any : measured;
      const state = open.get(group) ?? { sums: createSums(group, frame, bench.pool), left: group.entities.length };
      open.set(group, state);
      addMember(state.sums, group, member, frame, bench.pool);
      state.left -= 1;
      if (state.left > 0) continue;
      closeSums(state.sums, group, frame, fromUs);
      if (group.needs.levels) writeGroupLevels(group, member, state.sums, bench);
      writeGroup(group, state.sums, bench);
      open.delete(group);
    }
  }
}

function usersOf(groups: readonly Group[]): Map<string, Group[]> {
  const users = new Map<string, Group[]>();
  for (const group of groups) {
    for (const entityId of group.entities) {
      const known = users.get(entityId);
      if (known === undefined) users.set(entityId, [group]);
      else known.push(group);
    }
  }
  return users;
}

/** The start of the first cell that any of the groups asks for. */
function startOf(groups: readonly Group[], frame: Frame): number {
  const steps = Math.max(1, ...groups.map(({ needs }) => Math.ceil((needs.coverageMs * 1000) / frame.gridUs)));
  return endUsOf(frame, 0) - steps * frame.gridUs;
}

function reachOfGroup(group: Group): number {
  return Math.max(...group.members.map(({ definition }) => reachOf(definition)));
}

export function createGaps({ gaps, knownFromMs }: Pick<Heard, "gaps" | "knownFromMs">): (entityId: string) => Spans {
  const own = Map.groupBy(gaps, (gap) => gap.entityId);
  const ofAll = [...(own.get(null) ?? []), { fromMs: Number.NEGATIVE_INFINITY, toMs: knownFromMs }];
  const common = spansOf(ofAll);
  return (entityId) => (own.has(entityId) ? spansOf([...ofAll, ...own.get(entityId)!]) : common);
}

function writeGroupLevels(group: Group, member: Member, sums: GroupSums, { frame, pool }: Bench): void {
  const levels = group.members.flatMap(({ definition, column }) => (definition.kind === "level" ? [{ definition, column }] : []));
  writeLevels(levels, member, sums.known.cells, frame, pool);
}

function writeGroup(group: Group, sums: GroupSums, { frame, pool, zones }: Bench): void {
  const ground = { sums, frame, size: group.entities.length };
  for (const { definition, column } of group.members) {
    if (definition.kind === "on_fraction" || definition.kind === "state_share") write.writeOnFraction(ground, definition, column);
    if (definition.kind === "activity_count") write.writeActivityCount(ground, definition, column);
    if (definition.kind === "minutes_since") write.writeMinutesSince(ground, definition, column);
    if (definition.kind === "state_now") write.writeStateNow(ground, definition, column);
    if (definition.kind === "away") write.writeAway(ground, definition, column);
    if (definition.kind === "left_by_door") write.writeLeftByDoor(ground, definition, column);
    if (definition.kind === "silent_hours") write.writeSilentHours(ground, definition, zones(definition.timeZone), column);
  }
  releaseSums(sums, pool);
}
