import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";
import { HOUR_MS, MINUTE_MS } from "../core/time.ts";
import type { Log } from "../runtime/log.ts";
import { freeBytes } from "../store/backup-files.ts";
import { isCorrupt } from "../store/db.ts";
import type { OpenDatabase } from "./database.ts";
import { FILE_CODES, judgeFile } from "./file-judgement.ts";
import type { Markers } from "./markers.ts";

export interface FileWatchParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: OpenDatabase;
  readonly markers: Markers;
  /** A question failed in a way that says the file is damaged. */
  readonly onDamage: (words: string) => void;
}

const BLOCK_BYTES = 512;
const DAY_MS = 24 * HOUR_MS;
/** What was written in less time says nothing about a day. */
const SHORTEST_MS = 10 * MINUTE_MS;

/** Looks at the file, its log and its disk every minute, and says what is not as it should be. Returns the function that ends it. */
export function watchFile({ config, clock, log, database, markers, onDamage }: FileWatchParts): () => void {
  const { path, writer } = database;
  const folder = dirname(path);
  const written = createDayMeter();
  let isStopped = false;

  async function look(): Promise<void> {
    const nowMs = clock.nowMs();
    const { logBytes, unusedBytes, sizeForecast, lastBackupMs } = await writer.figures();
    if (isStopped) return;
    const databaseBytes = statSync(path).size;
    const diskFreeBytes = freeBytes(folder);
    const perDay = written.at(nowMs, process.resourceUsage().fsWrite * BLOCK_BYTES);
    const facts = {
      folder,
      backupFolder: config.backupFolder,
      databaseBytes,
      logBytes,
      diskFreeBytes,
      forecastBytes: sizeForecast === 0 ? null : sizeForecast,
      lastBackupAtMs: lastBackupMs,
      nowMs,
    };
    // Before the figures: on a full disk they are refused each time, and nobody would say why.
    const found = judgeFile(facts);
    for (const marker of found) await markers.mark(marker);
    for (const code of FILE_CODES) if (!found.some((marker) => marker.code === code)) await markers.clear(code);
    await writer.write("setHealth", {
      database_bytes: databaseBytes,
      log_bytes: logBytes,
      unused_bytes: unusedBytes,
      disk_free_bytes: diskFreeBytes,
      ...(perDay === null ? {} : { written_bytes_per_day: Math.round(perDay) }),
    });
  }

  const lookNow = (): void =>
    void look().catch((error: unknown) => {
      if (isStopped) return;
      if (isCorrupt(error)) onDamage(reasonOf(error));
      log.error("looking at the file failed", { reason: reasonOf(error) });
    });
  lookNow();
  const stop = clock.timer(MINUTE_MS, lookNow);
  return () => {
    isStopped = true;
    stop();
  };
}

/** Bytes a day, by what a counter that only grows showed over the last day; null while that is too short a time. */
export function createDayMeter(): { at(nowMs: number, total: number): number | null } {
  const shown: { readonly atMs: number; readonly total: number }[] = [];
  return {
    at(nowMs, total) {
      if (shown.length === 0 || nowMs - shown.at(-1)!.atMs >= SHORTEST_MS) shown.push({ atMs: nowMs, total });
      while (shown.length > 1 && shown[1]!.atMs <= nowMs - DAY_MS) shown.shift();
      const first = shown[0]!;
      const spanMs = nowMs - first.atMs;
      return spanMs < SHORTEST_MS ? null : ((total - first.total) * DAY_MS) / spanMs;
    },
  };
}
