import { reasonOf } from "../core/reason.ts";
import type { Api } from "../web/api/route.ts";
import { handleCommand } from "./commands.ts";
import type { OpenDatabase } from "./database.ts";
import type { Learning } from "./learning.ts";
import type { Life } from "./life.ts";
import type { Listening } from "./listening.ts";
import { type AppParts, NotReady } from "./parts.ts";
import { processFacts } from "./process-facts.ts";

export interface ApiParts extends AppParts {
  readonly database: OpenDatabase;
  readonly life: Pick<Life, "shown">;
  /** Null while the app starts or lets go of its file. */
  readonly learning: () => Learning | null;
  readonly listening: () => Listening | null;
}

/** What the API may ask of the running app: the same questions, commands and writes as everybody else's. */
export function createApi(parts: ApiParts): Api {
  const { database, clock, config, log } = parts;

  function begun<T>(part: T | null): T {
    if (part === null) throw new NotReady("The app is still starting. Try again in a minute.");
    return part;
  }

  const read: Api["read"] = (name, input) => database.reads.readSoon(name, input);

  return {
    read: (name, input) =>
      name === "healthReport"
        ? (parts.life.shown(() => read("healthReport", null)) as ReturnType<typeof read<typeof name>>)
        : read(name, input),
    write: (name, input) => database.writer.write(name, input),
    command: async (name, input) => handleCommand({ learning: begun(parts.learning()), listening: begun(parts.listening()) }, name, input),
    jobs() {
      const learning = parts.learning();
      const underWay = learning?.underWay() ?? null;
      return (learning?.nextRuns() ?? []).map((run) => ({
        ...run,
        share: run.runningSinceMs !== null && underWay?.stage === run.job ? underWay.share : null,
      }));
    },
    startJob(name) {
      const learning = begun(parts.learning());
      const known = learning.nextRuns().map(({ job }) => job);
      if (known.length === 0)
        throw new NotReady("The schedules have not begun yet: Home Assistant has not told its time zone. Try again when it is connected.");
      if (!known.includes(name)) throw new RangeError(`there is no job ${name}; jobs are ${known.join(", ")}`);
      void learning.runJob(name).catch((error: unknown) => log.error("a job could not be run", { job: name, reason: reasonOf(error) }));
    },
    cancelJob: (name) => begun(parts.learning()).cancelJob(name),
    openExport: (request) => database.exports.open(request),
    facts: () => processFacts(config, parts.version),
    nowMs: () => clock.nowMs(),
    timeZone: async () => config.options.time_zone ?? (await read("metadata", "time_zone")) ?? "UTC",
  };
}
