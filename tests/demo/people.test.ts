import { describe, expect, test } from "vitest";
import { DAYS, END_MS, pastOf } from "./past.ts";

const SEEDS = [1, 2, 3, 4, 5] as const;
const MINUTE = 60_000;
const DAY = 86_400_000;
const INDOORS = ["bedroom", "hallway", "bathroom", "kitchen", "living_room", "office", "entrance"].map(
  (room) => `binary_sensor.${room}_motion`,
);

describe("the people of the simulated home", () => {
  test("sleep crosses midnight on most nights and begins after it on some; its times vary, and free days begin later", () => {
    const { home } = pastOf(1);
    const nights = daysOf(1).flatMap((day) => home.sleepEndingOn(day) ?? []);
    const { calendar } = home;
    const hours = nights.map((night) => (calendar.hourAt(night.fromMs) + 12) % 24);
    expect(hours.filter((hour) => hour > 12).length).toBeGreaterThan(3);
    expect(hours.filter((hour) => hour < 12).length).toBeGreaterThan(20);
    expect(deviation(hours)).toBeGreaterThan(0.4);
    const wakeOn = (weekend: boolean): number =>
      mean(
        nights.filter((night) => calendar.weekday(calendar.dayOf(night.toMs)) >= 6 === weekend).map((night) => calendar.hourAt(night.toMs)),
      );
    expect(wakeOn(true) - wakeOn(false)).toBeGreaterThan(0.7);
    for (const night of nights) {
      expect(night.toMs - night.fromMs).toBeGreaterThan(4 * 60 * MINUTE);
      expect(night.toMs - night.fromMs).toBeLessThan(13 * 60 * MINUTE);
    }
  });

  test.each(SEEDS)("nobody moves indoors on a holiday, and nobody notes a sleep (seed %i)", (seed) => {
    const past = pastOf(seed);
    const gone = daysOf(seed).filter((day) => past.home.shape.holidayOn(day) === "gone");
    expect(gone.length).toBeGreaterThanOrEqual(5);
    for (const day of gone) {
      const [fromMs, toMs] = [past.home.calendar.startMs(day), past.home.calendar.startMs(day + 1)];
      for (const entityId of INDOORS) expect(past.count(entityId, "on", fromMs, toMs)).toBe(0);
      for (const helper of ["sleep_start", "sleep_end"]) {
        expect(past.of(`input_datetime.${helper}`).filter((event) => event.atUs >= fromMs * 1000 && event.atUs < toMs * 1000)).toEqual([]);
      }
      expect(past.home.sleepEndingOn(day)).toBeNull();
    }
  });

  test.each(SEEDS)(
    "most nights are noted with both helpers, soon after waking and near the truth; some late, some never, some in steps (seed %i)",
    (seed) => {
      const { home, of } = pastOf(seed);
      let nights = 0;
      let noted = 0;
      let prompt = 0;
      let steps = 0;
      for (const day of daysOf(seed).slice(1)) {
        const night = home.sleepEndingOn(day);
        if (!night) continue;
        nights += 1;
        const [startMs, endMs] = [home.calendar.startMs(day), home.calendar.startMs(day + 1)];
        const sets = ["sleep_start", "sleep_end"].map((helper) =>
          of(`input_datetime.${helper}`).filter((event) => event.atUs >= startMs * 1000 && event.atUs < endMs * 1000),
        );
        if (sets.some((one) => one.length === 0)) continue;
        noted += 1;
        if (sets.every((one) => one[0]!.atUs / 1000 < night.toMs + 25 * MINUTE)) prompt += 1;
        if (sets.some((one) => one.length > 1)) steps += 1;
        const said = sets.map((one) => Number(one.at(-1)?.attributes["timestamp"]) * 1000);
        expect(Math.abs(said[0]! - night.fromMs)).toBeLessThan(30 * MINUTE);
        expect(Math.abs(said[1]! - night.toMs)).toBeLessThan(30 * MINUTE);
        for (const set of sets.flat()) {
          expect(set.atUs / 1000).toBeGreaterThan(night.toMs);
          expect(set.state).toBe(home.calendar.textAt(Number(set.attributes["timestamp"]) * 1000));
          expect(set.userId).not.toBeNull();
        }
      }
      expect(noted / nights).toBeGreaterThan(0.75);
      expect(noted / nights).toBeLessThan(1);
      expect(prompt / noted).toBeGreaterThan(0.7);
      expect(steps).toBeGreaterThan(3);
    },
  );

  test("before anybody set them the helpers show their first day at midnight", () => {
    const { of, home } = pastOf(1);
    for (const helper of ["sleep_start", "sleep_end"]) {
      const [first] = of(`input_datetime.${helper}`);
      expect(first).toMatchObject({ state: home.calendar.textAt(home.bornMs), userId: null });
    }
  });

  test.each(SEEDS)(
    "three weeks before the end people begin to pass the hallway and the night kitchen about 1.8 times as often (seed %i)",
    (seed) => {
      const past = pastOf(seed);
      const { shape, calendar } = past.home;
      expect((END_MS - shape.habitChangeAtMs) / DAY).toBeGreaterThan(20);
      expect((END_MS - shape.habitChangeAtMs) / DAY).toBeLessThan(22);
      const perDay = (entityId: string, after: boolean, fits: (hour: number) => boolean): number => {
        const days = daysOf(seed).filter(
          (day) => shape.holidayOn(day) === "none" && calendar.startMs(day) >= shape.habitChangeAtMs === after,
        );
        const whole = days.filter((day) => after || calendar.startMs(day + 1) <= shape.habitChangeAtMs);
        return mean(
          whole.map(
            (day) =>
              past
                .of(entityId)
                .filter(
                  (event) => event.state === "on" && calendar.dayOf(event.atUs / 1000) === day && fits(calendar.hourAt(event.atUs / 1000)),
                ).length,
          ),
        );
      };
      const ratio = (entityId: string, fits: (hour: number) => boolean): number =>
        perDay(entityId, true, fits) / perDay(entityId, false, fits);
      expect(ratio("binary_sensor.hallway_motion", () => true)).toBeGreaterThan(1.5);
      expect(ratio("binary_sensor.hallway_motion", () => true)).toBeLessThan(2.3);
      expect(ratio("binary_sensor.kitchen_motion", (hour) => hour >= 22 || hour < 6)).toBeGreaterThan(1.3);
      expect(ratio("binary_sensor.living_room_motion", () => true)).toBeLessThan(1.3);
    },
  );

  test.each(SEEDS)("the office is more than a degree warmer from then on, the bedroom is not (seed %i)", (seed) => {
    const { of, home } = pastOf(seed);
    const shift = (entityId: string): number => {
      const values = (after: boolean): number[] =>
        of(entityId)
          .filter((event) => event.state !== "unavailable" && event.atUs / 1000 >= home.shape.habitChangeAtMs === after)
          .map((event) => Number(event.state));
      return mean(values(true)) - mean(values(false));
    };
    expect(shift("sensor.office_temperature")).toBeGreaterThan(0.9);
    expect(Math.abs(shift("sensor.bedroom_temperature"))).toBeLessThan(0.6);
  });

  test("how lively an hour is depends on the hour before, beyond the rhythm of the day", () => {
    const correlations = SEEDS.map((seed) => hourlyAutocorrelation(seed));
    // Counts drawn independently hour by hour would give 0.
    expect(mean(correlations)).toBeGreaterThan(0.2);
  });
});

describe("the sensors of the simulated home", () => {
  test("one comes and goes, one dies for good, and some restart together", () => {
    const { of, home } = pastOf(1);
    const outages = (entityId: string): number => of(entityId).filter((event) => event.state === "unavailable").length;
    expect(outages("binary_sensor.garden_motion")).toBeGreaterThan(50);
    const dead = of("binary_sensor.bathroom_window").at(-1);
    expect(dead).toMatchObject({ state: "unavailable", atUs: Math.floor(home.shape.sensorDeathAtMs * 1000) });
    const restarts = (entityId: string): number[] =>
      of(entityId)
        .filter((event) => event.state === "unavailable")
        .map((event) => event.atUs);
    expect(restarts("binary_sensor.hallway_motion").length).toBeGreaterThan(0);
    expect(restarts("binary_sensor.hallway_motion")).toEqual(restarts("sensor.kitchen_temperature"));
  });

  test("after an outage a sensor says again what holds then", () => {
    const events = pastOf(1).of("sensor.bedroom_temperature");
    const backs = events.flatMap((event, i) => (events[i - 1]?.state === "unavailable" ? [event] : []));
    expect(backs.length).toBeGreaterThan(0);
    for (const back of backs) expect(Number(back.state)).toBeGreaterThan(10);
  });
});

function daysOf(seed: number): number[] {
  return Array.from({ length: DAYS }, (_, i) => pastOf(seed).home.shape.firstDay + i);
}

/** Correlation of neighbouring hours by day of hallway, kitchen and living room, after the mean of each hour was taken away. */
function hourlyAutocorrelation(seed: number): number {
  const { of, home } = pastOf(seed);
  const counts = new Map<number, number[]>(Array.from({ length: 24 }, (_, hour) => [hour, new Array<number>(DAYS).fill(0)]));
  for (const entityId of ["binary_sensor.hallway_motion", "binary_sensor.kitchen_motion", "binary_sensor.living_room_motion"]) {
    for (const event of of(entityId)) {
      const day = home.calendar.dayOf(event.atUs / 1000) - home.shape.firstDay;
      const row = counts.get(Math.floor(home.calendar.hourAt(event.atUs / 1000)))!;
      if (event.state === "on" && day < DAYS) row[day] = row[day]! + 1;
    }
  }
  const usual = Array.from({ length: DAYS }, (_, day) => day).filter((day) => {
    const date = home.shape.firstDay + day;
    return home.shape.holidayOn(date) === "none" && home.calendar.weekday(date) >= 6;
  });
  const pairs: [number, number][] = [];
  for (let hour = 10; hour < 22; hour += 1) {
    const [now, next] = [counts.get(hour)!, counts.get(hour + 1)!];
    const [nowMean, nextMean] = [mean(usual.map((day) => now[day]!)), mean(usual.map((day) => next[day]!))];
    for (const day of usual) pairs.push([now[day]! - nowMean, next[day]! - nextMean]);
  }
  const product = mean(pairs.map(([a, b]) => a * b));
  return product / Math.sqrt(mean(pairs.map(([a]) => a * a)) * mean(pairs.map(([, b]) => b * b)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
}
