import { z } from "zod";
import { CHANGES } from "../../../core/models/clr/effects.ts";
import { DAY_MS } from "../../../core/time.ts";
import { route } from "../declare.ts";
import {
  closedRange,
  count,
  document,
  maybe,
  name,
  number,
  pageOf,
  paging,
  range,
  rangeOf,
  targetName,
  text,
  wholeNumber,
} from "../shapes.ts";
import { mayList, targetOf } from "./labels.ts";
import { missing } from "./system.ts";

const target = z.strictObject({ target: targetName });
const version = z.int().min(1).max(1_000_000_000);
const model = {
  modelVersion: count,
  stage: text,
  featureSetVersion: text,
  createdAtUtc: text,
  serves: z.boolean(),
  reason: maybe(text).describe("why it serves, or why not"),
  logLoss: maybe(number),
  skillVsClock: maybe(number),
  dayCount: maybe(count),
};
const effect = z.object({
  feature: text,
  change: z.enum(CHANGES),
  words: text,
  odds: number.describe("by what the odds are multiplied when that change happens and nothing else does"),
  weight: number.describe("how much the feature moves the logit in this home"),
});
const changed = z.object({ target: text, from: maybe(count), to: count });

export const modelRoutes = [
  route({
    method: "GET",
    path: "/predictions",
    tag: "models",
    summary: "What was said of each window then, the newest first, with what moved it most",
    scope: "read",
    query: target.extend({ ...range, ...paging }),
    answer: pageOf({
      windowEndUtc: text,
      probability: maybe(number),
      isOn: maybe(z.boolean()),
      sinceUtc: maybe(text).describe("when the present isOn began; null where it was so at the first answer after a hole"),
      foundAtUtc: maybe(text).describe("end of the window that told so; since then to here is the delay"),
      threshold: number,
      stage: text,
      modelVersion: maybe(count),
      coverage: number,
      unavailableReason: maybe(text),
      predictedAtUtc: text,
      contributions: z.array(z.object({ feature: text, logits: number })),
    }),
    async handle({ query: { target: asked, limit, offset, ...span }, homeZone }, api) {
      const { targetId } = await targetOf(api, asked);
      return api.read("pageOfPredictions", { targetId, limit, offset, ...rangeOf(span, homeZone) });
    },
  }),
  route({
    method: "GET",
    path: "/predictions/curve",
    tag: "models",
    summary: "A target's probability over a range in so many parts, with the extremes of each; the last day when no range is given",
    scope: "read",
    query: target.extend({ columns: wholeNumber(10, 4000).default(1200), ...range }),
    answer: z.object({
      gridMs: count,
      everyWindows: count,
      columns: z.array(
        z.object({ endMs: number, least: maybe(number), most: maybe(number), mean: maybe(number), windows: count, on: count }),
      ),
    }),
    async handle({ query: { target: asked, columns, ...span }, homeZone }, api) {
      const { targetId } = await targetOf(api, asked);
      return api.read("curve", { targetId, columns, ...closedRange(span, homeZone, api.nowMs(), DAY_MS) });
    },
  }),
  route({
    method: "GET",
    path: "/models",
    tag: "models",
    summary: "The models of a target that are kept, the newest first",
    scope: "read",
    query: target.extend(paging),
    answer: pageOf(model).extend({ rollsBackTo: maybe(count).describe("what models/rollback lets serve; null = nothing served before") }),
    async handle({ query: { target: asked, ...part } }, api) {
      const { targetId } = await targetOf(api, asked);
      return api.read("pageOfModels", { targetId, ...part });
    },
  }),
  route({
    method: "GET",
    path: "/models/verdicts",
    tag: "models",
    summary: "Every verdict on whether a model may serve, with its reason, the newest first",
    scope: "read",
    query: target.extend(paging),
    answer: pageOf({ modelVersion: count, saidAtUtc: text, serves: z.boolean().describe("false = it was refused"), reason: text }),
    async handle({ query: { target: asked, ...part } }, api) {
      const { targetId } = await targetOf(api, asked);
      return api.read("pageOfVerdicts", { targetId, ...part });
    },
  }),
  route({
    method: "GET",
    path: "/models/:version",
    tag: "models",
    summary: "A model with its report card",
    scope: "read",
    params: z.strictObject({ version: wholeNumber(1, 1_000_000_000) }),
    query: target,
    answer: z.object({ ...model, report: document, artifact: document, effects: z.array(effect) }),
    async handle({ params, query }, api) {
      const { targetId, name: asked } = await targetOf(api, query.target);
      const card = await api.read("modelCard", { targetId, version: params.version });
      if (card === null)
        throw missing(`There is no model ${params.version} of ${asked}: it was never made, or deleted for its age. GET models lists them.`);
      return card;
    },
  }),
  route({
    method: "POST",
    path: "/models/promote",
    tag: "models",
    summary: "Lets another stored model serve, from the next prediction on",
    scope: "admin",
    body: target.extend({ version }),
    answer: changed,
    async handle({ body }, api) {
      const { name: served } = await targetOf(api, body.target);
      const wish = { kind: "promote", version: body.version };
      return (await api.command("models", { targetName: served, wish })) as z.output<typeof changed>;
    },
  }),
  route({
    method: "POST",
    path: "/models/rollback",
    tag: "models",
    summary: "Lets the model serve that served before",
    scope: "admin",
    body: target,
    answer: changed,
    async handle({ body }, api) {
      const { name: served } = await targetOf(api, body.target);
      return (await api.command("models", { targetName: served, wish: { kind: "rollback" } })) as z.output<typeof changed>;
    },
  }),
  route({
    method: "GET",
    path: "/runs/trainings",
    tag: "models",
    summary: "Trainings, the newest first",
    scope: "read",
    query: z.strictObject({ target: name.optional(), ...paging }),
    answer: pageOf({
      id: count,
      target: text,
      status: text,
      stage: maybe(text),
      rowCount: maybe(count),
      dayCount: maybe(count),
      notes: maybe(text),
      startedAtUtc: text,
      finishedAtUtc: maybe(text),
      modelVersion: maybe(count),
    }),
    async handle({ query }, api) {
      await mayList(api, query.target);
      return api.read("pageOfTrainings", query);
    },
  }),
  route({
    method: "GET",
    path: "/runs/changes",
    tag: "models",
    summary: "Looks for change points, the newest first",
    scope: "read",
    query: z.strictObject(paging),
    answer: pageOf({
      id: count,
      status: text,
      startedAtUtc: text,
      finishedAtUtc: maybe(text),
      streamCount: maybe(count),
      stepCount: maybe(count),
      changeCount: maybe(count),
      notes: maybe(text),
    }),
    handle: ({ query }, api) => api.read("pageOfChangeRuns", query),
  }),
];
