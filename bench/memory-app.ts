import { createApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { createClock } from "../src/runtime/clock.ts";
import { createLog } from "../src/runtime/log.ts";

/** The whole app as main.ts makes it, its clock aside: an hour of the home passes in a minute. */

const [url, dataFolder, speed, sinceMs] = process.argv.slice(2) as [string, string, string, string];
const config = readConfig({ HA_URL: url, HA_TOKEN: "token", DATA_FOLDER: dataFolder, PORT: "0" });
const clockParameters = { kind: "system", offsetMs: 0, pace: { speed: Number(speed), sinceMs: Number(sinceMs) } } as const;
const app = createApp({
  config,
  url,
  token: "token",
  clock: createClock(clockParameters),
  clockParameters,
  version: "bench",
  log: createLog("warning", false),
  onFatal: (error) => {
    throw error;
  },
});
await app.start();
process.on("message", () => process.send!({ rssMb: process.memoryUsage.rss() / 2 ** 20 }));
