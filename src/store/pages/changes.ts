import { slugOf } from "../../core/features/names.ts";
import type { Db } from "../db.ts";
import { mapPage, type Page, type Paging, pageOf, type Range, touching, utc, when, within } from "./page.ts";

export interface ChangeQuery extends Paging, Range {
  readonly stream?: string | undefined;
  readonly isMuted?: boolean | undefined;
  readonly isWithdrawn?: boolean | undefined;
  /** Whether a person says that it is wrong. */
  readonly isRejected?: boolean | undefined;
  /** What the range is of: when it was reported, or the interval in which it began. */
  readonly rangeOf?: "report" | "change" | undefined;
}

/** Of what a stream tells, for words about it. */
interface Subject {
  readonly stream: string;
  /** Of the entity that it is about, where it is about one. */
  readonly entityName: string | null;
  readonly areaName: string | null;
  readonly unit: string | null;
}

export interface ChangeItem extends Subject {
  readonly id: number;
  /** Null where the stream is watched no longer. */
  readonly model: string | null;
  readonly changeAtUtc: string;
  readonly startLowUtc: string;
  readonly startHighUtc: string;
  readonly detectedAtUtc: string;
  readonly probability: number;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  /** The part of the day that it is in, with its own means; null: the whole day, or not known. */
  readonly dayPart: string | null;
  readonly partBeforeMean: number | null;
  readonly partAfterMean: number | null;
  readonly withdrawnAtUtc: string | null;
  /** When the data had borne it out; a person's word is `answer`. */
  readonly confirmedAtUtc: string | null;
  /** Since when the stream was silent, where it fell silent before that. */
  readonly cutOffAtUtc: string | null;
  readonly words: string | null;
  /** What a person says of it. */
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly answeredAtUtc: string | null;
  readonly isMuted: boolean;
}

/** Joins the entity that a stream is about: its id is the part before the first colon; areas and the home have none and find no row. */
const entityOf = (stream: string): string =>
  `LEFT JOIN entities AS e ON e.entity_id = substr(${stream}, 1, instr(${stream} || ':', ':') - 1)`;

/** Reported changes, the newest report first. */
export function pageOfChanges(db: Db, query: ChangeQuery): Page<ChangeItem> {
  const page = pageOf<Omit<ChangeItem, "isMuted" | "areaName"> & { readonly isMuted: number }>(
    db,
    {
      columns: `c.id AS id, c.stream_name AS stream, e.name AS entityName, e.unit AS unit, s.model AS model, ${utc("c.change_at_ms")} AS changeAtUtc,
        ${utc("c.start_low_ms")} AS startLowUtc, ${utc("c.start_high_ms")} AS startHighUtc, ${utc("c.detected_at_ms")} AS detectedAtUtc,
        c.probability AS probability, c.before_mean AS beforeMean, c.after_mean AS afterMean, c.day_part AS dayPart,
        c.part_before_mean AS partBeforeMean, c.part_after_mean AS partAfterMean, ${utc("c.withdrawn_at_ms")} AS withdrawnAtUtc,
        ${utc("c.confirmed_at_ms")} AS confirmedAtUtc, ${utc("c.cut_off_at_ms")} AS cutOffAtUtc, c.words AS words,
        a.answer AS answer, a.said_by AS answeredBy, ${utc("a.said_at_ms")} AS answeredAtUtc, m.stream_name IS NOT NULL AS isMuted`,
      from: `change_points AS c LEFT JOIN change_answers AS a ON a.stream_name = c.stream_name AND a.detected_at_ms = c.detected_at_ms
        LEFT JOIN muted_streams AS m ON m.stream_name = c.stream_name LEFT JOIN bocpd_model_state AS s ON s.stream_name = c.stream_name
        ${entityOf("c.stream_name")}`,
      order: "c.detected_at_ms DESC, c.stream_name",
      where: [
        when(query.stream, (name) => ["c.stream_name = ?", name]),
        when(query.isMuted, (isMuted) => [`m.stream_name IS ${isMuted ? "NOT " : ""}NULL`]),
        when(query.isWithdrawn, (isWithdrawn) => [`c.withdrawn_at_ms IS ${isWithdrawn ? "NOT " : ""}NULL`]),
        when(query.isRejected, (isRejected) => [`a.answer IS ${isRejected ? "" : "NOT "}'rejected'`]),
        ...(query.rangeOf === "change" ? touching("c.start_low_ms", "c.start_high_ms", query) : within("c.detected_at_ms", query)),
      ],
    },
    query,
  );
  const areaName = areaNames(db);
  return mapPage(page, (item) => ({ ...item, areaName: areaName(item.stream), isMuted: item.isMuted === 1 }));
}

export interface StreamItem extends Subject {
  readonly model: string;
  readonly cursorUtc: string;
  readonly changeProbability: number | null;
  readonly runLengthMap: number | null;
  readonly expectedRunLength: number | null;
  readonly lastChangeUtc: string | null;
  /** The newest report that stands and that nobody called wrong: since when, and the levels before and after. */
  readonly changedAtUtc: string | null;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  readonly isMuted: boolean;
  readonly mutedBy: string | null;
  readonly mutedAtUtc: string | null;
  /** The state's summary, its likeliest runs among it. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Watched streams: the home, then areas, then entities, each by name. One of them where a name is given. */
export function pageOfStreams(db: Db, query: Paging & { readonly stream?: string | undefined }): Page<StreamItem> {
  const page = pageOf<Omit<StreamItem, "isMuted" | "areaName" | "summary"> & { readonly summary: string }>(
    db,
    {
      columns: `s.stream_name AS stream, e.name AS entityName, e.unit AS unit, s.model AS model, ${utc("s.cursor_ms")} AS cursorUtc, s.change_probability AS changeProbability,
        s.run_length_map AS runLengthMap, s.expected_run_length AS expectedRunLength, ${utc("s.last_change_ms")} AS lastChangeUtc,
        ${utc("c.change_at_ms")} AS changedAtUtc, c.before_mean AS beforeMean, c.after_mean AS afterMean,
        m.said_by AS mutedBy, ${utc("m.said_at_ms")} AS mutedAtUtc, s.state_json AS summary`,
      from: `bocpd_model_state AS s LEFT JOIN muted_streams AS m ON m.stream_name = s.stream_name
        LEFT JOIN change_points AS c ON c.id = (
          SELECT p.id FROM change_points AS p LEFT JOIN change_answers AS a ON a.stream_name = p.stream_name AND a.detected_at_ms = p.detected_at_ms
          WHERE p.stream_name = s.stream_name AND p.withdrawn_at_ms IS NULL AND a.answer IS NOT 'rejected' ORDER BY p.detected_at_ms DESC LIMIT 1)
        ${entityOf("s.stream_name")}`,
      order: "CASE WHEN s.stream_name LIKE 'home:%' THEN 0 WHEN s.stream_name LIKE 'area.%' THEN 1 ELSE 2 END, s.stream_name",
      where: [when(query.stream, (name) => ["s.stream_name = ?", name])],
    },
    query,
  );
  const areaName = areaNames(db);
  return mapPage(page, ({ summary, ...item }) => ({
    ...item,
    areaName: areaName(item.stream),
    isMuted: item.mutedBy !== null,
    summary: JSON.parse(summary) as Record<string, unknown>,
  }));
}

/** What people call the area of a stream: its name in streams has neither accents nor capitals. */
function areaNames(db: Db): (stream: string) => string | null {
  const areas = db.all<{ area: string }>("SELECT DISTINCT area FROM entities WHERE area IS NOT NULL ORDER BY area DESC");
  const bySlug = new Map(areas.map(({ area }) => [slugOf(area), area]));
  return (stream) => {
    const slug = /^area\.([^:]+)/.exec(stream)?.[1];
    return slug === undefined ? null : (bySlug.get(slug) ?? null);
  };
}
