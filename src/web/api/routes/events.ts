import { z } from "zod";
import { DAY_MS, isoMs } from "../../../core/time.ts";
import { route } from "../declare.ts";
import { closedRange, count, document, maybe, name, names, number, pageOf, paging, range, text, wholeNumber, yesNo } from "../shapes.ts";
import { missing } from "./system.ts";

/** More columns than the widest screen has pixels. */
const columns = wholeNumber(10, 4000).default(1200);
const MOST_SERIES = 20;

const utcUs = (us: number): string => {
  const seconds = Math.floor(us / 1e6);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, "0")}Z`;
};

export const eventRoutes = [
  route({
    method: "GET",
    path: "/entities",
    tag: "home",
    summary: "Stored entities by name; newest states as of their last save, some minutes ago",
    scope: "read",
    query: z.strictObject({
      words: name.optional(),
      domain: name.optional(),
      area: name.optional(),
      isPresent: yesNo.optional(),
      ...paging,
    }),
    answer: pageOf({
      entityId: text,
      name: maybe(text),
      domain: text,
      area: maybe(text),
      deviceClass: maybe(text),
      unit: maybe(text),
      kind: maybe(text),
      attribute: maybe(text),
      state: maybe(text),
      stateAtUtc: maybe(text),
      eventCount: count,
      firstSeenUtc: text,
      isPresent: z.boolean(),
    }),
    handle: ({ query }, api) => api.read("pageOfEntities", query),
  }),
  route({
    method: "GET",
    path: "/events",
    tag: "home",
    summary: "Stored events, the newest first; the last day when no range is given",
    scope: "read",
    query: z.strictObject({ entities: names.optional(), areas: names.optional(), state: name.optional(), ...range, ...paging }),
    answer: pageOf({ entityId: text, state: text, updatedAtUtc: text, source: text, knownAtUtc: text }).extend({
      reachedUtc: maybe(text).describe(
        "one answer looks at so many rows at most: what lies before this instant was not looked at, and total does not count it; ask again with it as `to`",
      ),
    }),
    async handle({ query: { entities = [], areas = [], state, from, to, zone, ...part }, homeZone }, api) {
      const { fromMs, toMs } = closedRange({ from, to, zone }, homeZone, api.nowMs(), DAY_MS);
      const page = await api.read("pageOfEvents", {
        entities,
        areas,
        state,
        fromUs: Math.round(fromMs * 1000),
        toUs: Math.round(toMs * 1000),
        ...part,
      });
      const { reachedUs, items, ...rest } = page;
      return {
        ...rest,
        items: items.map(({ atUs, knownAtMs, ...item }) => ({ ...item, updatedAtUtc: utcUs(atUs), knownAtUtc: isoMs(knownAtMs) })),
        reachedUtc: reachedUs === null ? null : utcUs(reachedUs),
      };
    },
  }),
  route({
    method: "GET",
    path: "/timeline",
    tag: "home",
    summary: "States of some entities or areas over a range, lane by lane; the last day when none is given",
    scope: "read",
    query: z.strictObject({ entities: names.optional(), areas: names.optional(), columns, ...range }),
    answer: z.object({
      fromMs: number,
      toMs: number,
      reachedMs: maybe(number).describe("what lies before was not looked at; ask again with it as `to`, and draw what is there meanwhile"),
      lanesLeftOut: count.describe("entities beyond the first 50"),
      lanes: z.array(
        z.object({
          entityId: text,
          name: maybe(text),
          area: maybe(text),
          kind: maybe(text),
          unit: maybe(text),
          bands: z.array(
            z.object({
              fromMs: number,
              toMs: number,
              state: maybe(text).describe("null = several states too short to be drawn apart"),
              changes: count,
            }),
          ),
        }),
      ),
    }),
    async handle({ query: { entities = [], areas = [], columns: most, ...asked }, homeZone }, api) {
      const nowMs = api.nowMs();
      const bounds = closedRange(asked, homeZone, nowMs, DAY_MS);
      return { ...bounds, ...(await api.read("timeline", { entities, areas, columns: most, nowMs, ...bounds })) };
    },
  }),
  route({
    method: "GET",
    path: "/timeline/activity",
    tag: "home",
    summary: "How much went on in each area over a range of any length, in so many parts; the last day when none is given",
    scope: "read",
    query: z.strictObject({ columns: wholeNumber(10, 2000).default(400), ...range }),
    answer: z.object({
      columnEndsMs: z.array(number),
      columnMs: count,
      lanes: z.array(
        z.object({
          subject: text,
          perHour: z.array(maybe(number)).describe("activity events an hour; null = nothing is known of the part"),
        }),
      ),
    }),
    handle: ({ query: { columns: most, ...asked }, homeZone }, api) =>
      api.read("activity", { columns: most, ...closedRange(asked, homeZone, api.nowMs(), DAY_MS) }),
  }),
  route({
    method: "GET",
    path: "/features",
    tag: "home",
    summary: "The active features with their newest values",
    scope: "read",
    query: z.strictObject({ words: name.optional(), ...paging }),
    answer: pageOf({
      featureId: count,
      name: text,
      value: maybe(number),
      coverage: maybe(number),
      windowEndUtc: maybe(text),
      definition: document,
    }),
    handle: ({ query }, api) => api.read("pageOfFeatures", query),
  }),
  route({
    method: "GET",
    path: "/features/series",
    tag: "home",
    summary: "Values of some features over a range; a long range in windows spread evenly",
    scope: "read",
    query: z.strictObject({
      names: names.pipe(z.array(z.string()).min(1).max(MOST_SERIES)),
      columns: wholeNumber(10, 2000).default(500),
      ...range,
    }),
    answer: z.object({
      gridMs: count,
      everyWindows: count.describe("1 = every window was read"),
      windowEndsMs: z.array(number),
      series: z.array(z.object({ name: text, values: z.array(maybe(number)) })),
    }),
    async handle({ query: { names: asked, columns: most, ...span }, homeZone }, api) {
      const unknown = await api.read("unknownFeatures", asked);
      if (unknown.length > 0)
        throw missing(
          `There is no feature ${unknown.map((each) => JSON.stringify(each)).join(", ")}, and there never was. GET features lists them.`,
        );
      return api.read("featureSeries", { names: asked, columns: most, ...closedRange(span, homeZone, api.nowMs(), DAY_MS) });
    },
  }),
];
