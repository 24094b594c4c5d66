import { computeWindows, MINIMUM_COVERAGE } from "../core/features/compute.ts";
import { type LookBack, lookBackMs } from "../core/features/definition.ts";
import { encodeCoverage, encodeValues } from "../core/features/encode.ts";
import { isoMs, windowNoOf } from "../core/time.ts";
import { fetchedFromMs, firstEventMs } from "../store/tables/events.ts";
import { type FeatureRow, featureRange, readStaleWindows } from "../store/tables/features.ts";
import { readGaps } from "../store/tables/gaps.ts";
import { metadataInstantMs } from "../store/tables/metadata.ts";
import { type ActiveFeatures, chooseActiveFeatures } from "./feature-choice.ts";
import { Cancelled, type StageContext } from "./stage.ts";
import { readTimelines, type Timelines } from "./timelines.ts";

/** Windows computed at once: four weeks, 20 MB at 300 features; larger ones gain nothing, a cancel waits for one. */
const WINDOWS_PER_CHUNK = 8064;
/** Rows of one write: far below the writer's 50 ms. */
const ROWS_PER_WRITE = 200;
/** Outcomes that leave a span unknown. */
const UNKNOWN_OUTCOMES = ["open", "partly", "lost"] as const;

export interface FeaturesInput {
  /** Compute stored windows of the range again (default: all). */
  readonly rebuild?: boolean;
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface FeaturesResult {
  readonly windows: number;
  readonly featureSet: string | null;
}

interface Range {
  readonly fromNo: number;
  readonly toNo: number;
}

/** The feature pass. It keeps the newest events in memory between passes; restarted without them it computes the same numbers. */
export function createFeatureStage(context: StageContext): (input: FeaturesInput) => Promise<FeaturesResult> {
  const { reader, writer, clock, options } = context;
  let kept: { readonly timelines: Timelines; readonly setId: number; readonly toNo: number } | null = null;

  async function compute(range: Range, active: ActiveFeatures, reach: LookBack, dataBeganMs: number): Promise<number> {
    const { gridMs } = options;
    const before = kept !== null && kept.setId === active.set.setId && kept.toNo + 1 === range.fromNo ? kept : null;
    const backMs = reach.reachMs + reach.holdLastMs + gridMs;
    const timelines = before?.timelines ?? readTimelines(reader, active.entities, range.fromNo * gridMs - backMs);
    let written = 0;
    for (let fromNo = range.fromNo; fromNo <= range.toNo; fromNo += WINDOWS_PER_CHUNK) {
      if (context.isCancelled()) throw new Cancelled("the feature pass");
      const toNo = Math.min(range.toNo, fromNo + WINDOWS_PER_CHUNK - 1);
      // From here on, an event of these windows counts as late: it may miss what is read now.
      await writer.write("setMetadata", { features_read_to: String(toNo) });
      timelines.dropBefore(fromNo * gridMs - backMs);
      timelines.advance(toNo * gridMs);
      const windows = computeWindows({
        definitions: active.definitions,
        timelines: timelines.byEntity(),
        fromNo,
        toNo,
        gridMs,
        knownFromMs: dataBeganMs,
        gaps: readGaps(reader, UNKNOWN_OUTCOMES, fromNo * gridMs - backMs, toNo * gridMs),
        minimumCoverage: MINIMUM_COVERAGE,
      });
      const rows: FeatureRow[] = [];
      const seen = active.definitions.flatMap((definition, position) => (definition.group === "clock" ? [] : [position]));
      for (let i = 0; i <= toNo - fromNo; i += 1) {
        const known = seen.reduce((count, position) => count + Number(!Number.isNaN(windows.values[position]![i]!)), 0);
        rows.push({
          coverage: seen.length === 0 ? 1 : known / seen.length,
          windowNo: fromNo + i,
          setId: active.set.setId,
          valuesJson: encodeValues(windows.values.map((column) => column[i]!)),
          coverageJson: encodeCoverage(windows.coverage.map((column) => column[i]!)),
          availableAtMs: Math.ceil(windows.availableAtMs[i]!),
        });
      }
      for (let i = 0; i < rows.length; i += ROWS_PER_WRITE) {
        await writer.write("putFeatures", { rows: rows.slice(i, i + ROWS_PER_WRITE), nowMs: clock.nowMs() });
      }
      written += rows.length;
    }
    kept = { timelines, setId: active.set.setId, toNo: range.toNo };
    return written;
  }

  return async (input) => {
    await writer.write("saveEntityStates", null);
    const dataBeganMs = await noteDataBegan(context);
    const active = await chooseActiveFeatures(context);
    if (dataBeganMs === null || active === null) return { windows: 0, featureSet: null };
    const reach = lookBackMs(active.definitions);
    const firstNo = firstComputable(context, dataBeganMs, reach);
    const lastNo = Math.floor(clock.nowMs() / options.gridMs);
    const stored = featureRange(reader);
    const stale = readStaleWindows(reader);
    const ranges = rangesToCompute(
      input,
      { firstNo, lastNo, storedTo: stored?.lastNo ?? firstNo - 1, gridMs: options.gridMs },
      stale,
      active.isNew,
    );
    // What was read before cannot hold an event that came late.
    if (stale.length > 0) kept = null;
    let windows = 0;
    for (const range of ranges) windows += await compute(range, active, reach, dataBeganMs);
    if (stale.length > 0) await writer.write("clearStaleWindows", { ids: stale.map((each) => each.id) });
    return { windows, featureSet: active.set.version };
  };
}

/** Windows whose look-back reaches behind the raw events that are kept stay as they are: computed again they would lose what was known. */
function firstComputable({ reader, options }: StageContext, dataBeganMs: number, { reachMs, holdLastMs }: LookBack): number {
  const keptFromMs = metadataInstantMs(reader, "raw_kept_from");
  const fromMs = keptFromMs === null ? dataBeganMs : Math.max(dataBeganMs, keptFromMs + reachMs + holdLastMs);
  return windowNoOf(fromMs, options.gridMs);
}

/** When the stored past begins. Trimming old events does not move it: windows that were computed stay what they are. */
async function noteDataBegan({ reader, writer }: StageContext): Promise<number | null> {
  const known = metadataInstantMs(reader, "data_began_at");
  // A state that has held for months is older than all that is known of the others: what was fetched or heard decides.
  const first = fetchedFromMs(reader) ?? metadataInstantMs(reader, "backfill_done_at") ?? firstEventMs(reader);
  if (first === null || (known !== null && known <= first)) return known;
  await writer.write("setMetadata", { data_began_at: isoMs(Math.floor(first)) });
  return Math.floor(first);
}

/** What a pass has to do, oldest first: stale windows and new ones; all of them when the feature set changed or it was asked for. */
export function rangesToCompute(
  input: FeaturesInput,
  known: { readonly firstNo: number; readonly lastNo: number; readonly storedTo: number; readonly gridMs: number },
  stale: readonly Range[],
  isNewSet: boolean,
): Range[] {
  const { firstNo, lastNo, storedTo, gridMs } = known;
  const wanted: Range[] = [{ fromNo: storedTo + 1, toNo: lastNo }, ...stale];
  if (input.rebuild === true || isNewSet) {
    wanted.push({
      fromNo: input.fromMs === undefined ? firstNo : windowNoOf(input.fromMs, gridMs),
      toNo: input.toMs === undefined ? lastNo : Math.floor(input.toMs / gridMs),
    });
  }
  const inside = wanted
    .map((range) => ({ fromNo: Math.max(range.fromNo, firstNo), toNo: Math.min(range.toNo, lastNo) }))
    .filter((range) => range.fromNo <= range.toNo)
    .sort((a, b) => a.fromNo - b.fromNo);
  const joined: { fromNo: number; toNo: number }[] = [];
  for (const range of inside) {
    const last = joined.at(-1);
    if (last !== undefined && range.fromNo <= last.toNo + 1) last.toNo = Math.max(last.toNo, range.toNo);
    else joined.push({ ...range });
  }
  return joined;
}
