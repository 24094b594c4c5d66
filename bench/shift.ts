import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateEvent } from "../src/core/events/event.ts";
import { labelOfSpan } from "../src/core/labels/said.ts";
import { type CalibrationLine, calibrationLine } from "../src/core/models/clr/calibration-line.ts";
import { logLoss } from "../src/core/models/clr/metrics.ts";
import { createZone, HOUR_MS } from "../src/core/time.ts";
import { createHome } from "../src/demo/home/home.ts";
import type { Span } from "../src/demo/home/household.ts";
import { tellLabels } from "../src/flow/labels.ts";
import { createStages } from "../src/flow/stages.ts";
import { createJumpingClock } from "../src/runtime/clock.ts";
import { GRID_MS } from "../src/runtime/stage-options.ts";
import { openForReading } from "../src/store/db.ts";
import { machine } from "./machine.ts";
import { ANCHOR_HOUR, changesOf, FIRST_DAY_MS, foundHome, ZONE } from "./simulated-home.ts";

/**
 * Calibration under shift: simulated homes whose habits change on one day, trained every day as live. The calibration slope of what was said
 * live, by week since the change, each home and all of them together; `ours` = days until the slope of all is within 0.8 to 1.25 for good.
 * `--settings HABIT` plays one change alone.
 */

const CHANGE_DAY = 24;
const DAYS_AFTER = 21;
const WEEK = 7;
const HABITS = ["three hours later", "another room", "none"] as const;
type Habit = (typeof HABITS)[number];

/** A window that was answered live, and what was so. */
interface Answer {
  /** Days since the change, from 0. */
  readonly day: number;
  readonly logit: number;
  readonly label: 0 | 1;
}

export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const seeds = Number(options["seeds"] ?? 3);
  const firstSeed = Number(options["first-seed"] ?? 1);
  const habits = HABITS.filter((habit) => options["settings"] === undefined || options["settings"] === habit);
  const homes: { seed: number; habit: Habit; weeks: object[]; trainings: string[]; answers: readonly Answer[] }[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    for (const habit of habits) {
      const { answers, trainings } = await live(seed, habit);
      homes.push({ seed, habit, weeks: weeksOf(answers), trainings, answers });
      process.stderr.write(`home ${seed}, ${habit}: ${JSON.stringify(homes.at(-1)!.weeks)} ${trainings.join("; ")}\n`);
    }
  }
  const changed = homes.filter(({ habit }) => habit !== "none").flatMap(({ answers }, k) => answers.map((each) => ({ ...each, home: k })));
  return {
    name: "shift",
    ours: backAfter(changed),
    unit: "days",
    together: weeksOf(changed),
    homes: homes.map(({ answers: _, ...home }) => home),
    machine: machine(),
  };
}

/** The day from which on every week's slope is within the band; null where that is never so. */
function backAfter(answers: readonly (Answer & { readonly home: number })[]): number | null {
  const isWithin = (from: number): boolean => {
    const { slope } = lineOf(answers.filter(({ day }) => day >= from && day < from + WEEK));
    return slope === null || (slope >= 0.8 && slope <= 1.25);
  };
  let back: number | null = null;
  for (let from = DAYS_AFTER - WEEK; from >= 0 && isWithin(from); from--) back = from;
  return back;
}

function weeksOf(answers: readonly Answer[]): object[] {
  return Array.from({ length: DAYS_AFTER / WEEK }, (_, week) => {
    const part = answers.filter(({ day }) => Math.floor(day / WEEK) === week);
    const { slope, slopeStandardError } = lineOf(part);
    const loss = logLoss(
      Uint8Array.from(part, ({ label }) => label),
      Float64Array.from(part, ({ logit }) => logit),
    );
    return {
      days: `${week * WEEK + 1}-${(week + 1) * WEEK}`,
      slope: rounded(slope),
      standardError: rounded(slopeStandardError),
      logLoss: rounded(loss),
    };
  });
}

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(3)));

function lineOf(answers: readonly (Answer & { readonly home?: number })[]): CalibrationLine {
  return calibrationLine(
    Uint8Array.from(answers, ({ label }) => label),
    Float64Array.from(answers, ({ logit }) => logit),
    answers.map(({ day, home = 0 }) => home * 1000 + day),
  );
}

async function live(seed: number, habit: Habit): Promise<{ answers: Answer[]; trainings: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-shift-"));
  const { db, writer, options } = await foundHome(join(folder, "home.db"));
  const reader = openForReading(join(folder, "home.db"));
  try {
    const zone = createZone(ZONE);
    const firstDay = zone.dayAt(FIRST_DAY_MS, 0);
    const noonOf = (day: number): number => zone.dayStartMs(firstDay + day, ANCHOR_HOUR);
    const changeMs = noonOf(CHANGE_DAY);
    // A past shorter than five weeks has no holiday; the home's own small turns lie before the change.
    const home = createHome({ seed, bornMs: FIRST_DAY_MS, pastDays: 34, timeZone: ZONE });
    const lastMs = noonOf(CHANGE_DAY + DAYS_AFTER);
    const events = withHabit(changesOf(home.eventsBetween(FIRST_DAY_MS * 1000, lastMs * 1000)), habit, changeMs);
    const nights = Array.from({ length: CHANGE_DAY + DAYS_AFTER }, (_, k) => home.sleepEndingOn(firstDay + k))
      .filter((night) => night !== null)
      .map((night): Span => (habit === "three hours later" && night.fromMs >= changeMs ? later(night) : night));
    const clock = createJumpingClock(FIRST_DAY_MS);
    const stages = createStages({ reader, writer, clock, options, isCancelled: () => false });
    let [nextEvent, nextNight] = [0, 0];
    for (let day = 1; day <= CHANGE_DAY + DAYS_AFTER; day += 1) {
      const nowMs = noonOf(day) + HOUR_MS / 6;
      const until = events.findIndex(({ updatedUs }) => updatedUs >= nowMs * 1000);
      const part = events.slice(nextEvent, until === -1 ? events.length : until);
      nextEvent += part.length;
      for (let i = 0; i < part.length; i += 5000) await writer.write("insertEvents", { events: part.slice(i, i + 5000), nowMs });
      clock.jumpTo(nowMs);
      await stages.features({});
      // Yesterday's model answers before today's is made.
      await stages.predict({});
      for (; nextNight < nights.length && nights[nextNight]!.toMs <= nowMs; nextNight += 1) {
        const { fromMs, toMs } = nights[nextNight]!;
        const said = { source: "simulated", saidBy: null, nowMs: toMs };
        await tellLabels({ reader, writer, nowMs }, "sleep", [labelOfSpan({ startMs: fromMs, endMs: toMs, kind: "positive" }, zone, said)]);
      }
      if (day < CHANGE_DAY) continue;
      await stages.pairs({});
      await stages.drift({});
      await stages.train({ why: "the daily training" });
    }
    const answers = reader
      .all<{ no: number; p: number }>(
        "SELECT window_no AS no, probability AS p FROM predictions WHERE probability IS NOT NULL ORDER BY window_no",
      )
      .flatMap(({ no, p }): Answer[] => {
        const label = no * GRID_MS <= changeMs ? null : labelOf(nights, no);
        const day = zone.dayAt((no - 1) * GRID_MS, ANCHOR_HOUR) - firstDay - CHANGE_DAY;
        return label === null ? [] : [{ day, label, logit: Math.log(p / (1 - p)) }];
      });
    const trainings = reader.all<{ why: string; at: number }>(
      "SELECT report_json ->> '$.why' AS why, started_at_ms AS at FROM clr_training_runs WHERE report_json ->> '$.why' LIKE 'drift%'",
    );
    return { answers, trainings: trainings.map(({ why, at }) => `day ${zone.dayAt(at, ANCHOR_HOUR) - firstDay - CHANGE_DAY}: ${why}`) };
  } finally {
    reader.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const LATER_MS = 3 * HOUR_MS;
const later = ({ fromMs, toMs }: Span): Span => ({ fromMs: fromMs + LATER_MS, toMs: toMs + LATER_MS });

/** The same days, lived otherwise from the change on. */
function withHabit(events: readonly StateEvent[], habit: Habit, changeMs: number): StateEvent[] {
  return events
    .flatMap((event): StateEvent[] => {
      if (habit === "none" || event.updatedUs < changeMs * 1000) return [event];
      if (habit === "three hours later") return [moved(event, LATER_MS)];
      // They sleep in the office, where no mat lies under the mattress.
      if (/bed_(anna|bram)$/.test(event.entityId)) return event.state === "off" ? [event] : [];
      return [{ ...event, entityId: swapRooms(event.entityId) }];
    })
    .sort((a, b) => a.updatedUs - b.updatedUs);
}

function moved(event: StateEvent, byMs: number): StateEvent {
  return { ...event, updatedUs: event.updatedUs + byMs * 1000, knownAtMs: (event.knownAtMs ?? event.updatedUs / 1000) + byMs };
}

const ROOMS = /^(binary_sensor|light|sensor)\.(bedroom|office)(_motion|_temperature|)$/;
function swapRooms(entityId: string): string {
  return entityId.replace(
    ROOMS,
    (_, domain: string, room: string, rest: string) => `${domain}.${room === "office" ? "bedroom" : "office"}${rest}`,
  );
}

/** Null: the window straddles an edge of a night. */
function labelOf(nights: readonly Span[], windowNo: number): 0 | 1 | null {
  const [fromMs, toMs] = [(windowNo - 1) * GRID_MS, windowNo * GRID_MS];
  const touched = nights.find((night) => night.fromMs < toMs && night.toMs > fromMs);
  if (touched === undefined) return 0;
  return fromMs >= touched.fromMs && toMs <= touched.toMs ? 1 : null;
}
