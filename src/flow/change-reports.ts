import { plotStream } from "../core/changes/plot.ts";
import { HOUR_MS, type Zone } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { type ReportedChange, readChangeReports } from "../store/tables/changes.ts";
import { readEntities } from "../store/tables/entities.ts";
import { activeFeatureSet, featureRange } from "../store/tables/features.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { createStreamHours } from "./stream-hours.ts";
import { fromLogarithm, watchedFeatures } from "./streams.ts";

/** Every report that was given, the oldest change first. */
export function listReports(reader: Db): ReportedChange[] {
  return readChangeReports(reader);
}

export interface StreamPlot {
  readonly streamName: string;
  readonly svg: string;
}

/** A plot of every stream that the active features give, with what was reported of it. */
export function* plotStreams(reader: Db, zone: Zone): Generator<StreamPlot> {
  const set = activeFeatureSet(reader);
  const range = featureRange(reader);
  if (set === null || range === null) return;
  const gridMs = Number(getMetadata(reader, "grid_ms") ?? 300_000);
  const fromMs = Math.ceil((range.firstNo * gridMs) / HOUR_MS) * HOUR_MS;
  const toMs = Math.floor((range.lastNo * gridMs) / HOUR_MS) * HOUR_MS;
  const hours = createStreamHours(reader, gridMs);
  const reports = Map.groupBy(readChangeReports(reader), ({ streamName }) => streamName);
  for (const feature of watchedFeatures(set, new Map(readEntities(reader).map((entity) => [entity.entityId, entity])))) {
    const [windows = []] = hours.read([feature], fromMs, toMs);
    const isLogarithm = feature.isLogarithm && feature.kind === "gaussian";
    const plotted = windows.map(({ endMs, value, exposure = 1 }) => {
      if (value === null) return { endMs, value };
      return { endMs, value: isLogarithm ? fromLogarithm(value) : feature.kind === "poisson" ? value / exposure : value };
    });
    yield { streamName: feature.name, svg: plotStream(feature.name, plotted, reports.get(feature.name) ?? [], zone) };
  }
}
