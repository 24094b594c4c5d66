import fc from "fast-check";
import type { EventSource } from "../../../src/core/events/event.ts";
import { computeWindows, type Windows, type WindowsInput } from "../../../src/core/features/compute.ts";
import { type FeatureDefinition, MINIMUM_COVERAGE, RULES } from "../../../src/core/features/definition.ts";
import type { ValueKind } from "../../../src/core/features/state-value.ts";
import { createTimeline, type Timeline } from "../../../src/core/features/timeline.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const GRID = 5 * MINUTE;
/** A window end in spring; the clocks of Amsterdam go forward ten days later. */
export const START_NO = Math.floor(Date.UTC(2026, 2, 19) / GRID);
export const START = START_NO * GRID;
export const ZONE = "Europe/Amsterdam";

/** One stored row. */
export interface Row {
  readonly entityId: string;
  readonly atUs: number;
  readonly state: string;
  readonly knownAtMs: number | null;
  readonly source: EventSource;
}

export const row = (entityId: string, atMs: number, state: string, more: Partial<Row> = {}): Row => ({
  entityId,
  atUs: Math.round(atMs * 1000),
  state,
  knownAtMs: null,
  source: "live",
  ...more,
});

export const isNumeric = (entityId: string): boolean => entityId.startsWith("sensor.");
export const kindOf = (entityId: string): ValueKind => (isNumeric(entityId) ? "numeric" : entityId === BOILER ? "categorical" : "binary");

/** Timelines of rows in any order. */
export function timelinesOf(rows: readonly Row[]): Map<string, Timeline> {
  const byEntity = Map.groupBy(
    [...rows].sort((a, b) => a.atUs - b.atUs),
    ({ entityId }) => entityId,
  );
  return new Map(
    [...byEntity].map(([entityId, own]) => {
      const builder = createTimeline(entityId, kindOf(entityId), 2);
      for (const each of own) builder.push(each.atUs, each.state, each.knownAtMs, each.source);
      return [entityId, builder.timeline()];
    }),
  );
}

export interface Scene {
  readonly rows: readonly Row[];
  readonly gaps: WindowsInput["gaps"];
  readonly knownFromMs: number;
  /** The window that most rows lie shortly before. */
  readonly focusNo: number;
}

export function compute(
  scene: Omit<Scene, "focusNo">,
  definitions: readonly FeatureDefinition[],
  fromNo: number,
  toNo: number,
  minimumCoverage = MINIMUM_COVERAGE,
): Windows {
  return computeWindows({
    definitions: withMinimum(definitions, minimumCoverage),
    timelines: timelinesOf(scene.rows),
    fromNo,
    toNo,
    gridMs: GRID,
    knownFromMs: scene.knownFromMs,
    gaps: scene.gaps,
  });
}

export const withMinimum = (definitions: readonly FeatureDefinition[], minimumCoverage: number): FeatureDefinition[] =>
  definitions.map((definition) => ("minimumCoverage" in definition ? { ...definition, minimumCoverage } : definition));

/** The one value and coverage of a definition at the window that ends at `endMs`. */
export function valueAt(rows: readonly Row[], definition: FeatureDefinition, endMs: number, more: Partial<Scene> = {}): [number, number] {
  const no = endMs / GRID;
  const windows = compute({ rows, gaps: [], knownFromMs: START - 30 * DAY, ...more }, [definition], no, no);
  return [windows.values[0]![0]!, windows.coverage[0]![0]!];
}

const reads = (...entities: string[]): { group: "entity"; entities: string[]; rules: typeof RULES; minimumCoverage: number } => ({
  group: "entity",
  entities,
  rules: RULES,
  minimumCoverage: MINIMUM_COVERAGE,
});
export const BED = "binary_sensor.bed";
export const DOOR = "binary_sensor.front_door";
export const MOTION = "binary_sensor.hall_motion";
export const PERSON = "person.anna";
export const LUX = "sensor.lux";
export const GAS = "sensor.gas";
export const BOILER = "climate.boiler";
const minutes = (count: number): number => count * MINUTE;

export const onFraction = (horizon: number, ...entities: string[]): FeatureDefinition => ({
  kind: "on_fraction",
  name: `on ${horizon} ${entities}`,
  ...reads(...entities),
  horizonMs: minutes(horizon),
});
export const count = (horizon: number, entities: string[], repeating: string[] = [], cap = 10_000): FeatureDefinition => ({
  kind: "activity_count",
  name: `count ${horizon} ${entities}`,
  ...reads(...entities),
  repeating,
  horizonMs: minutes(horizon),
  cap,
});
export const since = (event: "on" | "activity", entities: string[], repeating: string[] = [], capMinutes = 720): FeatureDefinition => ({
  kind: "minutes_since",
  name: `since ${event} ${entities}`,
  ...reads(...entities),
  event,
  repeating,
  capMs: minutes(capMinutes),
});
export const now = (entity: string, low = -1e6, high = 1e6): FeatureDefinition => ({
  kind: "state_now",
  name: `now ${entity}`,
  ...reads(entity),
  low,
  high,
});
export const level = (
  statistic: "mean" | "minimum" | "maximum" | "slope" | "spread" | "increase",
  horizon: number,
  scale: "linear" | "log" = "linear",
  bound = 1e6,
  entity = LUX,
): FeatureDefinition => ({
  kind: "level",
  name: `${statistic} ${horizon} ${scale} ${entity}`,
  ...reads(entity),
  statistic,
  horizonMs: minutes(horizon),
  scale,
  low: -bound,
  high: bound,
});
export const share = (state: string, horizon: number): FeatureDefinition => ({
  kind: "state_share",
  name: `${state} ${horizon}`,
  ...reads(BOILER),
  state,
  horizonMs: minutes(horizon),
});
export const away = (measure: "share" | "all", ...entities: string[]): FeatureDefinition => ({
  kind: "away",
  name: `away ${measure}`,
  ...reads(...entities),
  measure,
});
export const left = (doors: string[], others: string[], repeating: string[] = []): FeatureDefinition => ({
  kind: "left_by_door",
  name: "left",
  ...reads(...doors, ...others),
  doors,
  repeating,
  settleMs: minutes(2),
  capMs: minutes(720),
  reachMs: 2 * DAY,
});
export const silent = (entities: string[], repeating: string[] = []): FeatureDefinition => ({
  kind: "silent_hours",
  name: "silent",
  ...reads(...entities),
  repeating,
  timeZone: ZONE,
  fromHour: 9,
  toHour: 21,
  capHours: 12,
  reachMs: 2 * DAY,
});
export const CLOCKS: readonly FeatureDefinition[] = [
  { kind: "clock_wave", name: "sin", group: "clock", entities: [], timeZone: ZONE, wave: "sin", harmonic: 1 },
  { kind: "clock_wave", name: "cos2", group: "clock", entities: [], timeZone: ZONE, wave: "cos", harmonic: 2 },
  { kind: "clock_days", name: "weekend", group: "clock", entities: [], timeZone: ZONE, days: [6, 7], leadHours: 12 },
];

/** Every kind, over one sensor and over several. */
export const EVERY_KIND: readonly FeatureDefinition[] = [
  onFraction(5, BED),
  onFraction(30, BED, MOTION),
  onFraction(120, BED, DOOR, MOTION),
  count(5, [BED]),
  count(60, [BED, DOOR, MOTION], [MOTION]),
  since("on", [BED]),
  since("on", [BED, MOTION], [], 90),
  since("activity", [MOTION], [MOTION]),
  since("activity", [BED, DOOR, MOTION], [MOTION]),
  now(BED),
  now(LUX),
  level("mean", 30),
  level("mean", 60, "log"),
  level("minimum", 60),
  level("maximum", 30),
  level("slope", 60),
  level("spread", 120),
  level("increase", 60, "log", 1e6, GAS),
  { ...level("increase", 30, "linear", 1e6, GAS), low: 0, high: 20 } as FeatureDefinition,
  level("mean", 5, "linear", 1e6, GAS),
  count(60, [LUX]),
  share("heat", 30),
  share("off", 120),
  since("activity", [BOILER]),
  count(30, [BOILER]),
  away("share", PERSON, BED),
  away("all", PERSON, BED),
  left([DOOR], [BED, MOTION], [MOTION]),
  silent([BED, DOOR, MOTION], [MOTION]),
  ...CLOCKS,
];

const STATES: Readonly<Record<string, readonly string[]>> = {
  [BED]: ["on", "off", "on", "off", "unavailable", "unknown"],
  [DOOR]: ["on", "off", "unavailable"],
  [MOTION]: ["on", "on", "off"],
  [PERSON]: ["home", "not_home", "work", "unknown"],
  [GAS]: ["10", "10.5", "17.25", "10.4", "0", "0.75", "unavailable", "15.4"],
  [BOILER]: ["heat", "off", "heat", "off", "idle", "unavailable"],
  [LUX]: ["0", "12.5", "3000", "-4", "unavailable", "7.25"],
};

/** Windows are asked for within a day around this one, shortly after the clocks have changed. */
const FOCUS_NO = START_NO + 11 * 288;
const FOCUS = FOCUS_NO * GRID;

/** Most instants lie shortly before the windows, some hours and days before, a few after; half are full half minutes, so that edges are met. */
const arbitraryAgeMs: fc.Arbitrary<number> = fc
  .oneof(
    { weight: 8, arbitrary: fc.integer({ min: -30 * MINUTE, max: 3 * HOUR }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 * HOUR }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 10 * DAY }) },
  )
  .chain((ageMs) => fc.boolean().map((isRound) => (isRound ? Math.round(ageMs / 30_000) * 30_000 : ageMs)));

/** A home of seven entities over eleven days: busy hours and long silences, odd microseconds, late arrivals, gaps, all sources. */
export const arbitraryScene: fc.Arbitrary<Scene> = fc
  .record({
    rows: fc.array(
      fc.record({
        entityId: fc.constantFrom(BED, DOOR, MOTION, PERSON, LUX, LUX, GAS, GAS, BOILER),
        ageMs: arbitraryAgeMs,
        microseconds: fc.constantFrom(0, 0, 1, 499),
        pick: fc.nat(1000),
        lateMs: fc.option(fc.oneof(fc.constant(400), fc.integer({ min: 0, max: 3 * HOUR })), { nil: null }),
        source: fc.constantFrom<EventSource>("live", "live", "live", "live", "history", "history", "statistics", "anchor"),
      }),
      { minLength: 5, maxLength: 110, size: "max" },
    ),
    gaps: fc.array(
      fc.record({ entityId: fc.constantFrom(null, BED, LUX, GAS), ageMs: arbitraryAgeMs, minutes: fc.integer({ min: 0, max: 90 }) }),
      { maxLength: 3 },
    ),
    knownFromMs: fc.constantFrom(START - 30 * DAY, START - 30 * DAY, FOCUS - 4 * HOUR, FOCUS - DAY),
    shiftMs: fc.integer({ min: -144, max: 144 }).map((windows) => windows * GRID),
  })
  .map(({ rows, gaps, knownFromMs, shiftMs }) => {
    const seen = new Set<string>();
    const stored: Row[] = [];
    for (const { entityId, ageMs, microseconds, pick, lateMs, source } of rows) {
      const atUs = (FOCUS + shiftMs - ageMs) * 1000 + microseconds;
      if (seen.has(`${entityId} ${atUs}`)) continue;
      seen.add(`${entityId} ${atUs}`);
      const states = STATES[entityId]!;
      stored.push({
        entityId,
        atUs,
        state: states[pick % states.length]!,
        knownAtMs: lateMs === null ? null : atUs / 1000 + lateMs,
        source,
      });
    }
    const spans = gaps.map(({ entityId, ageMs, minutes }) => ({
      entityId,
      fromMs: FOCUS + shiftMs - ageMs,
      toMs: FOCUS + shiftMs - ageMs + minutes * MINUTE,
    }));
    return { rows: stored, gaps: spans, knownFromMs: knownFromMs + shiftMs, focusNo: FOCUS_NO + shiftMs / GRID };
  });

/** How far before or after the focus of a scene a window ends. */
export const arbitraryOffset: fc.Arbitrary<number> = fc.integer({ min: -12, max: 6 });
