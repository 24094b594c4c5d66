import { expect } from "vitest";
import { eventually, rowsOf } from "../e2e/program.ts";
import { connected, type Scene, settled } from "./scene.ts";
import { markersOf, untilAllIsStored } from "./stored.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The night in which Amsterdam's clocks go back (03:00 to 02:00), and the one in which they go forward (02:00 to 03:00). */
const NIGHTS = { back: Date.UTC(2026, 9, 25, 1), forward: Date.UTC(2026, 2, 29, 1) };

/** Faults of time itself. */
export const timeScenes: readonly Scene[] = [
  {
    fault: "the app's clock jumps by hours",
    injected: "+5 h and back again, each time in the middle of a burst and with a lost connection",
    // Broken once: without the repair at connect (src/flow/ingest/ingest.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      const during = new Set<string>();
      for (const [n, hours] of [5, -5, -3, 3].entries()) {
        source.burst(200);
        app.clock.jump(hours * HOUR_MS);
        source.burst(200);
        await untilAllIsStored(source, place.database);
        source.close(1000);
        source.burst(200);
        await connected(app, n + 2);
        source.burst(50);
        await untilAllIsStored(source, place.database);
        for (const code of markersOf(place.database)) during.add(code);
      }
      return settled(source, place.database, [...during]);
    },
  },
  {
    fault: "Home Assistant's clock jumps by hours",
    injected: "+3 h for a while and back again: events from the future, then events that are older than the newest stored",
    // Broken once: with newest rows of the future taken as they are (newestStored, src/store/tables/events.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      const during = new Set<string>();
      source.burst(200);
      source.setOffset(3 * HOUR_MS);
      source.burst(200);
      await untilAllIsStored(source, place.database);
      for (const code of markersOf(place.database)) during.add(code);
      source.setOffset(0);
      source.burst(100);
      source.close(1000);
      source.burst(200);
      await connected(app, 2);
      source.burst(100);
      return settled(source, place.database, [...during]);
    },
  },
  {
    fault: "this machine starts with a clock that is years behind",
    injected: "stopped for a while; started with the clock two years back, set right a moment later",
    // Broken once: with the whole jump taken for missed (src/app/clock-health.ts) two years are in a gap, and most of it is lost.
    async play(place) {
      const source = await place.source();
      const before = await place.appHere({ source });
      source.burst(200);
      await untilAllIsStored(source, place.database);
      await before.stop();
      source.burst(200);
      const app = await place.appHere({ source, offsetMs: -730 * 24 * HOUR_MS });
      source.burst(200);
      await untilAllIsStored(source, place.database);
      const during = markersOf(place.database);
      app.clock.jump(730 * 24 * HOUR_MS);
      source.burst(200);
      const outcome = await settled(source, place.database, during);
      await eventually(
        () => rowsOf(place.database, "SELECT 1 FROM vw_gaps WHERE reason = 'clock jumped' AND outcome = 'filled'")[0],
        "filled",
      );
      const [gap] = rowsOf<{ hours: number }>(
        place.database,
        "SELECT max((julianday(to_utc) - julianday(from_utc)) * 24) AS hours FROM vw_gaps",
      );
      expect(gap!.hours).toBeLessThan(1);
      return outcome;
    },
  },
  ...Object.entries(NIGHTS).map(
    ([direction, switchMs]): Scene => ({
      fault: `the night in which the clocks go ${direction}`,
      injected: "the app and Home Assistant live through the switch: listening before it, away over it, listening after it",
      // Broken once: with history asked for in local time (usToIso, src/hass/instants.ts) rows are lost.
      async play(place) {
        const fromMs = switchMs - 70 * MINUTE_MS;
        const offsetMs = fromMs - Date.now();
        const source = await place.source({ offsetMs });
        // A change a minute: before the night, and the whole of it, as the recorder has it.
        for (let n = -240; n < 0; n += 1) source.record("sensor.steady", `minute ${n}`, fromMs + n * MINUTE_MS);
        const app = await place.appHere({ source, offsetMs });
        source.burst(100);
        await untilAllIsStored(source, place.database);
        await source.down();
        for (let n = 1; n < 240; n += 1) source.record("sensor.steady", `minute ${n}`, fromMs + n * MINUTE_MS);
        source.setOffset(offsetMs + 4 * HOUR_MS);
        app.clock.jump(4 * HOUR_MS);
        await source.up();
        await connected(app, 2);
        source.burst(100);
        const outcome = await settled(source, place.database, []);
        const steady = rowsOf<{ ms: number }>(
          place.database,
          "SELECT updated_us / 1000 AS ms FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE e.entity_id = 'sensor.steady' AND source <> 4 ORDER BY 1",
        );
        const steps = steady.slice(1).map(({ ms }, i) => Math.round((ms - steady[i]!.ms) / MINUTE_MS));
        expect(steps.filter((step) => step !== 1)).toEqual([2]); // the one at fromMs was never said
        return outcome;
      },
    }),
  ),
];
