import { computeWindows, type Windows } from "../core/features/compute.ts";
import { type FeatureDefinition, type LookBack, lookBackMs, reachByEntity } from "../core/features/definition.ts";
import type { Change } from "../core/features/effect.ts";
import type { Gap } from "../core/features/group-pass.ts";
import { touchedWindows } from "../core/features/touched.ts";
import { DAY_MS, windowNoOf } from "../core/time.ts";
import { newestEventMs } from "../store/tables/events.ts";
import { type FeatureRow, featureRange, readFeatureRows, readFeatureSet } from "../store/tables/features.ts";
import { readGaps } from "../store/tables/gaps.ts";
import { getMetadata, metadataInstantMs } from "../store/tables/metadata.ts";
import { readStaleWindows } from "../store/tables/stale.ts";
import { noteDataBegan } from "./data-began.ts";
import { type ActiveFeatures, chooseActiveFeatures } from "./feature-choice.ts";
import { type Compute, carriedRows, wholeRows } from "./feature-rows.ts";
import { joined, type Range, type Work, workOf } from "./feature-work.ts";
import { createRowSink, ROWS_PER_WRITE } from "./row-sink.ts";
import { Cancelled, type StageContext } from "./stage.ts";
import { type Reaches, readTimelinesFor, type Timelines } from "./timelines.ts";

/** Windows computed at once: four weeks, 20 MB at 300 features; larger ones gain nothing, a cancel waits for one. */
const WINDOWS_PER_CHUNK = 8064;
/** Events read for one chunk: what a year of a busy home may take of memory. */
const EVENTS_PER_CHUNK = 500_000;
/** The newest windows that can be computed again from what is kept in memory. */
const KEPT_MS = DAY_MS;
/** Of one transaction. */
const WINDOWS_PER_DROP = 500;
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

/** What is known in a pass. */
interface Pass {
  readonly active: ActiveFeatures;
  readonly reaches: Reaches;
  readonly reach: LookBack;
  readonly dataBeganMs: number;
  readonly changes: readonly Change[];
}

/** The feature pass. It keeps the newest events in memory between passes; restarted without them it computes the same numbers. */
export function createFeatureStage(
  context: StageContext,
  choose: (context: StageContext) => Promise<ActiveFeatures | null> = chooseActiveFeatures,
): (input: FeaturesInput) => Promise<FeaturesResult> {
  const { reader, writer, clock, options } = context;
  const { gridMs } = options;
  let live: { readonly timelines: Timelines; readonly setId: number; readonly restoredAt: string | null } | null = null;

  /** Timelines for windows from one on: those that are kept where they reach so far back, else ones of its own. */
  function timelinesFor(fromNo: number, { active, reaches }: Pass, own: Timelines | null): Timelines {
    const endsMs = fromNo * gridMs;
    if (live !== null && live.timelines.coversFromMs <= endsMs) return live.timelines;
    if (own !== null && own.coversFromMs <= endsMs) return own;
    const timelines = readTimelinesFor(reader, active.entities, endsMs, reaches);
    // What reaches up to now serves the next passes, too.
    if (live === null) live = { timelines, setId: active.set.setId, restoredAt: getMetadata(reader, "restored_at") };
    return timelines;
  }

  function gapsOf({ active, reach }: Pass, fromNo: number, toNo: number): Gap[] {
    const fromMs = (fromNo - 1) * gridMs - reach.reachMs - reach.holdLastMs;
    return readGaps(reader, UNKNOWN_OUTCOMES, fromMs, toNo * gridMs).flatMap((gap) =>
      namesOf(active, gap.entityId).map((entityId) => ({ entityId, fromMs: gap.fromMs, toMs: gap.toMs })),
    );
  }

  async function work(todo: Work, pass: Pass): Promise<number> {
    const sink = createRowSink(writer, clock);
    let own: Timelines | null = null;
    for (const { fromNo, toNo } of joined([...todo.whole, ...todo.perhaps, ...todo.carried])) {
      for (let first = fromNo; first <= toNo; ) {
        if (context.isCancelled()) throw new Cancelled("the feature pass");
        const wantedNo = Math.min(toNo, first + WINDOWS_PER_CHUNK - 1);
        const timelines = timelinesFor(first, pass, own);
        if (timelines !== live?.timelines) own = timelines;
        timelines.dropBefore(Math.min(first * gridMs, timelines === live?.timelines ? clock.nowMs() - KEPT_MS : Number.POSITIVE_INFINITY));
        let reachedMs = timelines.readToMs;
        do reachedMs = timelines.advance(wantedNo * gridMs, EVENTS_PER_CHUNK);
        while (reachedMs < first * gridMs);
        const last = Math.min(wantedNo, Math.floor(reachedMs / gridMs));
        await sink.put(chunk({ fromNo: first, toNo: last }, todo, pass, timelines));
        first = last + 1;
      }
    }
    return sink.settle();
  }

  /** Features that stored windows of these sets hold: what came late cannot have changed those that are new to all of them. */
  function storedDefinitions({ set, definitions }: ActiveFeatures, setIds: readonly number[]): readonly FeatureDefinition[] {
    if (setIds.length === 0 || setIds.includes(set.setId)) return definitions;
    const held = new Set(setIds.flatMap((setId) => readFeatureSet(reader, setId)!.members.map((member) => member.featureId)));
    return definitions.filter((_, place) => held.has(set.members[place]!.featureId));
  }

  /** The rows of a chunk's windows that are to be written. */
  function* chunk({ fromNo, toNo }: Range, todo: Work, pass: Pass, timelines: Timelines): Iterable<FeatureRow> {
    const { active, changes, dataBeganMs } = pass;
    const heard = { timelines: timelines.byEntity(), gaps: gapsOf(pass, fromNo, toNo), knownFromMs: dataBeganMs };
    const compute: Compute = (definitions: readonly FeatureDefinition[], from: number, to: number): Windows =>
      computeWindows({ definitions, ...heard, fromNo: from, toNo: to, gridMs });
    const isIn = (ranges: readonly Range[]): Range[] => ranges.filter((range) => range.fromNo <= toNo && range.toNo >= fromNo);
    const marks = new Uint8Array(toNo - fromNo + 1);
    const mark = (ranges: readonly Range[], into: Uint8Array): void => {
      for (const range of isIn(ranges)) into.fill(1, Math.max(0, range.fromNo - fromNo), Math.min(toNo, range.toNo) - fromNo + 1);
    };
    const stored = isIn(todo.carried).length === 0 ? [] : readFeatureRows(reader, fromNo, toNo);
    const bySet = Map.groupBy(stored, (row) => row.setId);
    if (isIn(todo.perhaps).length > 0) {
      const definitions = storedDefinitions(active, [...bySet.keys()]);
      const touched = touchedWindows({ definitions, ...heard, changes, fromNo, toNo, gridMs });
      const allowed = new Uint8Array(marks.length);
      mark(todo.perhaps, allowed);
      for (let w = 0; w < marks.length; w++) if (touched[w] === 1 && allowed[w] === 1) marks[w] = 1;
    }
    mark(todo.whole, marks);
    const windowNos: number[] = [];
    for (let w = 0; w < marks.length; w++) if (marks[w] === 1) windowNos.push(fromNo + w);
    yield* wholeRows(active.set, active.definitions, windowNos, compute);
    for (const [setId, rows] of bySet) {
      if (setId === active.set.setId) continue;
      const kept = rows.filter((row) => marks[row.windowNo - fromNo] === 0);
      yield* carriedRows(active.set, active.definitions, readFeatureSet(reader, setId)!, kept, compute);
    }
  }

  return async (input) => {
    await writer.write("saveEntityStates", null);
    const dataBeganMs = await noteDataBegan(context);
    const active = await choose(context);
    if (dataBeganMs === null || active === null) return { windows: 0, featureSet: null };
    const { setId } = active.set;
    // Other features read other entities, and a restore in place has other events.
    if (live !== null && (live.setId !== setId || live.restoredAt !== getMetadata(reader, "restored_at"))) live = null;
    const reach = lookBackMs(active.definitions);
    if (await takeBackUncome(context)) live = null;
    const stored = featureRange(reader);
    const range = stored === null ? null : { fromNo: stored.firstNo, toNo: stored.lastNo };
    const computable = { fromNo: firstComputable(context, dataBeganMs, reach), toNo: Math.floor(clock.nowMs() / gridMs) };
    await noteOlderWindows(context, computable, range);
    await noteNewWindows(context, { fromNo: range === null ? computable.fromNo : range.toNo + 1, toNo: computable.toNo });
    const stale = readStaleWindows(reader);
    const noted = stale.flatMap(({ change }) => change ?? []);
    const changes = [...noted, ...movedHoles(reader, noted)].flatMap((change) =>
      namesOf(active, change.entityId).map((entityId) => ({ ...change, entityId })),
    );
    for (const { fromMs, toMs } of lateSpans(changes)) live?.timelines.refresh(fromMs, toMs);
    const todo = workOf({
      computable,
      stored: range,
      stale,
      rebuild: input.rebuild === true ? rebuildRange(input, computable, gridMs) : null,
      isOtherSet: getMetadata(reader, "features_carried_to_set") !== String(setId),
      gridMs,
      reachMs: reach.reachMs,
    });
    const reaches = { reachMsOf: reachByEntity(active.definitions), gridMs };
    const pass = { active, reaches, reach, dataBeganMs, changes };
    // A carry that is cut off leaves windows of two sets: whichever is in force next, all of them are looked through.
    if (todo.carried.length > 0) await writer.write("setMetadata", { features_carried_to_set: "" });
    const windows = await work(todo, pass);
    if (stale.length > 0) await writer.write("clearStaleWindows", { ids: stale.map((each) => each.id) });
    if (todo.carried.length > 0 || range === null) await writer.write("setMetadata", { features_carried_to_set: String(setId) });
    return { windows, featureSet: active.set.version };
  };
}

/**
 * A clock that was ahead has left windows whose time has not come, and would have none computed until then. What lies before the newest event
 * has come: then it is the present clock that is wrong, and everything stays. True when there were any.
 */
async function takeBackUncome({ reader, writer, clock, options }: StageContext): Promise<boolean> {
  const windowNo = Math.max(Math.floor(clock.nowMs() / options.gridMs), windowNoOf(newestEventMs(reader) ?? 0, options.gridMs));
  if ((featureRange(reader)?.lastNo ?? 0) <= windowNo) return false;
  while ((await writer.write("dropWindowsAfter", { windowNo, atMost: WINDOWS_PER_DROP })) > 0);
  return true;
}

/** A hole in what the recorder knows of an entity ends at its last row in it: one that came late may have moved that. */
function movedHoles(reader: StageContext["reader"], changes: readonly Change[]): Change[] {
  const rows = changes.filter(({ what }) => what === "rows");
  if (rows.length === 0) return [];
  const fromMs = rows.reduce((least, { fromUs }) => Math.min(least, fromUs), Number.POSITIVE_INFINITY) / 1000;
  const toMs = rows.reduce((most, { toUs }) => Math.max(most, toUs), 0) / 1000 + 1;
  const holes = readGaps(reader, ["partly"], fromMs, toMs);
  return rows.flatMap(({ entityId, fromUs, toUs }) =>
    holes
      .filter((gap) => gap.entityId === entityId && gap.fromMs * 1000 <= toUs && gap.toMs * 1000 >= fromUs)
      .map((gap): Change => ({ entityId, what: "hearing", fromUs: gap.fromMs * 1000, toUs: gap.toMs * 1000 })),
  );
}

/** The names under which features read a stored entity; null stands for all. */
function namesOf({ entities }: ActiveFeatures, storedAs: string | null): (string | null)[] {
  if (storedAs === null) return [null];
  return entities.filter((entity) => entity.storedAs === storedAs).map(({ entityId }) => entityId);
}

/** Windows before all stored ones whose events were fetched since: noted first, so that a pass that is cut off leaves no hole for ever. */
async function noteOlderWindows({ writer, clock, options }: StageContext, computable: Range, stored: Range | null): Promise<void> {
  if (stored === null) return;
  const keptFromNo = windowNoOf(clock.nowMs() - options.retention.featureDays * DAY_MS, options.gridMs);
  const older = { fromNo: Math.max(computable.fromNo, keptFromNo), toNo: stored.fromNo - 1 };
  if (older.fromNo <= older.toNo) await writer.write("noteStaleWindows", { ...older, nowMs: clock.nowMs() });
}

/**
 * From here on an event of the windows of this pass counts as late: said before the notes are read, so that whatever comes is in them or is
 * noted. Windows of more than one write are noted themselves: of writes on their way one may fail, and the hole would never be looked for.
 */
async function noteNewWindows({ writer, clock }: StageContext, { fromNo, toNo }: Range): Promise<void> {
  if (fromNo > toNo) return;
  await writer.write("setMetadata", { features_read_to: String(toNo) });
  if (toNo - fromNo >= ROWS_PER_WRITE) await writer.write("noteStaleWindows", { fromNo, toNo, nowMs: clock.nowMs() });
}

/** Spans in which rows came late, joined. */
function lateSpans(changes: readonly Change[]): { fromMs: number; toMs: number }[] {
  const rows = changes.filter(({ what }) => what === "rows");
  return joined(rows.map(({ fromUs, toUs }) => ({ fromNo: Math.floor(fromUs / 1000), toNo: Math.floor(toUs / 1000) + 1 }))).map(
    ({ fromNo, toNo }) => ({ fromMs: fromNo, toMs: toNo }),
  );
}

/** Windows whose look-back reaches behind the raw events that are kept stay as they are: computed again they would lose what was known. */
function firstComputable({ reader, options }: StageContext, dataBeganMs: number, { reachMs, holdLastMs }: LookBack): number {
  const keptFromMs = metadataInstantMs(reader, "raw_kept_from");
  const fromMs = keptFromMs === null ? dataBeganMs : Math.max(dataBeganMs, keptFromMs + reachMs + holdLastMs);
  return windowNoOf(fromMs, options.gridMs);
}

function rebuildRange({ fromMs, toMs }: FeaturesInput, computable: Range, gridMs: number): Range {
  return {
    fromNo: fromMs === undefined ? computable.fromNo : windowNoOf(fromMs, gridMs),
    toNo: toMs === undefined ? computable.toNo : Math.floor(toMs / gridMs),
  };
}
