import { readFileSync } from "node:fs";
import { admitDatabase } from "./app/database.ts";
import { createApp } from "./app.ts";
import { readConfig } from "./config/config.ts";
import { EXIT, exitCodeOf, explain } from "./exit.ts";
import { openHome } from "./home.ts";
import { createClock, createSystemClock } from "./runtime/clock.ts";
import { createLog } from "./runtime/log.ts";

/** A stop that takes longer than this is cut short, before the Supervisor does it (after `timeout` in config.yaml): what was not stored is fetched again. */
const STOP_LIMIT_MS = 45_000;

const USAGE =
  "ml-data-layer: npm start. Settings come from the environment and from an options file (see DOCS.md); commands: npm run -s cli -- --help";

const words = process.argv.slice(2);
if (words.length > 0) {
  process.stderr.write(words.includes("--help") ? `${USAGE}\n` : `${JSON.stringify(words[0])} is not understood. ${USAGE}\n`);
  process.exit(words.includes("--help") ? EXIT.success : EXIT.usage);
}

try {
  await run();
} catch (error) {
  endWith(error);
}

function endWith(error: unknown): never {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(exitCodeOf(error));
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.options.log_level, process.stderr.isTTY === true);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  // Before anything else is opened, so that a refusal is the first word. Inside Home Assistant the app stays up to say it.
  if (!config.insideHomeAssistant) admitDatabase(config);
  const home = await openHome(config, createSystemClock().nowMs, (words) => log.warn(words));
  if (home.isSimulated) log.info("No Home Assistant is configured (HA_URL and HA_TOKEN): a simulated home is served.");
  const clockParameters = { kind: "system", offsetMs: home.clockOffsetMs } as const;
  const onFatal = (error: Error): void => {
    log.error("nothing can be stored any more; the app ends, so that whoever watches it starts it anew", { error: error.message });
    process.exit(1);
  };
  const app = createApp({
    config,
    url: home.url,
    token: home.token,
    clock: createClock(clockParameters),
    clockParameters,
    version,
    log,
    onFatal,
  });

  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    log.info("stopping", { signal });
    // Not by exit: it waits for every thread, also for one that a busy machine does not let end.
    setTimeout(() => process.kill(process.pid, "SIGKILL"), STOP_LIMIT_MS).unref();
    const missing = await app.stop();
    await home.stop();
    if (missing === null) log.info("stopped; everything received is stored");
    else log.error("stopped; not everything received is stored", { path: config.dbPath, reason: missing });
    // Whoever asks again while threads end is not waited for any more.
    for (const each of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(each);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal).catch(endWith));

  try {
    const { url } = await app.start();
    log.info("the page is served", { url });
  } catch (error) {
    // Asked to stop while starting: what was half begun fails, and the stop goes on.
    if (isStopping) return;
    await home.stop();
    throw error;
  }
}
