import { join } from "node:path";
import type { AppParts } from "../../src/app/parts.ts";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Environment } from "../e2e/program.ts";
import { createMovableClock, type MovableClock } from "./movable-clock.ts";
import type { Source } from "./source.ts";

/** The whole app in this process, with a clock that a test can move and whose waits are short. */
export interface AppHere {
  /** Where it answers. */
  readonly url: string;
  readonly database: string;
  readonly clock: MovableClock;
  /** What it has said, a line each. */
  readonly log: readonly string[];
  connectedTimes(): number;
  /** Codes of the degraded markers that it has set so far. */
  marked(): string[];
  stop(): Promise<string | null>;
}

export interface AppHereOptions {
  readonly folder: string;
  readonly source: Pick<Source, "url" | "token">;
  readonly environment?: Environment;
  /** Differs from the source's address where something stands between. */
  readonly url?: string;
  readonly offsetMs?: number;
  /** Waits are this many times shorter than the app asks for. */
  readonly faster?: number;
  /** Time passes this many times faster for the process of the user's apps, which hears of no jump. */
  readonly appsFaster?: number;
}

export async function startAppHere(options: AppHereOptions): Promise<AppHere> {
  const { folder, source, environment = {}, url, offsetMs = 0, faster = 30, appsFaster = 1 } = options;
  const address = url ?? source.url;
  const config = readConfig({ DATA_FOLDER: folder, HA_URL: address, HA_TOKEN: source.token, PORT: "0", ...environment });
  const clock = createMovableClock(offsetMs, faster);
  const lines: string[] = [];
  const say = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  const parts: AppParts = {
    config,
    url: address,
    token: source.token,
    clock,
    clockParameters: { kind: "system", offsetMs, ...(appsFaster === 1 ? {} : { pace: { speed: appsFaster, sinceMs: Date.now() } }) },
    version: "0.0.0",
    log: { debug: () => undefined, info: say("info"), warn: say("warn"), error: say("error") },
    onFatal: (error) => say("fatal")(error.message),
  };
  const app = createApp(parts);
  const { url: served } = await app.start();
  return {
    url: served,
    database: join(folder, "ha_ml_data_layer.db"),
    clock,
    log: lines,
    connectedTimes: () => lines.filter((line) => line.includes("connected to Home Assistant")).length,
    marked: () => [...new Set(lines.map((line) => /"code":"(\w+)"\}$/.exec(line)?.[1]).filter((code) => code !== undefined))],
    stop: () => app.stop(),
  };
}
