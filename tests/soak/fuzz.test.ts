import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { endAll, eventually } from "../e2e/program.ts";
import { createFuzz, type Fuzz } from "../failures/fuzz.ts";
import { isListening } from "../failures/process-scenes.ts";
import { listening, playPlace } from "../failures/scene.ts";

/** A million mutated messages. SOAK_SEED plays a run again; SOAK_MESSAGES makes it a shorter one. */

const seed = Number(process.env["SOAK_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGES = Number(process.env["SOAK_MESSAGES"] ?? 1_000_000);
/** One in fifty is spoilt as text, which ends the connection: the slow part. */
const TEXTS = Math.round(MESSAGES / 50);
const VALUES = MESSAGES - TEXTS;
const SAMPLES = 40;
/** What the second half of the run may add to the process's memory, MB. */
const FLAT_MB = 25;
const TIME_LIMIT_MS = 40 * 60_000;

afterAll(endAll);

const settled = (fuzz: Fuzz, database: string): Promise<unknown> =>
  eventually(() => (fuzz.compare(database).missing.length === 0 ? true : null), "all that is valid is stored", 60_000).catch(
    () => undefined,
  );

test(
  `${VALUES} messages with changed values: no crash, no wrong row, memory flat (seed ${seed})`,
  async () => {
    await playPlace(async (place) => {
      const source = await place.source();
      const app = place.appProcess(source);
      await isListening(app);
      await eventually(() => (source.isHeard() ? true : null), "somebody is subscribed");
      const fuzz = createFuzz(source, seed);
      const samples: number[] = [];
      for (let n = 0; n < SAMPLES; n += 1) {
        await fuzz.values(Math.round(VALUES / SAMPLES));
        samples.push(residentMb(app.pid));
      }
      await settled(fuzz, place.database);
      const { wrong, missing } = fuzz.compare(place.database);
      const connections = app.stderr().match(/"connected to Home Assistant"/g)?.length;
      const [half, end] = [median(samples.slice(SAMPLES / 2, SAMPLES / 2 + 5)), median(samples.slice(-5))];
      process.stdout.write(
        `fuzz of values (seed ${seed}): ${JSON.stringify(fuzz.counts)}, ${connections} connection, RSS ${half} MB at half, ${end} MB at the end\n`,
      );
      expect({ wrong, missing, connections }).toEqual({ wrong: [], missing: [], connections: 1 });
      expect(end - half).toBeLessThan(FLAT_MB);
      expect((await app.stop("SIGTERM")).code).toBe(0);
    });
  },
  TIME_LIMIT_MS,
);

test(
  `${TEXTS} messages with spoilt text: no crash, no wrong row (seed ${seed})`,
  async () => {
    await playPlace(async (place) => {
      const source = await place.source();
      const app = await place.appHere({ source, faster: 1_000 });
      await listening(app, source, 1);
      const fuzz = createFuzz(source, seed + 1);
      await fuzz.texts(TEXTS);
      source.close(1000);
      await settled(fuzz, place.database);
      process.stdout.write(`fuzz of texts (seed ${seed}): ${JSON.stringify(fuzz.counts)}, ${app.connectedTimes()} connections\n`);
      expect(fuzz.compare(place.database)).toEqual({ wrong: [], missing: [] });
    });
  },
  TIME_LIMIT_MS,
);

function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
