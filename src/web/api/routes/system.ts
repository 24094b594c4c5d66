import { Readable } from "node:stream";
import { z } from "zod";
import { CONTRACT_NAMES, contractColumns } from "../../../core/contracts/contract.ts";
import { CONTRACT_ROWS, type ContractName } from "../../../core/contracts/rows.ts";
import { isoMs } from "../../../core/time.ts";
import { EXPORT_FORMATS } from "../../../store/export.ts";
import { SCOPES } from "../../access.ts";
import { Problem } from "../../problem.ts";
import { route } from "../declare.ts";
import { count, document, maybe, range, rangeOf, text, wholeNumber } from "../shapes.ts";

const viewParams = z.strictObject({ view: z.enum(CONTRACT_NAMES as [ContractName, ...ContractName[]]) });
const SAMPLE_ROWS = 50;
const about = z.object({
  appVersion: text,
  nodeVersion: text,
  sqliteVersion: text,
  schemaVersion: count.describe("of the tables"),
  contractVersion: maybe(text).describe("of the views"),
  platform: text,
  processors: count,
  rssBytes: count.describe("memory that the process holds"),
  uptimeSeconds: count,
  isInsideHomeAssistant: z.boolean(),
  isSimulated: z.boolean(),
});

export const systemRoutes = [
  route({
    method: "GET",
    path: "/me",
    tag: "system",
    summary: "Who asks and what they may do; the app's version, its time now and the home's zone",
    scope: "read",
    answer: z.object({
      kind: z.enum(["home assistant", "this machine", "token"]),
      name: text,
      userId: maybe(text),
      scope: z.enum(SCOPES),
      isRankKnown: z.boolean().describe("false = Home Assistant has not said yet whether this user is an administrator"),
      version: text,
      nowUtc: text.describe("a simulated home lives at another time than this machine"),
      timeZone: text,
      targets: z.array(text),
      dataBeganUtc: maybe(text).describe("null = nothing has been stored yet"),
    }),
    async handle({ who }, api) {
      const [timeZone, targets, dataBeganUtc] = await Promise.all([
        api.timeZone(),
        api.read("targets", null),
        api.read("metadata", "data_began_at"),
      ]);
      return {
        ...who,
        isRankKnown: who.isRankKnown !== false,
        version: String(api.facts()["appVersion"]),
        nowUtc: isoMs(api.nowMs()),
        timeZone,
        targets: targets.filter(({ isRetired }) => !isRetired).map(({ name }) => name),
        dataBeganUtc,
      };
    },
  }),
  route({
    method: "GET",
    path: "/about",
    tag: "system",
    summary: "Versions, and what the app takes of its machine",
    scope: "read",
    answer: about,
    handle: async (_, api) => about.parse({ ...api.facts(), ...(await api.read("fileVersions", null)) }),
  }),
  route({
    method: "GET",
    path: "/views",
    tag: "contracts",
    summary: "The contract views with their columns",
    scope: "read",
    answer: z.object({
      databasePath: text,
      items: z.array(z.object({ view: text, columns: z.array(z.object({ name: text, meaning: maybe(text), schema: document })) })),
    }),
    async handle(_, api) {
      const items = CONTRACT_NAMES.map((view) => ({
        view,
        columns: contractColumns(view).map((name) => {
          const { $schema: _schema, description, ...schema } = z.toJSONSchema(CONTRACT_ROWS[view].shape[name as never] as z.ZodType);
          return { name, meaning: description ?? null, schema };
        }),
      }));
      return { databasePath: String(api.facts()["databasePath"]), items };
    },
  }),
  route({
    method: "GET",
    path: "/views/:view",
    tag: "contracts",
    summary: "The first rows of a contract view, as any reader of the file sees them",
    scope: "read",
    params: viewParams,
    query: z.strictObject({ limit: wholeNumber(1, SAMPLE_ROWS).default(5) }),
    answer: z.object({ view: text, columns: z.array(text), rows: z.array(document) }),
    handle: ({ params, query }, api) => api.read("viewSample", { ...params, ...query }),
  }),
  route({
    method: "GET",
    path: "/exports/:view",
    tag: "contracts",
    summary: "All rows of a contract view as a file, sent as fast as it is taken; at most two at once",
    scope: "read",
    params: viewParams,
    query: z.strictObject({ format: z.enum(EXPORT_FORMATS).default("csv"), ...range }),
    fileTypes: ["text/csv", "application/x-ndjson"],
    async handle({ params: { view }, query: { format, ...asked }, homeZone }, api) {
      const pieces = await api.openExport({ view, format, ...rangeOf(asked, homeZone) });
      return {
        fileName: `${view}.${format}`,
        contentType: format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8",
        body: Readable.from(pieces, { objectMode: false, highWaterMark: 256 * 1024 }),
      };
    },
  }),
  route({
    method: "GET",
    path: "/diagnostics",
    tag: "system",
    summary: "A file that helps to find out what is wrong: no secret, no name of anything in the home",
    scope: "read",
    fileTypes: ["application/json"],
    async handle(_, api) {
      const { databasePath: _path, ...facts } = api.facts();
      const stored = await api.read("diagnostics", null);
      const made = isoMs(api.nowMs());
      return {
        fileName: `ml-data-layer-${made.slice(0, 10)}.json`,
        contentType: "application/json; charset=utf-8",
        body: JSON.stringify({ madeAtUtc: made, ...facts, ...stored }, null, 1),
      };
    },
  }),
  route({
    method: "GET",
    path: "/targets",
    tag: "system",
    summary: "What is predicted",
    scope: "read",
    answer: z.object({ items: z.array(z.object({ name: text, isRetired: z.boolean() })), total: count }),
    async handle(_, api) {
      const items = (await api.read("targets", null)).map(({ name, isRetired }) => ({ name, isRetired }));
      return { items, total: items.length };
    },
  }),
];

/** Marks a place that cannot be reached: the caller has checked it. */
export function missing(words: string): Problem {
  return new Problem(404, "not found", words);
}
