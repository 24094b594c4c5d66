import type { Db } from "../db.ts";
import { mapPage, type Page, type Paging, pageOf, type Range, touching, utc, when, within } from "./page.ts";

export interface ChangeQuery extends Paging, Range {
  readonly stream?: string | undefined;
  readonly isMuted?: boolean | undefined;
  readonly isWithdrawn?: boolean | undefined;
  /** What the range is of: when it was reported, or the interval in which it began. */
  readonly rangeOf?: "report" | "change" | undefined;
}

export interface ChangeItem {
  readonly id: number;
  readonly stream: string;
  readonly changeAtUtc: string;
  readonly startLowUtc: string;
  readonly startHighUtc: string;
  readonly detectedAtUtc: string;
  readonly probability: number;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  readonly withdrawnAtUtc: string | null;
  /** When the data had borne it out; a person's word is `answer`. */
  readonly confirmedAtUtc: string | null;
  /** Since when the stream was silent, where it fell silent before that. */
  readonly cutOffAtUtc: string | null;
  readonly words: string | null;
  /** What a person says of it. */
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly isMuted: boolean;
}

/** Reported changes, the newest report first. */
export function pageOfChanges(db: Db, query: ChangeQuery): Page<ChangeItem> {
  const page = pageOf<Omit<ChangeItem, "isMuted"> & { readonly isMuted: number }>(
    db,
    {
      columns: `c.id AS id, c.stream_name AS stream, ${utc("c.change_at_ms")} AS changeAtUtc, ${utc("c.start_low_ms")} AS startLowUtc,
        ${utc("c.start_high_ms")} AS startHighUtc, ${utc("c.detected_at_ms")} AS detectedAtUtc, c.probability AS probability, c.before_mean AS beforeMean,
        c.after_mean AS afterMean, ${utc("c.withdrawn_at_ms")} AS withdrawnAtUtc, ${utc("c.confirmed_at_ms")} AS confirmedAtUtc, ${utc("c.cut_off_at_ms")} AS cutOffAtUtc, c.words AS words, a.answer AS answer, a.said_by AS answeredBy,
        m.stream_name IS NOT NULL AS isMuted`,
      from: `change_points AS c LEFT JOIN change_answers AS a ON a.stream_name = c.stream_name AND a.detected_at_ms = c.detected_at_ms
        LEFT JOIN muted_streams AS m ON m.stream_name = c.stream_name`,
      order: "c.detected_at_ms DESC, c.stream_name",
      where: [
        when(query.stream, (name) => ["c.stream_name = ?", name]),
        when(query.isMuted, (isMuted) => [`m.stream_name IS ${isMuted ? "NOT " : ""}NULL`]),
        when(query.isWithdrawn, (isWithdrawn) => [`c.withdrawn_at_ms IS ${isWithdrawn ? "NOT " : ""}NULL`]),
        ...(query.rangeOf === "change" ? touching("c.start_low_ms", "c.start_high_ms", query) : within("c.detected_at_ms", query)),
      ],
    },
    query,
  );
  return mapPage(page, (item) => ({ ...item, isMuted: item.isMuted === 1 }));
}

export interface StreamItem {
  readonly stream: string;
  /** Of the entity that it is about, where it is about one. */
  readonly entityName: string | null;
  readonly unit: string | null;
  readonly model: string;
  readonly cursorUtc: string;
  readonly changeProbability: number | null;
  readonly runLengthMap: number | null;
  readonly expectedRunLength: number | null;
  readonly lastChangeUtc: string | null;
  readonly isMuted: boolean;
  readonly mutedBy: string | null;
  /** The state's summary, its likeliest runs among it. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Watched streams by name. */
export function pageOfStreams(db: Db, paging: Paging): Page<StreamItem> {
  const page = pageOf<Omit<StreamItem, "isMuted" | "summary"> & { readonly summary: string }>(
    db,
    {
      columns: `s.stream_name AS stream, e.name AS entityName, e.unit AS unit, s.model AS model, ${utc("s.cursor_ms")} AS cursorUtc, s.change_probability AS changeProbability,
        s.run_length_map AS runLengthMap, s.expected_run_length AS expectedRunLength, ${utc("s.last_change_ms")} AS lastChangeUtc,
        m.said_by AS mutedBy, s.state_json AS summary`,
      // An entity id is the part before the first colon; areas and the home have none and find no row.
      from: `bocpd_model_state AS s LEFT JOIN muted_streams AS m ON m.stream_name = s.stream_name
        LEFT JOIN entities AS e ON e.entity_id = substr(s.stream_name, 1, instr(s.stream_name || ':', ':') - 1)`,
      order: "s.stream_name",
      where: [],
    },
    paging,
  );
  return mapPage(page, ({ summary, ...item }) => ({
    ...item,
    isMuted: item.mutedBy !== null,
    summary: JSON.parse(summary) as Record<string, unknown>,
  }));
}
