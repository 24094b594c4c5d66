import type { FeatureDefinition } from "../../../src/core/features/definition.ts";
import { BOILER, GRID, HOUR, isNumeric, MINUTE, type Row, type Scene } from "./home.ts";

/*
 * The features once more, slow and plain, from the words of the definitions: each value is found by asking for the state of an entity at
 * an instant. Times in microseconds. Shares no code with the program.
 */

const GRACE = 10 * MINUTE * 1000;
const HOLD = 7 * 24 * HOUR * 1000;

/** The state of a categorical entity counts by its place in this list. */
const MODES = ["heat", "off", "idle"];

function numberOf({ entityId, state }: Row): number | null {
  if (state === "unavailable" || state === "unknown") return null;
  if (entityId === BOILER) return MODES.indexOf(state);
  if (isNumeric(entityId)) return Number(state);
  return state === "on" || state === "home" ? 1 : 0;
}

const rowsOf = (scene: Scene, entityId: string): Row[] =>
  scene.rows.filter((row) => row.entityId === entityId).sort((a, b) => a.atUs - b.atUs);

/** The row that sets the state at an instant, or null when the state is not known then. */
function rowAt(scene: Scene, rows: readonly Row[], entityId: string, atUs: number): Row | null {
  if (atUs < scene.knownFromMs * 1000) return null;
  if (scene.gaps.some((gap) => (gap.entityId ?? entityId) === entityId && atUs >= gap.fromMs * 1000 && atUs < gap.toMs * 1000)) return null;
  const before = rows.filter((row) => row.atUs <= atUs);
  const real = before.findLast((row) => numberOf(row) !== null);
  if (real === undefined || atUs >= real.atUs + HOLD) return null;
  const unknown = before.find((row) => row.atUs > real.atUs);
  return unknown !== undefined && atUs >= unknown.atUs + GRACE ? null : real;
}

interface Piece {
  readonly fromUs: number;
  readonly toUs: number;
  /** By entity, in the order asked. */
  readonly rows: readonly (Row | null)[];
}

/** [fromUs, toUs) cut wherever anything may change. */
function pieces(scene: Scene, entities: readonly string[], fromUs: number, toUs: number): Piece[] {
  const own = entities.map((entityId) => rowsOf(scene, entityId).filter((row) => row.atUs < toUs));
  const cuts = [
    fromUs,
    toUs,
    scene.knownFromMs * 1000,
    ...scene.gaps.flatMap((gap) => [gap.fromMs * 1000, gap.toMs * 1000]),
    ...own.flat().flatMap((row) => [row.atUs, row.atUs + HOLD, row.atUs + GRACE]),
  ];
  const sorted = [...new Set(cuts)].filter((cut) => cut >= fromUs && cut <= toUs).sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => ({
    fromUs: sorted[i]!,
    toUs: end,
    rows: entities.map((entityId, member) => rowAt(scene, own[member]!, entityId, sorted[i]!)),
  }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const length = (piece: Piece): number => piece.toUs - piece.fromUs;
const isMeasured = (row: Row | null): row is Row => row !== null && row.source !== "statistics";
const isOn = (row: Row | null): boolean => isMeasured(row) && numberOf(row) === 1;

/** Mean over the entities of the share of [fromUs, toUs) in which each was known. */
function shareKnown(
  scene: Scene,
  entities: readonly string[],
  fromUs: number,
  toUs: number,
  also: (row: Row) => boolean = isMeasured,
): number {
  const known = pieces(scene, entities, fromUs, toUs).map(
    (piece) => length(piece) * piece.rows.filter((row) => row !== null && also(row)).length,
  );
  return sum(known) / ((toUs - fromUs) * entities.length);
}

/** Rows that are behaviour: another state than the one before, or (if so wanted) `on` directly after `on`. */
function activity(scene: Scene, entityId: string, fromUs: number, toUs: number, repeats: boolean): Row[] {
  const rows = rowsOf(scene, entityId);
  return rows.filter((row, i) => {
    const value = numberOf(row);
    if (row.atUs < fromUs || row.atUs >= toUs || value === null || row.source === "anchor" || row.source === "statistics") return false;
    const before = rows.slice(0, i).findLast((earlier) => numberOf(earlier) !== null);
    if (before === undefined || before.source === "statistics" || row.atUs - before.atUs > HOLD) return false;
    return numberOf(before) !== value || (repeats && value === 1 && rows[i - 1] === before);
  });
}

const lastOf = (instants: readonly number[]): number => Math.max(Number.NEGATIVE_INFINITY, ...instants);

/** The last activity of several entities in [fromUs, toUs). */
function lastActivity(
  scene: Scene,
  entities: readonly string[],
  repeating: readonly string[],
  fromUs: number,
  toUs: number,
  onlyOn = false,
): number {
  return lastOf(
    entities.flatMap((entityId) =>
      activity(scene, entityId, fromUs, toUs, repeating.includes(entityId))
        .filter((row) => !onlyOn || numberOf(row) === 1)
        .map((row) => row.atUs),
    ),
  );
}

/** Known share over the whole grid steps that a span before the end touches. */
function shareSince(scene: Scene, entities: readonly string[], endUs: number, spanUs: number): number {
  const grid = GRID * 1000;
  return shareKnown(scene, entities, endUs - Math.max(1, Math.ceil(spanUs / grid)) * grid, endUs);
}

const log = (minutesUs: number): number => Math.log(1 + minutesUs / (MINUTE * 1000));

/** Value before any limit of coverage, and the share known. */
export function referenceOf(scene: Scene, definition: FeatureDefinition, windowNo: number): { value: number; known: number } {
  const endUs = windowNo * GRID * 1000;
  const { entities } = definition;
  switch (definition.kind) {
    case "on_fraction": {
      const all = pieces(scene, entities, endUs - definition.horizonMs * 1000, endUs);
      const on = sum(all.filter((piece) => piece.rows.some(isOn)).map(length));
      const any = sum(all.filter((piece) => piece.rows.some(isMeasured)).map(length));
      return { value: on / any, known: shareKnown(scene, entities, endUs - definition.horizonMs * 1000, endUs) };
    }
    case "state_share": {
      const fromUs = endUs - definition.horizonMs * 1000;
      const measured = pieces(scene, entities, fromUs, endUs).filter((piece) => isMeasured(piece.rows[0]!));
      const inState = measured.filter((piece) => piece.rows[0]!.state === definition.state);
      return { value: sum(inState.map(length)) / sum(measured.map(length)), known: shareKnown(scene, entities, fromUs, endUs) };
    }
    case "activity_count": {
      const fromUs = endUs - definition.horizonMs * 1000;
      const events = sum(
        entities.map((entityId) => activity(scene, entityId, fromUs, endUs, definition.repeating.includes(entityId)).length),
      );
      return { value: Math.log(1 + Math.min(definition.cap, events)), known: shareKnown(scene, entities, fromUs, endUs) };
    }
    case "minutes_since": {
      const cap = definition.capMs * 1000;
      const last =
        definition.event === "activity"
          ? lastActivity(scene, entities, definition.repeating, endUs - cap, endUs)
          : lastOf(
              pieces(scene, entities, endUs - cap, endUs)
                .filter((piece) => piece.rows.some(isOn))
                .map((piece) => piece.toUs),
            );
      const span = Math.min(cap, endUs - last);
      return { value: log(span), known: shareSince(scene, entities, endUs, span) };
    }
    case "state_now": {
      const row = rowAt(
        scene,
        rowsOf(scene, entities[0]!).filter((each) => each.atUs < endUs),
        entities[0]!,
        endUs - 1,
      );
      return row === null
        ? { value: Number.NaN, known: 0 }
        : { value: Math.min(definition.high, Math.max(definition.low, numberOf(row)!)), known: 1 };
    }
    case "away": {
      const rows = entities.map((entityId) =>
        rowAt(
          scene,
          rowsOf(scene, entityId).filter((each) => each.atUs < endUs),
          entityId,
          endUs - 1,
        ),
      );
      const known = rows.filter(isMeasured);
      const off = known.filter((row) => numberOf(row) === 0);
      const value =
        definition.measure === "share" ? off.length / known.length : known.length === 0 ? Number.NaN : Number(off.length === known.length);
      return { value, known: known.length / entities.length };
    }
    case "left_by_door": {
      const fromUs = endUs - definition.reachMs * 1000;
      const door = lastActivity(scene, definition.doors, [], fromUs, endUs);
      const others = entities.filter((entityId) => !definition.doors.includes(entityId));
      const on = lastActivity(scene, others, definition.repeating, fromUs, endUs, true);
      const isSilent = !Number.isFinite(door) && !Number.isFinite(on);
      const isLeft = isSilent || (Number.isFinite(door) && on <= door + definition.settleMs * 1000);
      const span = Math.min(definition.reachMs * 1000, endUs - Math.max(door, on));
      return { value: isLeft ? log(Math.min(definition.capMs * 1000, endUs - door)) : 0, known: shareSince(scene, entities, endUs, span) };
    }
    case "silent_hours": {
      const last = Math.max(
        endUs - definition.reachMs * 1000,
        lastActivity(scene, entities, definition.repeating, endUs - definition.reachMs * 1000, endUs),
      );
      let daylight = 0;
      const step = 10_000_000;
      for (let atUs = last; atUs < endUs; atUs += step) {
        const local = Temporal.Instant.fromEpochMilliseconds(Math.round(atUs / 1000)).toZonedDateTimeISO(definition.timeZone);
        if (local.hour >= definition.fromHour && local.hour < definition.toHour) daylight += Math.min(step, endUs - atUs);
      }
      return { value: Math.min(definition.capHours, daylight / (HOUR * 1000)), known: shareSince(scene, entities, endUs, endUs - last) };
    }
    case "level": {
      const counts = (row: Row): boolean => definition.statistic === "mean" || isMeasured(row);
      const fromUs = endUs - definition.horizonMs * 1000;
      const held = pieces(scene, entities, fromUs, endUs).filter((piece) => piece.rows[0] !== null && counts(piece.rows[0]!));
      const value =
        definition.statistic === "increase"
          ? counted(scene, entities[0]!, fromUs, endUs)
          : levelOf(
              definition.statistic,
              held.map((piece) => ({
                from: (piece.fromUs - fromUs) / (HOUR * 1000),
                hours: length(piece) / (HOUR * 1000),
                level: numberOf(piece.rows[0]!)!,
              })),
            );
      const cut = Math.min(definition.high, Math.max(definition.low, value));
      const scaled = definition.scale === "linear" ? cut : cut < 0 ? -Math.log(1 - cut) : Math.log(1 + cut);
      return { value: scaled, known: shareKnown(scene, entities, fromUs, endUs, counts) };
    }
    case "clock_wave": {
      const local = Temporal.Instant.fromEpochMilliseconds(endUs / 1000).toZonedDateTimeISO(definition.timeZone);
      const turn = ((local.hour + local.minute / 60) / 24) * 2 * Math.PI * definition.harmonic;
      return { value: definition.wave === "sin" ? Math.sin(turn) : Math.cos(turn), known: 1 };
    }
    case "clock_days": {
      const local = Temporal.Instant.fromEpochMilliseconds(endUs / 1000)
        .toZonedDateTimeISO(definition.timeZone)
        .toPlainDateTime();
      return { value: Number(definition.days.includes(local.add({ hours: definition.leadHours }).dayOfWeek)), known: 1 };
    }
  }
}

/** What a meter has counted: what each state adds to the one before; far below it, the meter was set to 0 in between. */
function counted(scene: Scene, entityId: string, fromUs: number, toUs: number): number {
  const rows = rowsOf(scene, entityId).filter((row) => numberOf(row) !== null);
  return sum(
    activity(scene, entityId, fromUs, toUs, false).map((row) => {
      const after = numberOf(row)!;
      const before = numberOf(rows[rows.indexOf(row) - 1]!)!;
      return after >= 0.9 * before ? after - before : after;
    }),
  );
}

interface Held {
  readonly from: number;
  readonly hours: number;
  readonly level: number;
}

/** By integrals over the horizon's own time axis: of 1, t, t², v, t·v and v². */
function levelOf(statistic: string, held: readonly Held[]): number {
  if (held.length === 0) return Number.NaN;
  const levels = held.map(({ level }) => level);
  if (statistic === "minimum") return Math.min(...levels);
  if (statistic === "maximum") return Math.max(...levels);
  const hours = sum(held.map((each) => each.hours));
  const mean = sum(held.map((each) => each.hours * each.level)) / hours;
  if (statistic === "mean") return mean;
  if (statistic === "spread") return Math.sqrt(sum(held.map((each) => each.hours * (each.level - mean) ** 2)) / hours);
  const middle = sum(held.map((each) => each.hours * (each.from + each.hours / 2))) / hours;
  const cube = (x: number): number => (x - middle) ** 3 / 3;
  const square = (x: number): number => (x - middle) ** 2 / 2;
  const timeTime = sum(held.map((each) => cube(each.from + each.hours) - cube(each.from)));
  const timeLevel = sum(held.map((each) => (square(each.from + each.hours) - square(each.from)) * (each.level - mean)));
  return timeLevel / timeTime;
}
