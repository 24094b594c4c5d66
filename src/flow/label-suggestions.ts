import { reachOf, suggestSpan, type UsualSpan, usualSpan } from "../core/changes/suggest.ts";
import { readDefinition } from "../core/features/definition.ts";
import { decodeValues } from "../core/features/encode.ts";
import { createZone } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { activeFeatureSet, featureRange, readFeatureRows, readFeatureSet } from "../store/tables/features.ts";
import { readLabels, readTargets } from "../store/tables/labels.ts";
import { readStaleWindows } from "../store/tables/stale.ts";
import { readSuggestedDays, type Suggestion } from "../store/tables/suggestions.ts";
import type { StageContext } from "./stage.ts";

/** Days looked back: older nights nobody remembers. */
const DAYS_BACK = 7;

/**
 * Looks at each recent night without a label once: where activity fell and rose near the usual times, that span is put aside for the
 * person to confirm. Nothing reads it but the command that lists it.
 */
export async function suggestLabels({ reader, writer, clock, options }: StageContext): Promise<number> {
  const { gridMs } = options;
  const range = featureRange(reader);
  const feature = activityFeature(reader);
  if (range === null || feature === null) return 0;
  const computedNo = readStaleWindows(reader).reduce((least, { fromNo }) => Math.min(least, fromNo - 1), range.lastNo);
  const zone = createZone(options.timeZone);
  const today = zone.dayAt(clock.nowMs(), options.anchorHour);
  const suggestions: Suggestion[] = [];
  for (const { targetId, retiredAtMs } of readTargets(reader)) {
    const labels = readLabels(reader, targetId).filter((label) => label.status === "active");
    const usual = usualSpan(
      labels
        .filter((label) => label.kind === "positive")
        .map((label): UsualSpan => {
          const dayMs = zone.dayStartMs(zone.dayAt(label.startMs, options.anchorHour), options.anchorHour);
          return { startAfterMs: label.startMs - dayMs, endAfterMs: label.endMs - dayMs };
        }),
    );
    if (usual === null || retiredAtMs !== null) continue;
    const looked = readSuggestedDays(reader, targetId);
    for (let day = today - DAYS_BACK; day <= today; day += 1) {
      const dayMs = zone.dayStartMs(day, options.anchorHour);
      const { fromMs, toMs } = reachOf(dayMs, usual);
      const isLabelled = labels.some((label) => label.startMs < dayMs + usual.endAfterMs && label.endMs > dayMs + usual.startAfterMs);
      const firstNo = Math.floor(fromMs / gridMs);
      const lastNo = Math.ceil(toMs / gridMs);
      if (isLabelled || looked.has(day) || firstNo < range.firstNo || lastNo > computedNo) continue;
      const activity = activityOf(reader, feature, firstNo + 1, lastNo);
      const span = suggestSpan(activity, { fromMs: firstNo * gridMs, gridMs, dayMs, usual });
      suggestions.push({ targetId, day, startMs: span?.startMs ?? null, endMs: span?.endMs ?? null, suggestedAtMs: clock.nowMs() });
    }
  }
  if (suggestions.length > 0) await writer.write("putSuggestions", { suggestions });
  return suggestions.filter((suggestion) => suggestion.startMs !== null).length;
}

/** The activity of the whole home over the shortest look-back: it feels a change at once. */
function activityFeature(reader: Db): number | null {
  const found = (activeFeatureSet(reader)?.members ?? []).flatMap(({ featureId, name, definition: text }) => {
    const definition = readDefinition(name, text);
    return definition.kind === "activity_count" && definition.group === "home" ? [{ featureId, horizonMs: definition.horizonMs }] : [];
  });
  return found.toSorted((a, b) => a.horizonMs - b.horizonMs)[0]?.featureId ?? null;
}

function activityOf(reader: Db, featureId: number, fromNo: number, toNo: number): (number | null)[] {
  const values = Array.from({ length: toNo - fromNo + 1 }, (): number | null => null);
  for (const row of readFeatureRows(reader, fromNo, toNo)) {
    const members = readFeatureSet(reader, row.setId)?.members ?? [];
    const place = members.findIndex((member) => member.featureId === featureId);
    const value = place < 0 ? Number.NaN : decodeValues(row.valuesJson, members.length)[place]!;
    values[row.windowNo - fromNo] = Number.isNaN(value) ? null : value;
  }
  return values;
}
