import { type Label, type LabelKind, REJECTED_SENTENCES, type RejectedReason } from "../../core/labels/label.ts";
import type { Db } from "../db.ts";
import { mapPage, type Page, type Paging, pageOf, type Range, touching, utc, when } from "./page.ts";

export interface LabelQuery extends Paging, Range {
  readonly target?: string | undefined;
  readonly kind?: string | undefined;
  readonly status?: string | undefined;
  readonly id?: number | undefined;
}

export interface LabelItem {
  readonly id: number;
  readonly target: string;
  readonly startUtc: string;
  readonly endUtc: string;
  readonly localDate: string;
  readonly timeZone: string;
  readonly kind: LabelKind;
  readonly source: string;
  readonly capturedAtUtc: string;
  readonly saidBy: string | null;
  readonly status: Label["status"];
  /** Why it was turned down, as a sentence. */
  readonly reason: string | null;
}

const COLUMNS = `t.name AS target, ${utc("l.start_ms")} AS startUtc, ${utc("l.end_ms")} AS endUtc, l.local_date AS localDate, l.time_zone AS timeZone, l.kind AS kind,
  l.source AS source, ${utc("l.captured_at_ms")} AS capturedAtUtc, l.said_by AS saidBy`;

const asked = ({ target, kind, fromMs, toMs }: LabelQuery) => [
  when(target, (name) => ["t.name = ?", name]),
  when(kind, (value) => ["l.kind = ?", value]),
  ...touching("l.start_ms", "l.end_ms", { fromMs, toMs }),
];

/** Labels that stand or were turned down, the latest end first. */
export function pageOfLabels(db: Db, query: LabelQuery): Page<LabelItem> {
  const page = pageOf<LabelItem>(
    db,
    {
      columns: `l.id AS id, ${COLUMNS}, l.status AS status, l.reason AS reason`,
      from: "labels AS l JOIN targets AS t ON t.target_id = l.target_id",
      order: "l.end_ms DESC, l.id",
      where: [...asked(query), when(query.status, (value) => ["l.status = ?", value]), when(query.id, (value) => ["l.id = ?", value])],
    },
    query,
  );
  return mapPage(page, (item) => ({ ...item, reason: REJECTED_SENTENCES[item.reason as RejectedReason] ?? item.reason }));
}

export interface PastLabelItem extends Omit<LabelItem, "id" | "status" | "reason"> {
  /** By which it can be said again. */
  readonly historyId: number;
  readonly labelId: number;
  readonly replacedAtUtc: string;
  readonly replacedBy: string;
}

/** Labels that no longer count, the one replaced last first. */
export function pageOfLabelHistory(db: Db, query: LabelQuery): Page<PastLabelItem> {
  return pageOf<PastLabelItem>(
    db,
    {
      columns: `l.id AS historyId, l.label_id AS labelId, ${COLUMNS}, ${utc("l.replaced_at_ms")} AS replacedAtUtc, l.replaced_by AS replacedBy`,
      from: "label_history AS l JOIN targets AS t ON t.target_id = l.target_id",
      order: "l.id DESC",
      where: [...asked(query), when(query.id, (value) => ["l.label_id = ?", value])],
    },
    query,
  );
}

export interface SuggestionItem {
  readonly id: number;
  readonly target: string;
  readonly startUtc: string;
  readonly endUtc: string;
  readonly suggestedAtUtc: string;
}

/** Nights that no label says anything about yet, the latest first. */
export function pageOfSuggestions(db: Db, query: Pick<LabelQuery, "target" | "limit" | "offset">): Page<SuggestionItem> {
  return pageOf<SuggestionItem>(
    db,
    {
      columns: `s.id AS id, t.name AS target, ${utc("s.start_ms")} AS startUtc, ${utc("s.end_ms")} AS endUtc, ${utc("s.suggested_at_ms")} AS suggestedAtUtc`,
      from: "label_suggestions AS s JOIN targets AS t ON t.target_id = s.target_id",
      order: "s.start_ms DESC",
      where: [
        ["s.start_ms IS NOT NULL"],
        [
          "NOT EXISTS (SELECT 1 FROM labels AS l WHERE l.target_id = s.target_id AND l.status = 'active' AND l.start_ms < s.end_ms AND l.end_ms > s.start_ms)",
        ],
        when(query.target, (name) => ["t.name = ?", name]),
      ],
    },
    query,
  );
}
