import { existsSync, readFileSync } from "node:fs";
import { CATALOGUE_DEFAULTS } from "../src/core/features/catalogue.ts";
import { identityOf } from "../src/core/features/definition.ts";
import { entitiesRead } from "../src/flow/feature-choice.ts";
import { createFeatureStage } from "../src/flow/features.ts";
import { DEFAULT_FEATURE_OPTIONS, type StageContext } from "../src/flow/stage.ts";
import { createJumpingClock } from "../src/runtime/clock.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";
import { openForReading } from "../src/store/db.ts";
import { readEntities } from "../src/store/tables/entities.ts";
import { readFeatureSet } from "../src/store/tables/features.ts";
import { YEAR_MS } from "./event-year.ts";
import { definitionsOf } from "./feature-columns.ts";
import { entityIdOf } from "./feature-file.ts";

/** Of this very program: what getrusage says starts from the size of the process that forked it. */
function peakRssMb(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const peakKb = /^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1];
  return (peakKb === undefined ? process.resourceUsage().maxRSS : Number(peakKb)) / 1024;
}

/** One feature pass over a year of stored events, in a process of its own. */

const [path, entityCount, start] = process.argv.slice(2) as [string, string, string];
const entities = Number(entityCount);
const startMs = Number(start);
const started = performance.now();
const clock = createJumpingClock(startMs + YEAR_MS);
const writer = startWriterThread(path, (error) => {
  throw error;
});
await writer.open(clock.nowMs());
const reader = openForReading(path);
const definitions = Array.from({ length: entities }, (_, entity) => definitionsOf(entityIdOf(entity, entities))).flat();
const context: StageContext = {
  reader,
  writer,
  clock,
  options: {
    timeZone: "UTC",
    anchorHour: 12,
    gridMs: CATALOGUE_DEFAULTS.gridMs,
    targets: [],
    include: [],
    exclude: [],
    features: DEFAULT_FEATURE_OPTIONS,
    maxLabelHours: 16,
    gates: { rowsPerClass: 50, previewDays: 5, eligibleDays: 14, eligibleEpisodes: 10 },
    retention: { rawDays: 400, featureDays: 400, labelledDays: 1095 },
  },
  isCancelled: () => false,
};
const pass = createFeatureStage(context, async () => {
  const features = definitions.map((definition) => ({ name: definition.name, definition: identityOf(definition) }));
  const { setId } = await writer.write("activateFeatureSet", { features, hash: "bench", excluded: [], nowMs: clock.nowMs() });
  return { set: readFeatureSet(reader, setId)!, definitions, entities: entitiesRead(readEntities(reader), definitions) };
});
const { windows } = await pass({});
reader.close();
await writer.close(0);
process.send?.({
  seconds: (performance.now() - started) / 1000,
  rssMb: peakRssMb(),
  values: windows * definitions.length,
});
process.disconnect?.();
