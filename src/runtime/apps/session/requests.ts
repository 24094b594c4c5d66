import { z } from "zod";
import type { Json } from "../../../kit/contract.ts";
import { wrongValue } from "../wrong-value.ts";
import { JSON_HOLDS, notJson } from "./not-json.ts";

/** What an app may ask of the runtime, and in which form. Its words are an edge like any other: they were written by somebody else. */

const ENTITY = /^[a-z0-9_]+\.[a-z0-9_]+$/;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
/** Where it is not so is told with the part that JSON cannot hold. */
const json = z.unknown().superRefine((value, context) => {
  const part = notJson(value);
  if (part !== null) context.addIssue({ code: "custom", path: [...part.path], message: JSON_HOLDS });
}) as unknown as z.ZodType<Json>;
const record = z.record(z.string(), json);
const id = z.number().int().positive();
const seconds = z
  .number()
  .nonnegative()
  .max(366 * 86_400);
const entity = z.string().regex(ENTITY, "must be an entity id like light.kitchen");
const pattern = z.string().regex(/^[a-z0-9_*?]+\.[a-z0-9_*?]+$|^\*$/, "must be an entity id like light.kitchen, or a pattern like light.*");
const list = <T extends z.ZodType>(one: T) => z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(one).min(1));
/** Of what is made into a list first: what is not there is no list of nothing. */
const optional = <T extends z.ZodType>(schema: T) => z.union([z.undefined(), schema]).optional();
const wanted = z.union([z.array(json), json.transform((value) => [value])]);
/** Of states, not of attributes: nothing that could never come true. */
function couldBeState({ attribute = "all", ...wish }: { readonly attribute?: string | undefined } & Wants, context: z.RefinementCtx): void {
  if (attribute !== "all") return;
  for (const key of ["old", "new"] as const) {
    for (const [at, value] of (wish[key] ?? []).entries()) {
      if (value === null || typeof value === "string" || typeof value === "number") continue;
      context.addIssue({ code: "custom", path: [key, at], message: 'a state is a text like "on" or "22.5"' });
    }
  }
}
interface Wants {
  readonly old?: readonly Json[] | undefined;
  readonly new?: readonly Json[] | undefined;
}

const clockTime = z.string().regex(CLOCK, "must be a time like 07:30 or 07:30:15");
const name = z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/, "must be a short name of letters, digits, _ . and -");
/** A timer that waits for more than 2^31 ms, a day longer, ends at once. */
const LONGEST_LIMIT_S = 24 * 86_400;
const kept = {
  spread: seconds.optional(),
  missed: z.enum(["skip", "once", "each"]).optional(),
  name: name.optional(),
  overlap: z.enum(["queue", "never"]).optional(),
  limit: seconds.min(1, "must be at least 1").max(LONGEST_LIMIT_S, `must be at most ${LONGEST_LIMIT_S}, which is 24 days`).optional(),
};
const share = z.number().min(0).max(1);

export const REQUESTS = {
  listenState: z
    .strictObject({
      id,
      entity: list(pattern),
      attribute: z.string().min(1).optional(),
      old: wanted.optional(),
      new: wanted.optional(),
      duration: seconds.optional(),
      immediate: z.boolean().optional(),
      oneshot: z.boolean().optional(),
      timeout: seconds.positive().optional(),
    })
    .superRefine(couldBeState),
  listenEvent: z.strictObject({ id, type: z.string().min(1), data: record }),
  runIn: z.strictObject({ id, seconds }),
  runAt: z.strictObject({
    id,
    instant: z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))], {
      error: "must be ms since 1970, or an instant like 2026-11-21T08:00:00Z",
    }),
    ...kept,
  }),
  runOnce: z.strictObject({ id, time: clockTime }),
  runEvery: z.strictObject({ id, seconds: seconds.min(1, "must be at least 1"), ...kept }),
  runDaily: z.strictObject({ id, time: clockTime, ...kept }),
  runCron: z.strictObject({ id, expression: z.string(), ...kept }),
  runAtSunrise: z.strictObject({ id, offset: z.number().min(-86_400).max(86_400).optional(), ...kept }),
  runAtSunset: z.strictObject({ id, offset: z.number().min(-86_400).max(86_400).optional(), ...kept }),
  cancel: z.strictObject({ id }),
  finished: z.strictObject({ id, error: z.string().nullable() }),
  callService: z.strictObject({
    service: z.string().regex(ENTITY, "must be a service like light.turn_on"),
    entityId: optional(list(entity)),
    areaId: optional(list(z.string().min(1))),
    deviceId: optional(list(z.string().min(1))),
    data: record.optional(),
    response: z.boolean().optional(),
  }),
  getState: z.strictObject({ entityId: entity }),
  getStates: z.strictObject({ pattern }),
  getHistory: z.strictObject({ entityId: entity, fromMs: z.number().optional(), toMs: z.number().optional() }),
  setState: z.strictObject({
    entityId: z
      .string()
      .regex(/^(sensor|binary_sensor)\.[a-z0-9_]+$/, "must be a sensor of your own like sensor.mood or binary_sensor.party"),
    state: z
      .string("must be a text or a finite number")
      .min(1, "must not be empty")
      .max(255, "must have at most 255 characters, which is Home Assistant's limit; an attribute may be longer"),
    attributes: record,
  }),
  fireEvent: z.strictObject({ type: z.string().min(1).max(64), data: record }),
  probability: z.strictObject({ target: z.string() }),
  onProbability: z
    .strictObject({
      id,
      target: z.string(),
      above: share.optional(),
      below: share.optional(),
      forMinutes: z
        .number()
        .nonnegative()
        .max(7 * 1440)
        .optional(),
    })
    .refine((wish) => wish.above !== undefined || wish.below !== undefined, "above or below is wanted, like { above: 0.8 }"),
  changes: z.strictObject({ stream: z.string().optional() }),
  onChange: z.strictObject({ id, stream: z.string().optional() }),
  storeGet: z.strictObject({ key: z.string().min(1).max(200) }),
  storeSet: z.strictObject({ key: z.string().min(1).max(200), value: json }),
  storeDelete: z.strictObject({ key: z.string().min(1).max(200) }),
  storeKeys: z.strictObject({}),
  log: z.strictObject({ text: z.string(), level: z.enum(["debug", "info", "warn", "error"]) }),
} as const;

export type RequestName = keyof typeof REQUESTS;
export type AppRequest<N extends RequestName> = z.output<(typeof REQUESTS)[N]>;

/** @throws TypeError that says of each value what it must be */
export function parseRequest<N extends RequestName>(request: N, input: unknown): AppRequest<N> {
  const schema = REQUESTS[request];
  if (schema === undefined) throw new TypeError(`the runtime knows no request ${JSON.stringify(request)}`);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data as AppRequest<N>;
  const given = input as Readonly<Record<string, unknown>>;
  const words = parsed.error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")} is not understood; ${understood(schema)} are`;
    const path = pathIn(given, issue.path).join(".");
    return path === "" ? issue.message : `${path}: ${wrongValue(issue, valueAt(given, issue.path))}`;
  });
  throw new TypeError(`${request}: ${words.join("; ")}`);
}

function understood(schema: z.ZodType): string {
  const keys = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return keys.filter((key) => key !== "id").join(", ");
}

/** A single value stands for a list of one, and was no list to whoever wrote it. */
function pathIn(given: Readonly<Record<string, unknown>>, [first, ...rest]: readonly PropertyKey[]): readonly PropertyKey[] {
  if (first === undefined) return [];
  return rest[0] === 0 && !Array.isArray(given[String(first)]) ? [first] : [first, ...rest];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  // A single value stands for a list of one.
  return path.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : at), value);
}
