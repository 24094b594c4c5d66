import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { domainOf, type EntityFacts } from "../../core/events/entity.ts";
import type { StateEvent } from "../../core/events/event.ts";
import type { Place } from "../schedule/place.ts";

const homeSchema = z.object({
  name: z.string(),
  time_zone: z.string(),
  night_anchor_hour: z.number().int().min(0).max(23),
  warmup_until: z.iso.datetime(),
  entities: z.array(
    z.object({
      entity_id: z.string(),
      kind: z.enum(["binary", "numeric", "categorical"]),
      device_class: z.string().nullable(),
      area: z.string().nullable(),
      note: z.string().optional(),
    }),
  ),
  bed_sensors: z.array(z.string()),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface SaidSleep extends Span {
  readonly target: string;
  readonly source: string;
}

/** A home that was recorded once, as plain data. */
export interface RecordedHome {
  readonly name: string;
  readonly timeZone: string;
  /** The same zone, with the coordinates where the home tells them. */
  readonly place: Place;
  readonly anchorHour: number;
  readonly warmupUntilMs: number;
  readonly facts: readonly EntityFacts[];
  readonly bedSensors: readonly string[];
  /** Time order. */
  readonly events: readonly StateEvent[];
  readonly labels: readonly SaidSleep[];
  /** The spans in which the labels are complete. */
  readonly complete: readonly Span[];
}

/** Reads a folder with home.json, events.csv.gz, labels.csv and scored.csv. @throws Error that names the file and what is wrong with it. */
export function readRecordedHome(folder: string): RecordedHome {
  const home = homeSchema.parse(JSON.parse(readText(folder, "home.json")));
  return {
    name: home.name,
    timeZone: home.time_zone,
    place: placeIn(home),
    anchorHour: home.night_anchor_hour,
    warmupUntilMs: Date.parse(home.warmup_until),
    facts: home.entities.map((entity) => ({
      entityId: entity.entity_id,
      domain: domainOf(entity.entity_id),
      deviceClass: entity.device_class,
      unit: null,
      area: entity.area,
      name: entity.note ?? null,
      platform: null,
      kind: entity.kind,
    })),
    bedSensors: home.bed_sensors,
    events: distinct(rowsOf(folder, "events.csv.gz", ["entity_id", "state", "last_changed"])),
    labels: rowsOf(folder, "labels.csv", ["target", "start", "end", "source"]).map(([target, start, end, source]) => ({
      target: target!,
      startMs: instant(start!, "labels.csv"),
      endMs: instant(end!, "labels.csv"),
      source: source!,
    })),
    complete: rowsOf(folder, "scored.csv", ["start", "end"]).map(([start, end]) => ({
      startMs: instant(start!, "scored.csv"),
      endMs: instant(end!, "scored.csv"),
    })),
  };
}

function placeIn({ time_zone: timeZone, latitude, longitude }: z.output<typeof homeSchema>): Place {
  return latitude === undefined || longitude === undefined ? { timeZone } : { timeZone, latitude, longitude };
}

/** Two rows of one entity in the same millisecond keep their order: the later one is put a microsecond behind. */
function distinct(rows: readonly string[][]): StateEvent[] {
  const last = new Map<string, number>();
  return rows.map(([entityId, state, changed]) => {
    const updatedUs = Math.max(instant(changed!, "events.csv.gz") * 1000, (last.get(entityId!) ?? 0) + 1);
    last.set(entityId!, updatedUs);
    return { entityId: entityId!, state: state!, updatedUs, knownAtMs: null, source: "replay" };
  });
}

function rowsOf(folder: string, name: string, columns: readonly string[]): string[][] {
  const [header, ...lines] = readText(folder, name).trimEnd().split(/\r?\n/);
  if (header !== columns.join(",")) throw new Error(`${join(folder, name)} must begin with the line ${columns.join(",")}`);
  return lines.map((line, index) => {
    const fields = line.split(",");
    if (fields.length !== columns.length) throw new Error(`${join(folder, name)}, line ${index + 2}: ${columns.length} fields are wanted`);
    return fields;
  });
}

function readText(folder: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, name));
  } catch (cause) {
    throw new Error(
      `${join(folder, name)} cannot be read. A recorded home is a folder with home.json, events.csv.gz, labels.csv and scored.csv.`,
      { cause },
    );
  }
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

function instant(text: string, file: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new Error(`${file}: ${JSON.stringify(text)} is no instant like 2026-11-21T08:00:00.000Z`);
  return atMs;
}
