import { z } from "zod";
import type { Calendar } from "../home/calendar.ts";
import { datetimeAttributes } from "../home/datetime-attributes.ts";
import type { Attributes } from "../home/entities.ts";
import { CommandError } from "./connection.ts";
import { parseDateTime } from "./instants.ts";
import type { StateRow } from "./recorder.ts";

const entityIds = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const setDatetimeSchema = z.strictObject({
  entity_id: entityIds,
  date: z
    .string()
    .regex(/^\d{4}-\d{1,2}-\d{1,2}$/)
    .optional(),
  time: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$/)
    .optional(),
  datetime: z.string().optional(),
  timestamp: z.coerce.number().refine(Number.isFinite).optional(),
});
const switchSchema = z.strictObject({ entity_id: entityIds });
const switchingSchema = z.looseObject({ entity_id: entityIds });

/** A new state that an action gives an entity. */
export interface Outcome {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Attributes;
}

export type Service = (data: unknown, current: (entityId: string) => StateRow | undefined) => readonly Outcome[];

/** The actions of the helpers, by `domain.service`. Entities that do not exist or are of another domain are passed over, as Home Assistant does. */
export function createServices(calendar: Calendar): ReadonlyMap<string, Service> {
  return new Map<string, Service>([
    ["input_datetime.set_datetime", (data, current) => setDatetime(data, current, calendar)],
    ["input_boolean.turn_on", (data, current) => turn(data, current, () => "on")],
    ["input_boolean.turn_off", (data, current) => turn(data, current, () => "off")],
    ["input_boolean.toggle", (data, current) => turn(data, current, (state) => (state === "on" ? "off" : "on"))],
    ...["light", "switch"].flatMap(switching),
    ["notify.notify", () => []],
    ["persistent_notification.create", () => []],
  ]);
}

function setDatetime(data: unknown, current: Parameters<Service>[1], calendar: Calendar): Outcome[] {
  const call = parse(setDatetimeSchema, data);
  const forms = [call.date ?? call.time, call.datetime, call.timestamp].filter((form) => form !== undefined);
  if (forms.length === 0) throw new CommandError("invalid_format", "at least one of ['date', 'time', 'datetime', 'timestamp'] is required");
  if (forms.length > 1) throw new CommandError("invalid_format", `Cannot use together: ${Object.keys(call).join(", ")}`);
  const wanted = wallClock(call, calendar);
  return chosen(call.entity_id, "input_datetime", current).map((row) => {
    const hasDate = row.attributes["has_date"] === true;
    const hasTime = row.attributes["has_time"] === true;
    // What the helper does not show is not kept either.
    const date = (hasDate ? wanted.date : undefined) ?? (hasDate ? row.state.slice(0, 10) : "1970-01-01");
    const time = (hasTime ? wanted.time : undefined) ?? (hasTime ? row.state.slice(-8) : "00:00:00");
    const fraction = hasTime && wanted.time !== undefined ? wanted.fraction : 0;
    return { entityId: row.entityId, ...showDatetime(hasDate, hasTime, date, time, fraction, row.attributes, calendar) };
  });
}

/** State and attributes of an `input_datetime` with that date `YYYY-MM-DD` and time `HH:MM:SS` on the wall clock. */
export function showDatetime(
  hasDate: boolean,
  hasTime: boolean,
  date: string,
  time: string,
  fraction: number,
  fixed: Attributes,
  calendar: Calendar,
): { readonly state: string; readonly attributes: Attributes } {
  const secondsOfDay = Number(time.slice(0, 2)) * 3600 + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8));
  const timestamp = hasDate ? calendar.instantOf(`${date} ${hasTime ? time : "00:00:00"}`) / 1000 + fraction : secondsOfDay;
  const { year, month, day, hour, minute, second } = datetimeAttributes(`${date} ${time}`, timestamp);
  const { has_date, has_time, editable, friendly_name, icon } = fixed;
  return {
    state: [hasDate ? date : "", hasTime ? time : ""].join(" ").trim(),
    attributes: {
      has_date,
      has_time,
      editable,
      ...(hasDate && { year, month, day }),
      ...(hasTime && { hour, minute, second }),
      timestamp,
      ...(icon !== undefined && { icon }),
      friendly_name,
    },
  };
}

/** A date-time with an offset is taken as it is written: Home Assistant ignores the offset. */
function wallClock(
  call: z.infer<typeof setDatetimeSchema>,
  calendar: Calendar,
): { readonly date: string | undefined; readonly time: string | undefined; readonly fraction: number } {
  if (call.timestamp !== undefined) {
    const text = calendar.textAt(Math.floor(call.timestamp) * 1000);
    return { date: text.slice(0, 10), time: text.slice(11), fraction: call.timestamp - Math.floor(call.timestamp) };
  }
  if (call.datetime !== undefined) {
    const parsed = parseDateTime(call.datetime, calendar);
    if (!parsed) throw new CommandError("invalid_format", `Invalid datetime specified: ${call.datetime} at 'datetime'`);
    return parsed;
  }
  if (call.date !== undefined && !parseDateTime(pad(call.date), calendar)) {
    throw new CommandError("invalid_format", "Could not parse date at 'date'");
  }
  const [hour = "", minute = "", second = "00"] = call.time?.split(":") ?? [];
  const time = call.time === undefined ? undefined : `${hour.padStart(2, "0")}:${minute}:${second.slice(0, 2)}`;
  return { date: call.date === undefined ? undefined : pad(call.date), time, fraction: Number(`0.${second.split(".")[1] ?? 0}`) };
}

/** Lights and switches: what else the call says (brightness, transition) is not shown. */
function switching(domain: string): [string, Service][] {
  const to = (state: (before: string) => string): Service => {
    return (data, current) =>
      chosen(parse(switchingSchema, data).entity_id, domain, current).map((row) => ({
        entityId: row.entityId,
        state: state(row.state),
        attributes: row.attributes,
      }));
  };
  return [
    [`${domain}.turn_on`, to(() => "on")],
    [`${domain}.turn_off`, to(() => "off")],
    [`${domain}.toggle`, to((before) => (before === "on" ? "off" : "on"))],
  ];
}

function turn(data: unknown, current: Parameters<Service>[1], to: (state: string) => string): Outcome[] {
  const call = parse(switchSchema, data);
  return chosen(call.entity_id, "input_boolean", current).map((row) => ({
    entityId: row.entityId,
    state: to(row.state),
    attributes: row.attributes,
  }));
}

function chosen(ids: readonly string[], domain: string, current: Parameters<Service>[1]): StateRow[] {
  return ids
    .filter((entityId) => entityId.startsWith(`${domain}.`))
    .map((entityId) => current(entityId))
    .filter((row) => row !== undefined);
}

function parse<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new CommandError("invalid_format", parsed.error.issues.map((issue) => `${issue.message} at '${issue.path.join(".")}'`).join("\n"));
}

const pad = (date: string): string =>
  date
    .split("-")
    .map((part) => part.padStart(2, "0"))
    .join("-");
