import { REJECTED_SENTENCES } from "../../core/labels/label.ts";
import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { getMetadata } from "./metadata.ts";
import type { TargetReadiness } from "./overview-readiness.ts";

export interface OverviewRange {
  readonly sinceMs: number;
  readonly nowMs: number;
}

export interface TargetOverview {
  readonly name: string;
  readonly prediction: {
    readonly probability: number | null;
    readonly isOn: boolean | null;
    readonly sinceUtc: string | null;
    readonly foundAtUtc: string | null;
    readonly threshold: number | null;
    readonly predictedAtUtc: string | null;
    readonly windowEndUtc: string | null;
    readonly modelVersion: number | null;
    readonly coverage: number | null;
    readonly unavailableReason: string | null;
    readonly stage: string | null;
  };
  /** probabilities[i] belongs to the window that ends at firstWindowEndUtc + i * gridMs; null = no answer for that window. */
  readonly curve: { readonly firstWindowEndUtc: string; readonly gridMs: number; readonly probabilities: readonly (number | null)[] };
  /** Why windows of the curve have no answer, each reason once. */
  readonly silences: readonly string[];
  /** Spans of windows whose prediction was `on`, as they were decided then. */
  readonly onSpans: readonly { readonly startUtc: string; readonly endUtc: string }[];
  /** Active labels that touch the asked range, oldest first. */
  readonly labels: readonly { readonly startUtc: string; readonly endUtc: string; readonly kind: string; readonly source: string }[];
  readonly labelCount: number;
  readonly newestLabel: { readonly startUtc: string; readonly endUtc: string; readonly kind: string } | null;
  /** The label said last, when it was turned down; the reason is a sentence. */
  readonly rejectedLabel: { readonly startUtc: string; readonly endUtc: string; readonly reason: string | null } | null;
  /** Start of a label whose end has not been said yet. */
  readonly openSinceUtc: string | null;
  readonly training: {
    readonly status: string;
    readonly rowCount: number | null;
    readonly dayCount: number | null;
    readonly notes: string | null;
    readonly finishedAtUtc: string | null;
    readonly logLoss: number | null;
    readonly skillVsClock: number | null;
  };
  readonly readiness: TargetReadiness | null;
}

export function readTargetOverviews(
  db: Db,
  range: OverviewRange,
  readiness: readonly TargetReadiness[],
  facts: Readonly<Record<string, string>>,
): TargetOverview[] {
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  const ids = db.all<{ id: number; name: string }>("SELECT target_id AS id, name FROM targets ORDER BY position, target_id");
  const predictions = byName(
    db.all<TargetOverview["prediction"] & { targetName: string }>(
      `SELECT target_name AS targetName, probability, is_on AS isOn, since_utc AS sinceUtc, found_at_utc AS foundAtUtc, threshold,
              predicted_at_utc AS predictedAtUtc, window_end_utc AS windowEndUtc,
              model_version AS modelVersion, coverage, unavailable_reason AS unavailableReason, stage FROM vw_clr_latest_prediction`,
    ),
  );
  const trainings = byName(
    db.all<TargetOverview["training"] & { targetName: string }>(
      `SELECT target_name AS targetName, status, row_count AS rowCount, day_count AS dayCount, notes, finished_at_utc AS finishedAtUtc,
              log_loss AS logLoss, skill_vs_clock AS skillVsClock FROM vw_clr_latest_training_result`,
    ),
  );
  return ids.map(({ id, name }) => {
    const prediction = predictions.get(name)!;
    return {
      name,
      prediction: { ...prediction, isOn: asBoolean(prediction.isOn) },
      ...readPast(db, id, gridMs, range),
      ...readLabelFacts(db, id, range),
      openSinceUtc: facts[`open_label.${name}`] || null,
      training: trainings.get(name)!,
      readiness: readiness.find((each) => each.target === name) ?? null,
    };
  });
}

/** The predictions of the windows that end in (since, now], from the first one stored on. */
function readPast(db: Db, targetId: number, gridMs: number, range: OverviewRange): Pick<TargetOverview, "curve" | "silences" | "onSpans"> {
  const rows = db.all<{ windowNo: number; probability: number | null; isOn: number | null; reason: string | null }>(
    `SELECT window_no AS windowNo, round(probability, 4) AS probability, is_on AS isOn, unavailable_reason AS reason FROM predictions
     WHERE target_id = ? AND window_no > ? AND window_no <= ? ORDER BY window_no`,
    targetId,
    Math.floor(range.sinceMs / gridMs),
    Math.floor(range.nowMs / gridMs),
  );
  const firstNo = rows[0]?.windowNo ?? Math.floor(range.nowMs / gridMs);
  const probabilities = new Array<number | null>(rows.length === 0 ? 0 : rows.at(-1)!.windowNo - firstNo + 1).fill(null);
  const spans: { fromNo: number; toNo: number }[] = [];
  for (const { windowNo, probability, isOn } of rows) {
    probabilities[windowNo - firstNo] = probability;
    if (isOn !== 1) continue;
    const open = spans.at(-1);
    if (open?.toNo === windowNo - 1) open.toNo = windowNo;
    else spans.push({ fromNo: windowNo, toNo: windowNo });
  }
  return {
    curve: { firstWindowEndUtc: isoMs(firstNo * gridMs), gridMs, probabilities },
    silences: [...new Set(rows.flatMap((row) => (row.probability === null && row.reason !== null ? [row.reason] : [])))],
    onSpans: spans.map((span) => ({ startUtc: isoMs((span.fromNo - 1) * gridMs), endUtc: isoMs(span.toNo * gridMs) })),
  };
}

function readLabelFacts(
  db: Db,
  targetId: number,
  range: OverviewRange,
): Pick<TargetOverview, "labels" | "labelCount" | "newestLabel" | "rejectedLabel"> {
  type Label = { startMs: number; endMs: number; kind: string; source: string; status: string; reason: string | null };
  const columns = "start_ms AS startMs, end_ms AS endMs, kind, source, status, reason";
  const bounds = (label: Label): { startUtc: string; endUtc: string } => ({ startUtc: isoMs(label.startMs), endUtc: isoMs(label.endMs) });
  const touching = db.all<Label>(
    `SELECT ${columns} FROM labels WHERE target_id = ? AND status = 'active' AND end_ms > ? AND start_ms < ? ORDER BY start_ms`,
    targetId,
    range.sinceMs,
    range.nowMs,
  );
  const { count } = db.get<{ count: number }>("SELECT count(*) AS count FROM labels WHERE target_id = ? AND status = 'active'", targetId)!;
  const active = db.get<Label>(
    `SELECT ${columns} FROM labels WHERE target_id = ? AND status = 'active' ORDER BY end_ms DESC LIMIT 1`,
    targetId,
  );
  const said = db.get<Label>(`SELECT ${columns} FROM labels WHERE target_id = ? ORDER BY captured_at_ms DESC, id DESC LIMIT 1`, targetId);
  return {
    labels: touching.map((label) => ({ ...bounds(label), kind: label.kind, source: label.source })),
    labelCount: count,
    newestLabel: active === undefined ? null : { ...bounds(active), kind: active.kind },
    rejectedLabel: said?.status === "rejected" ? { ...bounds(said), reason: sentenceOf(said.reason) } : null,
  };
}

function byName<T extends { targetName: string }>(rows: readonly T[]): Map<string, Omit<T, "targetName">> {
  return new Map(rows.map(({ targetName, ...row }) => [targetName, row]));
}

function asBoolean(value: unknown): boolean | null {
  return value === null ? null : Boolean(value);
}

function sentenceOf(reason: string | null): string | null {
  return Object.entries(REJECTED_SENTENCES).find(([code]) => code === reason)?.[1] ?? reason;
}
