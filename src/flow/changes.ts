import type { StreamReport } from "../core/changes/report.ts";
import { type ChangeStream, createStream, runStream, type StreamDefinition, type StreamWindow } from "../core/changes/stream.ts";
import { decodeStream, encodeStream } from "../core/changes/stream-state.ts";
import { summarise } from "../core/changes/summary.ts";
import { UnreadableState } from "../core/changes/transfer.ts";
import { decodeCoverage, decodeValues } from "../core/features/encode.ts";
import { HOUR_MS } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { type ChangeReport, readStreamStates, type StreamState } from "../store/tables/changes.ts";
import { activeFeatureSet, featureRange, readFeatureRows, readFeatureSet } from "../store/tables/features.ts";
import { readStaleWindows } from "../store/tables/stale.ts";
import { Cancelled, type StageContext } from "./stage.ts";
import { fromLogarithm, type WatchedFeature, watchedFeatures } from "./streams.ts";

/** Windows read at once. */
const WINDOWS_PER_READ = 2016;

interface Watching {
  readonly feature: WatchedFeature;
  stream: ChangeStream;
  readonly cursorMs: number;
  readonly windows: StreamWindow[];
}

/**
 * Steps every stream through the hours that are complete and new. State, cursor and reports are written together, so that a restart goes on
 * where this ended; an hour once consumed is not looked at again, whatever comes late.
 */
export async function watchChanges(context: StageContext): Promise<{ steps: number; streams: number; changes: number }> {
  const { reader, writer, clock, options } = context;
  const set = activeFeatureSet(reader);
  const range = featureRange(reader);
  if (set === null || range === null) return { steps: 0, streams: 0, changes: 0 };
  const runId = await writer.write("startChangeRun", { startedAtMs: clock.nowMs() });
  const finish = (
    status: "completed" | "failed",
    notes: string,
    steps: number,
    streams: readonly StreamState[],
    reports: readonly ChangeReport[],
  ) => writer.write("finishChangeRun", { runId, status, finishedAtMs: clock.nowMs(), stepCount: steps, notes, streams, reports });
  try {
    const untilMs = completeUntilMs(reader, range.lastNo, options.gridMs);
    const watching = watchingOf(reader, watchedFeatures(set), options.timeZone, range.firstNo * options.gridMs);
    readHours(context, watching, untilMs);
    const reports: ChangeReport[] = [];
    let steps = 0;
    for (const each of watching) {
      if (context.isCancelled()) throw new Cancelled("the change stage");
      const stepped = runStream(each.stream, each.windows);
      each.stream = stepped.state;
      steps += each.windows.length;
      reports.push(...stepped.reports.flatMap((report) => storedReport(each.feature, report, untilMs)));
    }
    const moved = watching.filter((each) => each.windows.length > 0);
    const changes = await finish(
      "completed",
      "",
      steps,
      moved.map((each) => storedState(each, untilMs)),
      reports,
    );
    return { steps, streams: watching.length, changes };
  } catch (error) {
    await finish("failed", error instanceof Error ? error.message : String(error), 0, [], []);
    throw error;
  }
}

/** The last whole hour whose windows are stored and wait for no late events. */
function completeUntilMs(reader: Db, lastNo: number, gridMs: number): number {
  const staleFrom = Math.min(...readStaleWindows(reader).map((stale) => stale.fromNo), lastNo + 1);
  return Math.floor(((staleFrom - 1) * gridMs) / HOUR_MS) * HOUR_MS;
}

function watchingOf(reader: Db, features: readonly WatchedFeature[], timeZone: string, beganMs: number): Watching[] {
  const states = new Map(readStreamStates(reader).map((state) => [state.streamName, state]));
  return features.map((feature) => {
    const definition = { name: feature.name, kind: feature.kind, timeZone };
    const known = states.get(feature.name);
    const resumed = known === undefined ? null : resume(definition, known.state);
    const beginsMs = Math.ceil(beganMs / HOUR_MS) * HOUR_MS;
    return {
      feature,
      stream: resumed ?? createStream(definition),
      cursorMs: resumed === null ? beginsMs : (known?.cursorMs ?? beginsMs),
      windows: [],
    };
  });
}

/** The stored stream, or null where it is of other settings, another zone or another version: it is derived again from the stored windows. */
function resume(definition: StreamDefinition, state: Uint8Array): ChangeStream | null {
  try {
    return decodeStream(definition, state);
  } catch (error) {
    if (error instanceof UnreadableState) return null;
    throw error;
  }
}

/** Fills the hours after each stream's cursor from the stored windows, oldest first. */
function readHours({ reader, options }: StageContext, watching: readonly Watching[], untilMs: number): void {
  const { gridMs } = options;
  const fromMs = Math.min(...watching.map((each) => each.cursorMs));
  const hours = createHours(reader);
  for (let startMs = fromMs; startMs < untilMs; startMs += WINDOWS_PER_READ * gridMs) {
    const endMs = Math.min(untilMs, startMs + WINDOWS_PER_READ * gridMs);
    const rows = new Map(readFeatureRows(reader, startMs / gridMs + 1, endMs / gridMs).map((row) => [row.windowNo, row]));
    for (let hourMs = startMs + HOUR_MS; hourMs <= endMs; hourMs += HOUR_MS) {
      for (const each of watching) {
        if (hourMs <= each.cursorMs) continue;
        const { feature } = each;
        let sum = 0;
        let exposure = 0;
        const parts = HOUR_MS / feature.horizonMs;
        for (let part = 0; part < parts; part += 1) {
          const row = rows.get((hourMs - part * feature.horizonMs) / gridMs);
          const cell = row === undefined ? null : hours(row.setId, row.windowNo, row.valuesJson, row.coverageJson, feature.featureId);
          if (cell === null || Number.isNaN(cell.value)) sum = Number.NaN;
          else {
            sum += feature.isLogarithm && feature.kind === "poisson" ? fromLogarithm(cell.value) : cell.value;
            exposure += cell.coverage / parts;
          }
        }
        const isKnown = !Number.isNaN(sum) && exposure > 0;
        if (!isKnown) each.windows.push({ endMs: hourMs, value: null });
        else if (feature.kind === "poisson") each.windows.push({ endMs: hourMs, value: Math.round(sum), exposure: Math.min(1, exposure) });
        else each.windows.push({ endMs: hourMs, value: sum / parts });
      }
    }
  }
}

type Cell = { readonly value: number; readonly coverage: number } | null;

/** Looks a feature up in stored rows of any set; a row is decoded once for all features asked for in turn. */
function createHours(
  reader: Db,
): (setId: number, windowNo: number, valuesJson: string, coverageJson: string | null, featureId: number) => Cell {
  const places = new Map<number, { readonly length: number; readonly of: ReadonlyMap<number, number> }>();
  const decoded = new Map<number, { readonly values: Float64Array; readonly coverage: Uint8Array }>();
  return (setId, windowNo, valuesJson, coverageJson, featureId) => {
    let set = places.get(setId);
    if (set === undefined) {
      const members = readFeatureSet(reader, setId)?.members ?? [];
      set = { length: members.length, of: new Map(members.map((member, index) => [member.featureId, index])) };
      places.set(setId, set);
    }
    const place = set.of.get(featureId);
    if (place === undefined) return null;
    let row = decoded.get(windowNo);
    if (row === undefined) {
      if (decoded.size > 64) decoded.clear();
      row = { values: decodeValues(valuesJson, set.length), coverage: decodeCoverage(coverageJson, set.length) };
      decoded.set(windowNo, row);
    }
    return { value: row.values[place]!, coverage: row.coverage[place]! / 100 };
  };
}

function storedState({ feature, stream }: Watching, cursorMs: number): StreamState {
  const summary = summarise(stream);
  return {
    streamName: feature.name,
    featureName: feature.name,
    model: feature.kind,
    cursorMs,
    hazardRate: summary.hazard_rate,
    state: encodeStream(stream),
    stateJson: JSON.stringify(summary),
    runLengthMap: summary.run_length_map,
    expectedRunLength: summary.expected_run_length,
    changeProbability: summary.change_probability,
    lastChangeMs: summary.last_change_utc === null ? null : Date.parse(summary.last_change_utc),
  };
}

/** Levels that were watched as logarithms are told in their own unit; a count is never below nothing by a rounding. */
function storedReport(feature: WatchedFeature, report: StreamReport, atMs: number): ChangeReport[] {
  if (report.kind === "gap") return [];
  const own = (mean: number): number => {
    if (feature.kind === "poisson") return Math.max(0, Number(mean.toPrecision(7)));
    return Number((feature.isLogarithm ? fromLogarithm(mean) : mean).toPrecision(7));
  };
  return [
    {
      streamName: feature.name,
      changeAtMs: report.startMs,
      startLowMs: report.startLowMs,
      startHighMs: report.startHighMs,
      probability: report.probability,
      beforeMean: own(report.beforeMean),
      afterMean: own(report.afterMean),
      detectedAtMs: report.detectedAtMs,
      withdrawnAtMs: report.kind === "withdrawn" ? atMs : null,
    },
  ];
}
