import { type Config, readConfig } from "../config/config.ts";
import type { StateEvent } from "../core/events/event.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { fetchAgain } from "../flow/ingest/again.ts";
import { withAttributes } from "../flow/ingest/attributes.ts";
import type { BackfillProgress } from "../flow/ingest/backfill.ts";
import { createChoice } from "../flow/ingest/choice.ts";
import { createFetcher } from "../flow/ingest/fetcher.ts";
import type { StageContext } from "../flow/stage.ts";
import { createHome, type Home } from "../hass/home.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { askRunningApp } from "../runtime/control.ts";
import { progressLine } from "../runtime/progress.ts";
import { targetOptions } from "../runtime/stage-options.ts";
import { openForReading } from "../store/db.ts";
import { isOwned } from "../store/ownership.ts";
import { readEntities } from "../store/tables/entities.ts";
import { helpersOf } from "../store/tables/labels.ts";
import { readBackfill } from "../store/tables/overview.ts";
import { askOrRun } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { homeZone } from "./home-zone.ts";
import { optionTime } from "./said-time.ts";

const DAY_MS = 86_400_000;
const CONNECT_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 500;

interface Range {
  readonly fromMs?: number;
  readonly toMs?: number;
}

export const backfillCommand: Command = {
  name: "backfill",
  usage: "backfill [--from INSTANT] [--to INSTANT] [--json]",
  summary:
    "Fetches a span of Home Assistant's history again; what is stored already stays as it is. Without a span: all that the recorder has.",
  async run(words, environment) {
    const { values } = readWords(words, { from: { type: "string" }, to: { type: "string" }, json: { type: "boolean" } }, this.usage, 0);
    const zone = (): string => homeZone(environment).timeZone;
    const range = rangeOf(optionTime(values.from, "from", zone), optionTime(values.to, "to", zone), createSystemClock().nowMs());
    const config = readConfig(environment);
    const result = isOwned(config.dbPath) ? await throughApp(config, range) : await alone(environment, config, range);
    if (values.json) printJson(result);
    else process.stdout.write(`inserted: ${result.inserted}\n`);
    return EXIT.success;
  },
};

/** @throws WrongUsage when there is no such span. */
function rangeOf(fromMs: number | undefined, toMs: number | undefined, nowMs: number): Range {
  const iso = (ms: number): string => new Date(ms).toISOString();
  if (fromMs !== undefined && fromMs >= (toMs ?? nowMs)) {
    throw new WrongUsage(
      toMs === undefined
        ? `--from is ${iso(fromMs)}, which is still to come. Give an instant that has passed.`
        : `--from (${iso(fromMs)}) must lie before --to (${iso(toMs)}). Perhaps the two are swapped.`,
    );
  }
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}

/** The app does it; how far it is stands in the database. */
async function throughApp({ dbPath }: Config, range: Range): Promise<{ inserted: number }> {
  const clock = createSystemClock();
  const bar = progressLine(clock, "fetching history");
  const reader = openForReading(dbPath);
  const stopLooking = clock.timer(LOOK_EVERY_MS, () => {
    const progress = readBackfill(reader);
    if (progress !== null && progress.totalDays > 0) {
      const share = progress.fetchedDays / progress.totalDays;
      bar.show({ share, rows: progress.rows, unit: "new events", ...(progress.leftMs === null ? {} : { leftMs: progress.leftMs }) });
    }
  });
  try {
    return (await askRunningApp(dbPath, "backfill", range)) as { inserted: number };
  } finally {
    stopLooking();
    reader.close();
    bar.end();
  }
}

function alone(environment: Environment, config: Config, range: Range): Promise<{ inserted: number }> {
  return askOrRun(environment, "backfill", range, async (context) => {
    const { home: source } = config;
    if (source.kind === "simulated") {
      throw new Error(
        "No Home Assistant is configured (HA_URL and HA_TOKEN), and the simulated home lives in the running app. Start the app (npm start), then call this again.",
      );
    }
    const home = await connect(source.url, source.token);
    try {
      return { inserted: await fetchAlone(context, home, config, range) };
    } finally {
      await home.stop();
    }
  });
}

async function connect(url: string, token: string): Promise<Home> {
  const clock = createSystemClock();
  const connected = Promise.withResolvers<void>();
  let words = "it did not answer";
  const home = createHome({
    url,
    token,
    clock,
    onState(state) {
      if (state.kind === "connected") connected.resolve();
      if (state.kind === "waiting" || state.kind === "authFailed") words = state.words;
      if (state.kind === "authFailed") connected.reject(new Error(state.words));
    },
  });
  const limit = AbortSignal.timeout(CONNECT_LIMIT_MS);
  limit.addEventListener("abort", () => connected.reject(new Error(`No connection to Home Assistant within 30 s: ${words}`)));
  try {
    home.start();
    await connected.promise;
    return home;
  } catch (error) {
    await home.stop();
    throw error;
  }
}

async function fetchAlone({ reader, writer, clock }: StageContext, home: Home, config: Config, range: Range): Promise<number> {
  const { include, exclude, attributes, backfill_days: days } = config.options;
  const always = targetOptions(config.options).flatMap(helpersOf);
  const chooser = createChoice({ include, exclude, always, attributes });
  chooser.learn(readEntities(reader));
  const derived = withAttributes(home, chooser.attributesOf);
  const entityIds = (await derived.states()).map((state) => state.entityId).filter(chooser.isChosen);
  const bar = progressLine(clock, "fetching history");
  const nowMs = Math.floor(clock.nowMs());
  const ports = {
    fetcher: createFetcher(derived, clock),
    clock,
    store: { write: (events: readonly StateEvent[]) => writer.write("insertEvents", { events, nowMs: clock.nowMs() }) },
    onProgress: (progress: BackfillProgress) => bar.show({ ...progress, unit: "new events" }),
  };
  try {
    const span = { entityIds, fromMs: Math.floor(range.fromMs ?? nowMs - days * DAY_MS), toMs: Math.floor(range.toMs ?? nowMs) };
    return await fetchAgain(ports, span, new AbortController().signal);
  } finally {
    bar.end();
  }
}
