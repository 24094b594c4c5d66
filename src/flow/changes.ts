import { STREAM_SETTINGS } from "../core/changes/settings.ts";
import { type ChangeStream, createStream, runStream, type StreamDefinition } from "../core/changes/stream.ts";
import { decodeStream, encodeStream } from "../core/changes/stream-state.ts";
import { summarise } from "../core/changes/summary.ts";
import { UnreadableState } from "../core/changes/transfer.ts";
import { reasonOf } from "../core/reason.ts";
import { createZone, DAY_MS, HOUR_MS } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { type ChangeReport, readStreamStates, type StreamState } from "../store/tables/changes.ts";
import { readEntities } from "../store/tables/entities.ts";
import { activeFeatureSet, featureRange } from "../store/tables/features.ts";
import { readStaleWindows } from "../store/tables/stale.ts";
import { own, tellReport } from "./change-words.ts";
import { Cancelled, type StageContext } from "./stage.ts";
import { createStreamHours } from "./stream-hours.ts";
import { type WatchedFeature, watchedFeatures } from "./streams.ts";

/** Hours read at once. */
const HOURS_PER_READ = 168;

interface Watching {
  readonly feature: WatchedFeature;
  stream: ChangeStream;
  /** Whole hours up to which the stream has consumed. */
  readonly cursorMs: number;
  /** The stream was begun anew, and can report from here on: what it reported since is said again, or no longer. */
  readonly derivedFromMs: number | null;
}

/**
 * Steps every stream through the hours that are complete and new. States, cursors and reports are written together, so that a restart goes on
 * where this ended. An hour waits while one of its windows does; once consumed it is not looked at again, whatever comes late.
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
    // Before that only labelled windows are kept, with holes between them.
    const beganMs = Math.max(range.firstNo * options.gridMs, clock.nowMs() - options.retention.featureDays * DAY_MS);
    const untilMs = completeUntilMs(reader, range.lastNo, options.gridMs);
    const facts = new Map(readEntities(reader).map((entity) => [entity.entityId, entity]));
    const watching = watchingOf(reader, watchedFeatures(set, facts), options.timeZone, beganMs);
    const { steps, reports } = stepAll(context, watching, untilMs);
    const moved = watching.filter((each) => each.cursorMs < untilMs);
    const changes = await finish(
      "completed",
      "",
      steps,
      moved.map((each) => storedState(each, untilMs)),
      reports,
    );
    return { steps, streams: watching.length, changes };
  } catch (error) {
    await finish("failed", reasonOf(error), 0, [], []);
    throw error;
  }
}

/** Runs each stream from its cursor to `untilMs`, a week of all streams at a time: a year of hundreds of streams never lies in memory. */
function stepAll(
  context: StageContext,
  watching: readonly Watching[],
  untilMs: number,
): { readonly steps: number; readonly reports: readonly ChangeReport[] } {
  const { reader, options } = context;
  const zone = createZone(options.timeZone);
  const hours = createStreamHours(reader, options.gridMs);
  const features = watching.map((each) => each.feature);
  const reports: ChangeReport[] = [];
  let steps = 0;
  const beginMs = Math.min(untilMs, ...watching.map((each) => each.cursorMs));
  for (let fromMs = beginMs; fromMs < untilMs; fromMs += HOURS_PER_READ * HOUR_MS) {
    if (context.isCancelled()) throw new Cancelled("the change stage");
    const read = hours.read(features, fromMs, Math.min(untilMs, fromMs + HOURS_PER_READ * HOUR_MS));
    for (const [k, each] of watching.entries()) {
      const fresh = read[k]!.filter((hour) => hour.endMs > each.cursorMs);
      const stepped = runStream(each.stream, fresh);
      each.stream = stepped.state;
      steps += fresh.length;
      for (const report of stepped.reports) {
        if (report.kind !== "gap") reports.push(tellReport(each.feature, report, hours, zone));
      }
    }
  }
  return { steps, reports };
}

/** The last whole hour whose windows are stored and wait for no late events. */
function completeUntilMs(reader: Db, lastNo: number, gridMs: number): number {
  const staleFrom = readStaleWindows(reader).reduce((least, { fromNo }) => Math.min(least, fromNo), lastNo + 1);
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
      // What was reported before it has learned could not be found again: it stands.
      derivedFromMs: resumed === null && known !== undefined ? beginsMs + STREAM_SETTINGS.learningDays * DAY_MS : null,
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

export function storedState(
  { feature, stream, derivedFromMs }: Pick<Watching, "feature" | "stream" | "derivedFromMs">,
  cursorMs: number,
): StreamState {
  const told = summarise(stream);
  const summary = { ...told, current_mean: told.current_mean === null ? null : own(feature, told.current_mean) };
  return {
    streamName: feature.name,
    derivedFromMs,
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
