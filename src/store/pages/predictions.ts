import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { getMetadata } from "../tables/metadata.ts";
import { ON_OFF_INSTANTS } from "../tables/models.ts";
import { mapPage, type Page, type Paging, pageOf, type Range } from "./page.ts";

export interface PredictionQuery extends Paging, Range {
  readonly targetId: number;
}

export interface PredictionItem {
  readonly windowEndUtc: string;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  /** Of `isOn`: when it began, null where it was so at the first answer after a hole, and the end of the window that told so. */
  readonly sinceUtc: string | null;
  readonly foundAtUtc: string | null;
  readonly threshold: number;
  readonly stage: string;
  readonly modelVersion: number | null;
  readonly coverage: number;
  readonly unavailableReason: string | null;
  readonly predictedAtUtc: string;
  /** What moved it most, in logits. */
  readonly contributions: readonly { readonly feature: string; readonly logits: number }[];
}

interface Row {
  readonly windowNo: number;
  readonly probability: number | null;
  readonly isOn: number | null;
  readonly sinceMs: number | null;
  readonly foundAtMs: number | null;
  readonly threshold: number;
  readonly stage: string;
  readonly modelVersion: number | null;
  readonly coverage: number;
  readonly unavailableReason: string | null;
  readonly predictedAtMs: number;
  readonly contributions: string | null;
}

/** What was said of each window then, the newest first. */
export function pageOfPredictions(db: Db, { targetId, fromMs, toMs, ...paging }: PredictionQuery): Page<PredictionItem> {
  const gridMs = gridOf(db);
  const page = pageOf<Row>(
    db,
    {
      columns: `p.window_no AS windowNo, p.probability, p.is_on AS isOn, p.threshold, p.stage,
        (SELECT model_version FROM clr_model_artifacts AS a WHERE a.id = p.artifact_id) AS modelVersion, p.coverage,
        p.unavailable_reason AS unavailableReason, p.predicted_at_ms AS predictedAtMs, p.contributions_json AS contributions,
        ${ON_OFF_INSTANTS}`,
      from: "predictions AS p",
      order: "p.window_no DESC",
      where: [
        ["p.target_id = ?", targetId],
        fromMs === undefined ? null : ["p.window_no >= ?", Math.ceil(fromMs / gridMs)],
        toMs === undefined ? null : ["p.window_no < ?", Math.ceil(toMs / gridMs)],
      ],
    },
    paging,
  );
  return mapPage(page, ({ windowNo, isOn, sinceMs, foundAtMs, predictedAtMs, contributions, ...row }) => ({
    ...row,
    windowEndUtc: isoMs(windowNo * gridMs),
    isOn: isOn === null ? null : isOn === 1,
    sinceUtc: sinceMs === null ? null : isoMs(sinceMs),
    foundAtUtc: foundAtMs === null ? null : isoMs(foundAtMs),
    predictedAtUtc: isoMs(predictedAtMs),
    contributions: ((JSON.parse(contributions ?? "[]") ?? []) as [string, number][]).map(([feature, logits]) => ({ feature, logits })),
  }));
}

export interface CurveQuery {
  readonly targetId: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly columns: number;
}

/** One part of a curve: least, most and mean of its windows, null where none has an answer, and how many of them were on. */
export interface CurveColumn {
  readonly endMs: number;
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  readonly windows: number;
  readonly on: number;
}

export interface Curve {
  readonly gridMs: number;
  /** Windows in a part. */
  readonly everyWindows: number;
  readonly columns: readonly CurveColumn[];
}

/** A target's probability over a range in so many parts: extremes stay, so that no peak is lost by zooming out. */
export function readCurve(db: Db, { targetId, fromMs, toMs, columns }: CurveQuery): Curve {
  const gridMs = gridOf(db);
  const firstNo = Math.floor(fromMs / gridMs) + 1;
  const lastNo = Math.floor(toMs / gridMs);
  const everyWindows = Math.max(1, Math.ceil((lastNo - firstNo + 1) / columns));
  // A search of the index for each part: grouped in one statement, SQLite would sort all windows of the range.
  const inPart = "FROM predictions INDEXED BY predictions_curve WHERE target_id = ? AND window_no BETWEEN ? AND ?";
  const part = db.prepare(
    `SELECT round(min(probability), 4) AS least, round(max(probability), 4) AS most, round(avg(probability), 4) AS mean, count(*) AS windows,
            coalesce(sum(is_on), 0) AS "on" ${inPart}`,
  );
  const newest = db.prepare(`SELECT max(window_no) ${inPart}`).pluck(true);
  const found: CurveColumn[] = [];
  for (let no = firstNo; no <= lastNo; no += everyWindows) {
    const toNo = Math.min(lastNo, no + everyWindows - 1);
    const column = part.get(targetId, no, toNo) as Omit<CurveColumn, "endMs">;
    if (column.windows === 0) continue;
    // Asked for only where windows are missing: each figure of a row costs as much as the row itself.
    const endNo = column.windows === toNo - no + 1 ? toNo : (newest.get(targetId, no, toNo) as number);
    found.push({ endMs: endNo * gridMs, ...column });
  }
  return { gridMs, everyWindows, columns: found };
}

function gridOf(db: Db): number {
  return Number(getMetadata(db, "grid_ms") ?? 300_000);
}
