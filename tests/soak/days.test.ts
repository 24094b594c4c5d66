import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { builtOf } from "../../bench/built.ts";
import { changesOfHome } from "../../bench/changes-of-home.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { type Db, openForReading } from "../../src/store/db.ts";
import { AS_STARTED, eventually } from "../e2e/program.ts";

/**
 * Days of a home of 1,500 entities and half a million changes a day, with a restart of each side a day. Time passes `SOAK_SPEED` times as fast
 * (120); SOAK_HOURS makes it shorter (72).
 */

const HOURS = Number(process.env["SOAK_HOURS"] ?? 72);
const SPEED = Number(process.env["SOAK_SPEED"] ?? 120);
const ENTITIES = 1500;
const BENCH = join(import.meta.dirname, "../../bench");
const SAMPLE_MS = 5 * MINUTE_MS;
/** What a start fetches and compiles is no leak. */
const WARM_MS = 3 * HOUR_MS;
const AWAY_MS = 4 * MINUTE_MS;
const GRID_MS = 5 * MINUTE_MS;

interface Memory {
  readonly atMs: number;
  readonly mb: number;
}

/** A process and what it answers, one question at a time. */
function startProcess(
  file: string,
  words: readonly string[],
): { ask<T>(question: object | null): Promise<T>; readonly child: ChildProcess } {
  // Its memory is that of a process that is started as the app is.
  const child = fork(file, words, { execArgv: [...AS_STARTED], env: { ...process.env, MALLOC_ARENA_MAX: "1" } });
  return {
    child,
    ask<T>(question: object | null): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const ended = (code: number | null): void => reject(new Error(`${file} ended with code ${code}`));
        child.once("exit", ended);
        child.once("message", (answer) => {
          child.off("exit", ended);
          resolve(answer as T);
        });
        if (question !== null) child.send(question);
      });
    },
  };
}

/** Least squares of MB against days: what it grows a day, and how far single values lie from the line. */
function slopeOf(samples: readonly Memory[]): { readonly mbPerDay: number; readonly noiseMb: number } {
  const n = samples.length;
  const [meanAt, meanMb] = [samples.reduce((sum, { atMs }) => sum + atMs, 0) / n, samples.reduce((sum, { mb }) => sum + mb, 0) / n];
  const spread = samples.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  const slope = samples.reduce((sum, { atMs, mb }) => sum + (atMs - meanAt) * (mb - meanMb), 0) / spread;
  const rest = samples.reduce((sum, { atMs, mb }) => sum + (mb - meanMb - slope * (atMs - meanAt)) ** 2, 0);
  return { mbPerDay: slope * DAY_MS, noiseMb: Math.sqrt(rest / (n - 2)) };
}

const usedBytes = (db: Db): number =>
  (Number(db.pragma("page_count")) - Number(db.pragma("freelist_count"))) * Number(db.pragma("page_size"));
const healthOf = (db: Db, key: string): number =>
  Number(db.get<{ value: string }>("SELECT value FROM health WHERE key = ?", key)?.value ?? 0);

test(`${HOURS} hours of ${ENTITIES} entities with a restart of each side a day: memory flat, nothing lost, every schedule kept, growth as forecast`, {
  timeout: (HOURS * HOUR_MS) / SPEED + 900_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-days-"));
  const path = join(folder, "ha_ml_data_layer.db");
  const sinceMs = Date.now();
  const nowMs = (): number => sinceMs + (Date.now() - sinceMs) * SPEED;
  const { atMsOf, idOf, numberAt, stateAt } = changesOfHome(ENTITIES, sinceMs);
  const home = startProcess(join(BENCH, "memory-home.ts"), [String(ENTITIES), String(SPEED), String(sinceMs)]);
  const { url } = await home.ask<{ url: string }>(null);
  const program = await builtOf("memory-app");
  const startApp = () => startProcess(program, [url, folder, String(SPEED), String(sinceMs)]);
  const withFile = <T>(look: (db: Db) => T): T => {
    const db = openForReading(path);
    try {
      return look(db);
    } finally {
      db.close();
    }
  };
  const lives: Memory[][] = [[]];
  const downtimes: { readonly fromMs: number; readonly toMs: number }[] = [];
  let app = startApp();
  let forecast: { readonly atMs: number; readonly bytes: number; readonly perDay: number } | null = null;
  try {
    await eventually(
      () => {
        try {
          return withFile((db) => db.get("SELECT 1 FROM metadata WHERE key = 'backfill_done_at'"));
        } catch {
          return null;
        }
      },
      "the past is there",
      300_000,
    );
    const startedMs = nowMs();
    const endsMs = startedMs + HOURS * HOUR_MS;
    // At other hours than the daily jobs, and apart from each other.
    let appRestartMs = startedMs + 9 * HOUR_MS;
    let homeRestartMs = startedMs + 17 * HOUR_MS;
    for (let sampleAtMs = startedMs; nowMs() < endsMs; sampleAtMs += SAMPLE_MS) {
      await pause(Math.max(0, (sampleAtMs - nowMs()) / SPEED));
      const { anonMb, rssMb } = await app.ask<{ rssMb: number; anonMb: number | null }>({ ask: true });
      lives.at(-1)!.push({ atMs: nowMs(), mb: anonMb ?? rssMb });
      if (nowMs() >= homeRestartMs) {
        homeRestartMs += DAY_MS;
        await home.ask({ awayMs: AWAY_MS });
      }
      if (nowMs() >= appRestartMs) {
        appRestartMs += DAY_MS;
        const fromMs = nowMs();
        const gone = new Promise((resolve) => app.child.once("exit", resolve));
        app.child.send({ stop: true });
        await gone;
        app = startApp();
        downtimes.push({ fromMs, toMs: nowMs() });
        lives.push([]);
      }
      const perDay = withFile((db) => healthOf(db, "size_growth_per_day"));
      // The first nightly look after half a day says what a day will cost.
      if (forecast === null && perDay > 0 && nowMs() > startedMs + DAY_MS / 2)
        forecast = { atMs: nowMs(), bytes: withFile(usedBytes), perDay };
    }

    const { sent } = await home.ask<{ sent: number }>({});
    await eventually(
      () => withFile((db) => db.get("SELECT 1 FROM raw_events WHERE updated_us >= ?", atMsOf(sent - 1) * 1000)),
      "the last change is stored",
      120_000,
    );
    await eventually(() => withFile((db) => db.get("SELECT 1 FROM vw_health WHERE gaps_open = 0")), "no gap is open", 300_000);
    const grown = forecast === null ? null : { days: (nowMs() - forecast.atMs) / DAY_MS, bytes: withFile(usedBytes) - forecast.bytes };
    const stoppedMs = nowMs();
    const gone = new Promise((resolve) => app.child.once("exit", resolve));
    app.child.send({ stop: true });
    await gone;

    const memory = lives.flatMap((samples, life) => {
      const late = samples.filter(({ atMs }) => atMs > samples[0]!.atMs + WARM_MS);
      if (late.length < 24) return [];
      const { mbPerDay, noiseMb } = slopeOf(late);
      const level = late.reduce((sum, { mb }) => sum + mb, 0) / late.length;
      const spanDays = (late.at(-1)!.atMs - late[0]!.atMs) / DAY_MS;
      process.stdout.write(
        `\nlife ${life + 1}: ${level.toFixed(1)} MB, ${mbPerDay.toFixed(2)} MB a day, noise ${noiseMb.toFixed(2)} MB, over ${(spanDays * 24).toFixed(1)} hours\n`,
      );
      return [{ life, risenMb: mbPerDay * spanDays, noiseMb }];
    });
    const growth = forecast !== null && grown !== null && grown.days > 0.5 ? grown.bytes / (forecast.perDay * grown.days) : null;
    if (growth !== null)
      process.stdout.write(
        `growth: ${(forecast!.perDay / 1e6).toFixed(1)} MB a day forecast, ${(grown!.bytes / grown!.days / 1e6).toFixed(1)} measured over ${grown!.days.toFixed(1)} days, ${growth.toFixed(3)} of it\n`,
      );

    withFile((db) => {
      const rows = db.prepare(
        `SELECT e.entity_id AS entityId, r.updated_us AS us, r.state FROM raw_events r JOIN entities e ON e.id = r.entity_id
           WHERE r.source NOT IN (2, 4) AND r.updated_us < ? ORDER BY r.updated_us`,
      );
      const first = numberAt(atMsOf(0));
      const wrong: object[] = [];
      let n = first;
      for (const row of rows.iterate(atMsOf(sent) * 1000) as Iterable<{ entityId: string; us: number; state: string }>) {
        const isSaid = row.us === atMsOf(n) * 1000 && row.entityId === idOf(n % ENTITIES) && row.state === stateAt(n);
        if (!isSaid && wrong.length < 5) wrong.push({ n, row });
        n += 1;
      }
      process.stdout.write(`\n${sent} changes said, ${n} stored\n`);
      expect({ stored: n, wrong }).toEqual({ stored: sent, wrong: [] });

      // What the first start runs by itself has no due time of the clock.
      const receipts = db.all<{ job: string; dueMs: number; status: string }>(
        "SELECT job, due_at_ms AS dueMs, status FROM schedule_runs WHERE due_at_ms % 60000 = 0 ORDER BY job, due_at_ms",
      );
      const byStatus = Object.groupBy(receipts, ({ job, status }) => `${job} ${status}`);
      process.stdout.write(
        `${Object.entries(byStatus)
          .map(([key, each]) => `${key}: ${each!.length}`)
          .join(", ")}\n`,
      );
      // What the last stop cut off would be done at the next start.
      const isCutOff = (status: string, dueMs: number): boolean => status === "interrupted" && dueMs > stoppedMs - GRID_MS;
      const wasDown = (dueMs: number): boolean =>
        downtimes.some(({ fromMs, toMs }) => dueMs >= fromMs - GRID_MS && dueMs <= toMs + GRID_MS);
      // A restart that lasts beyond the next due time leaves what it cut off to that run, and the receipt says interrupted for good.
      const isMadeUp = ({ job, status, dueMs }: (typeof receipts)[number]): boolean =>
        status === "interrupted" &&
        wasDown(dueMs) &&
        receipts.find((each) => each.job === job && each.dueMs > dueMs && each.status !== "missed")?.status === "completed";
      const isKept = (receipt: (typeof receipts)[number]): boolean =>
        ["completed", "missed"].includes(receipt.status) || isCutOff(receipt.status, receipt.dueMs) || isMadeUp(receipt);
      expect(receipts.filter((receipt) => !isKept(receipt))).toEqual([]);
      expect(receipts.filter(({ status, dueMs }) => status === "missed" && !wasDown(dueMs))).toEqual([]);
      const passes = receipts.filter(({ job }) => job === "features").map(({ dueMs }) => dueMs);
      expect(passes.filter((dueMs, i) => i > 0 && dueMs - passes[i - 1]! !== GRID_MS)).toEqual([]);
      expect(passes.at(-1)!).toBeGreaterThan(endsMs - 2 * GRID_MS);
      for (const job of ["maintenance", "backup", "train"]) {
        const days = receipts.filter((each) => each.job === job).map(({ dueMs }) => Math.floor(dueMs / DAY_MS));
        expect([job, new Set(days).size]).toEqual([job, days.length]);
        if (HOURS >= 24) expect(days.length).toBeGreaterThanOrEqual(Math.floor(HOURS / 24));
      }
    });

    // Within the noise: over the span that was looked at, the line rises by less than single values lie apart.
    expect(memory.filter(({ risenMb, noiseMb }) => risenMb > 2 * noiseMb)).toEqual([]);
    if (growth !== null) expect(Math.abs(growth - 1)).toBeLessThan(0.1);
  } finally {
    app.child.kill("SIGKILL");
    home.child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
