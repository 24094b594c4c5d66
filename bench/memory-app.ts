import { readFileSync } from "node:fs";
import { createApp } from "../src/app.ts";
import { readConfig } from "../src/config/config.ts";
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
process.on("message", ({ stop = false }: { readonly stop?: boolean }) => {
  if (stop) void app.stop().then(() => process.exit(0));
  else process.send!({ rssMb: process.memoryUsage.rss() / 2 ** 20, anonMb: anonMb() });
});

/** What RSS holds beside pages of files, which the system may drop and share; null where it does not say. */
function anonMb(): number | null {
  if (process.platform !== "linux") return null;
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
}
