import { createZone, type Zone } from "../time.ts";
import { LABEL_KINDS, type LabelKind } from "./label.ts";
import type { SaidSpan } from "./said.ts";

/** A line of a file that says a label. Lines count from 1, the header among them. */
export interface CsvLabel extends SaidSpan {
  readonly line: number;
}

export interface LineFault {
  readonly line: number;
  /** A sentence for the person who made the file. */
  readonly reason: string;
}

export interface CsvLabels {
  readonly labels: readonly CsvLabel[];
  readonly faults: readonly LineFault[];
}

/** The file as a whole is no list of labels. */
export class CsvFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CsvFault";
  }
}

/** What each column may be called; the names of vw_labels are among them, so that an export can be imported again. */
const COLUMNS = {
  start: ["start", "start_utc", "from", "begin"],
  end: ["end", "end_utc", "to"],
  kind: ["kind"],
  zone: ["time_zone", "timezone", "zone"],
  capturedAt: ["captured_at", "captured_at_utc"],
  status: ["status"],
  target: ["target", "target_name"],
} as const;
type Column = keyof typeof COLUMNS;

const SEPARATORS = [",", ";", "\t"] as const;
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})$/i;
const WALL_CLOCK = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;
const UTC_COLUMN = /_utc$/;

/**
 * Reads a CSV of labels: a line of column names (start and end, perhaps kind, time_zone, captured_at, target, in any order), then one label a
 * line. Fields may be quoted, separated by comma, semicolon or tab; lines may end in any way. Times are instants with an offset, or the
 * wall clock of the line's zone, of the home where it names none; an hour that is told twice means the earlier one unless only the later
 * one comes after the start. A line that cannot be read is a fault and hinders no other.
 * @param targetName lines of other targets are left out, with that reason
 * @throws CsvFault when there is no such line of names
 */
export function readLabelCsv(text: string, home: Zone, targetName: string): CsvLabels {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const headerAt = lines.findIndex((line) => line.trim() !== "");
  const header = headerAt < 0 ? "" : lines[headerAt]!;
  const separator = SEPARATORS.find((each) => header.includes(each)) ?? ",";
  const columns = columnsOf(fieldsOf(header, separator) ?? []);
  const zones = new Map<string, Zone | null>();
  const labels: CsvLabel[] = [];
  const faults: LineFault[] = [];
  for (let index = headerAt + 1; index < lines.length; index += 1) {
    if (lines[index]!.trim() === "") continue;
    const line = index + 1;
    const read = labelOf(fieldsOf(lines[index]!, separator), columns, home, zones, targetName);
    if (typeof read === "string") faults.push({ line, reason: read });
    else labels.push({ line, ...read });
  }
  return { labels, faults };
}

type Columns = Partial<Readonly<Record<Column, number>>> & { readonly names: readonly string[] };

function columnsOf(fields: readonly string[]): Columns {
  const names = fields.map((field) => field.trim().toLowerCase());
  const found: Partial<Record<Column, number>> = {};
  for (const [column, aliases] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
    const at = names.flatMap((name, index) => (aliases.includes(name) ? [index] : []));
    if (at.length > 1)
      throw new CsvFault(`Two columns say ${column} (${at.map((index) => names[index]).join(" and ")}); keep one of them.`);
    if (at.length === 1) found[column] = at[0]!;
  }
  if (found.start === undefined || found.end === undefined) {
    const seen = names.filter(Boolean).slice(0, 8).join(", ").slice(0, 200);
    throw new CsvFault(
      `The first line must name the columns, start and end among them (and if you like kind, time_zone, captured_at, target). ${seen === "" ? "The file is empty." : `It says: ${seen}.`}`,
    );
  }
  return { ...found, names };
}

/** The fields of a line; null where a quote is never closed. */
function fieldsOf(line: string, separator: string): string[] | null {
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const fields: string[] = [];
  let field = "";
  let isQuoted = false;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i]!;
    if (char === '"' && isQuoted && line[i + 1] === '"') {
      field += '"';
      i += 1;
    } else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      fields.push(field.trim());
      field = "";
    } else field += char;
  }
  fields.push(field.trim());
  return isQuoted ? null : fields;
}

/** The line's label, or why it is none. */
function labelOf(
  fields: readonly string[] | null,
  columns: Columns,
  home: Zone,
  zones: Map<string, Zone | null>,
  targetName: string,
): SaidSpan | string {
  if (fields === null) return "A quote is opened and never closed.";
  if (fields.length !== columns.names.length) {
    return `It has ${fields.length} fields where the first line names ${columns.names.length} columns.`;
  }
  const field = (column: Column): string => (columns[column] === undefined ? "" : fields[columns[column]]!);
  const target = field("target");
  if (target !== "" && target !== targetName) return `It belongs to the target ${target}; import it with --target ${target}.`;
  if (field("status").toLowerCase() === "rejected") return "It was turned down where it came from (status rejected).";
  const kind = (field("kind").toLowerCase() || "positive") as LabelKind;
  if (!LABEL_KINDS.includes(kind))
    return `The kind is ${JSON.stringify(field("kind"))}; it must be ${LABEL_KINDS.join(", ")}, or left empty.`;
  const zone = zoneOf(field("zone"), home, zones);
  if (zone === null) return `${JSON.stringify(field("zone"))} is no time zone like Europe/Amsterdam.`;
  const isUtc = (column: Column): boolean => UTC_COLUMN.test(columns.names[columns[column] ?? -1] ?? "");
  const startMs = instantOf(field("start"), zone, isUtc("start"));
  if (startMs === null) return faultyTime("start", field("start"));
  let endMs = instantOf(field("end"), zone, isUtc("end"));
  if (endMs === null) return faultyTime("end", field("end"));
  if (endMs <= startMs) endMs = Math.max(endMs, instantOf(field("end"), zone, isUtc("end"), "later") ?? endMs);
  const capturedAtMs = field("capturedAt") === "" ? undefined : instantOf(field("capturedAt"), zone, isUtc("capturedAt"));
  if (capturedAtMs === null) return faultyTime("captured_at", field("capturedAt"));
  return { startMs, endMs, kind, capturedAtMs, rawStart: field("start"), rawEnd: field("end"), timeZone: zone.timeZone };
}

function faultyTime(column: string, text: string): string {
  if (text === "") return `The ${column} is empty.`;
  return `The ${column} ${JSON.stringify(text.slice(0, 40))} is no time like 2026-11-20T23:10 (local) or 2026-11-20T22:10Z.`;
}

function zoneOf(name: string, home: Zone, zones: Map<string, Zone | null>): Zone | null {
  if (name === "" || name === home.timeZone) return home;
  let zone = zones.get(name);
  if (zone === undefined) {
    try {
      zone = createZone(name);
    } catch {
      zone = null;
    }
    zones.set(name, zone);
  }
  return zone;
}

/** Null when it is no time, like the 31st of February. A skipped time moves forward, whichever reading is asked for. */
function instantOf(text: string, zone: Zone, isUtc: boolean, disambiguation: "compatible" | "later" = "compatible"): number | null {
  try {
    if (ABSOLUTE.test(text)) return Temporal.Instant.from(text.replace(/ (?=\d)/, "T").replace(" ", "")).epochMilliseconds;
    if (!WALL_CLOCK.test(text)) return null;
    const wall = Temporal.PlainDateTime.from(text.replace(" ", "T"));
    return wall.toZonedDateTime(isUtc ? "UTC" : zone.timeZone, { disambiguation }).epochMilliseconds;
  } catch {
    return null;
  }
}
