import type { StreamWindow } from "../core/changes/stream.ts";
import { decodeCoverage, decodeValues } from "../core/features/encode.ts";
import { HOUR_MS } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { readFeatureRows, readFeatureSet } from "../store/tables/features.ts";
import { fromLogarithm, type WatchedFeature } from "./streams.ts";

/** A feature's number in a row and its coverage, 0 to 1; null where the row's set does not hold the feature. */
type Cell = { readonly value: number; readonly coverage: number } | null;

interface Row {
  readonly values: Float64Array;
  readonly coverage: Uint8Array;
  readonly placeOf: ReadonlyMap<number, number>;
}

export interface StreamHours {
  /** The hours of each feature that end after `fromMs` and by `toMs`, both whole hours, oldest first. */
  read(features: readonly WatchedFeature[], fromMs: number, toMs: number): StreamWindow[][];
}

/** Tells hours from the stored windows; one that is not stored, or whose feature is not covered, is not known. */
export function createStreamHours(reader: Db, gridMs: number): StreamHours {
  const sets = new Map<number, ReadonlyMap<number, number>>();
  const placesOf = (setId: number): ReadonlyMap<number, number> => {
    const known = sets.get(setId);
    if (known !== undefined) return known;
    const places = new Map((readFeatureSet(reader, setId)?.members ?? []).map((member, index) => [member.featureId, index]));
    sets.set(setId, places);
    return places;
  };
  return {
    read(features, fromMs, toMs) {
      const stepMs = Math.min(HOUR_MS, ...features.map((feature) => feature.horizonMs));
      const rows = new Map<number, Row>();
      const every = stepMs % gridMs === 0 ? stepMs / gridMs : 1;
      for (const { windowNo, setId, valuesJson, coverageJson } of readFeatureRows(reader, fromMs / gridMs + 1, toMs / gridMs, every)) {
        if ((windowNo * gridMs) % stepMs !== 0) continue;
        const placeOf = placesOf(setId);
        const length = placeOf.size;
        rows.set(windowNo, { placeOf, values: decodeValues(valuesJson, length), coverage: decodeCoverage(coverageJson, length) });
      }
      const cellOf = (endMs: number, { featureId }: WatchedFeature): Cell => {
        const row = rows.get(endMs / gridMs);
        const place = row?.placeOf.get(featureId);
        return row === undefined || place === undefined ? null : { value: row.values[place]!, coverage: row.coverage[place]! / 100 };
      };
      return features.map((feature) => {
        const hours: StreamWindow[] = [];
        for (let endMs = fromMs + HOUR_MS; endMs <= toMs; endMs += HOUR_MS)
          hours.push(hourOf(feature, endMs, (atMs) => cellOf(atMs, feature)));
        return hours;
      });
    },
  };
}

/** Of several entities together so much must be known: one that is missing, perhaps the busiest of many, is a hole and not a change of habit. */
function leastKnown(members: number): number {
  return members > 1 ? Math.max(0.9, 1 - 0.5 / members) : 0;
}

/** One hour from its windows one look-back apart: counts add up, levels and shares are means. */
export function hourOf(
  { kind, horizonMs, members, isLogarithm }: Pick<WatchedFeature, "kind" | "horizonMs" | "members" | "isLogarithm">,
  endMs: number,
  cellAt: (atMs: number) => Cell,
): StreamWindow {
  const parts = HOUR_MS / horizonMs;
  let sum = 0;
  let exposure = 0;
  for (let part = 0; part < parts; part += 1) {
    const cell = cellAt(endMs - part * horizonMs);
    if (cell === null || Number.isNaN(cell.value)) return { endMs, value: null };
    sum += isLogarithm && kind === "poisson" ? fromLogarithm(cell.value) : cell.value;
    exposure += cell.coverage / parts;
  }
  if (!(exposure > 0) || exposure < leastKnown(members)) return { endMs, value: null };
  if (kind === "poisson") return { endMs, value: Math.round(sum), exposure: Math.min(1, exposure) };
  // Of a share only so much was seen; a level is what it is.
  return kind === "ratio" ? { endMs, value: sum / parts, exposure: Math.min(1, exposure) } : { endMs, value: sum / parts };
}
