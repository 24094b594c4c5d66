import { z } from "zod";
import { DAY_MS, isoMs } from "../../../core/time.ts";
import { Problem } from "../../problem.ts";
import { route } from "../declare.ts";
import { count, document, idNumber, maybe, name, number, pageOf, paging, range, rangeOf, text, wholeNumber, yesNo } from "../shapes.ts";
import { missing } from "./system.ts";

const utc = (atMs: number | null): string | null => (atMs === null ? null : isoMs(atMs));
/** Of the thread for long work there is one. */
const LONG_JOBS: ReadonlySet<string> = new Set(["train", "drift", "changes", "maintenance"]);
const runLengths = z.object({
  stream: text,
  firstEndMs: number.describe("end of the first column's step"),
  stepMs: count,
  columns: count,
  rows: count,
  stepsPerRow: count.describe("so many lengths, in steps, are one row"),
  cells: text.describe(
    "base64 of a byte each, column by column, the shortest length first: 0 = less than 1 in 10,000, 255 = certain, logarithmic",
  ),
  likeliest: z.array(maybe(count)).describe("of each column, in steps; null while the stream still learns"),
});
const JOB = z.strictObject({ job: name });
/** What a stream is about, for words about it. */
const subject = {
  stream: text,
  entityName: maybe(text).describe("of the entity that it is about, where it is about one"),
  areaName: maybe(text).describe("of the area that it is about, where it is about one"),
  unit: maybe(text),
};
const MODEL = "gaussian: a level, poisson: counts an hour, ratio: a share of the time";

export const operationRoutes = [
  route({
    method: "GET",
    path: "/changes",
    tag: "changes",
    summary: "Reported changes, the newest report first, with what a person says of them",
    scope: "read",
    query: z.strictObject({
      stream: name.optional(),
      isMuted: yesNo.optional(),
      isWithdrawn: yesNo.optional(),
      isRejected: yesNo.optional().describe("whether a person says that it is wrong"),
      rangeOf: z.enum(["report", "change"]).default("report").describe("what from and to mean: when it was reported, or when it began"),
      ...range,
      ...paging,
    }),
    answer: pageOf({
      id: count,
      ...subject,
      model: maybe(text).describe(`${MODEL}; null where the stream is watched no longer`),
      changeAtUtc: text,
      startLowUtc: text,
      startHighUtc: text,
      detectedAtUtc: text,
      probability: number,
      beforeMean: maybe(number),
      afterMean: maybe(number),
      dayPart: maybe(text).describe("night, morning, afternoon or evening, where the change is in that part of the day"),
      partBeforeMean: maybe(number),
      partAfterMean: maybe(number),
      withdrawnAtUtc: maybe(text),
      confirmedAtUtc: maybe(text).describe("when the data had borne it out; a person's word is `answer`"),
      cutOffAtUtc: maybe(text).describe("since when the stream was silent, where it fell silent before that"),
      words: maybe(text),
      answer: maybe(text),
      answeredBy: maybe(text),
      answeredAtUtc: maybe(text),
      isMuted: z.boolean(),
    }),
    handle: ({ query: { from, to, zone, ...query }, homeZone }, api) =>
      api.read("pageOfChanges", { ...query, ...rangeOf({ from, to, zone }, homeZone) }),
  }),
  route({
    method: "PUT",
    path: "/changes/:id/answer",
    tag: "changes",
    summary: "Says of a report that it is right or wrong; null takes that back",
    scope: "label",
    params: z.strictObject({ id: idNumber }),
    body: z.strictObject({ answer: z.enum(["confirmed", "rejected"]).nullable() }),
    answer: z.object({ id: count, answer: maybe(text) }),
    async handle({ params: { id }, body: { answer }, who }, api) {
      const found = await api.write("answerChange", { changeId: id, answer, saidBy: who.name, nowMs: api.nowMs() });
      if (found === 0) throw missing(`There is no report ${id}. GET changes lists them.`);
      return { id, answer };
    },
  }),
  route({
    method: "GET",
    path: "/streams",
    tag: "changes",
    summary: "Watched streams with their likeliest runs, and their level before and after the newest change that stands",
    scope: "read",
    query: z.strictObject({ stream: name.optional(), ...paging }),
    answer: pageOf({
      ...subject,
      model: text.describe(MODEL),
      cursorUtc: text,
      changeProbability: maybe(number),
      runLengthMap: maybe(number),
      expectedRunLength: maybe(number),
      lastChangeUtc: maybe(text),
      changedAtUtc: maybe(text).describe("of the newest report that stands and that nobody called wrong, as are the two means"),
      beforeMean: maybe(number),
      afterMean: maybe(number),
      isMuted: z.boolean(),
      mutedBy: maybe(text),
      mutedAtUtc: maybe(text),
      summary: document,
    }),
    handle: ({ query }, api) => api.read("pageOfStreams", query),
  }),
  route({
    method: "GET",
    path: "/streams/run-lengths",
    tag: "changes",
    summary: "What a stream thought of the length of its run after each step, as a picture; derived again from the stored windows",
    scope: "read",
    query: z.strictObject({ stream: name, days: wholeNumber(1, 400).default(60) }),
    answer: runLengths,
    async handle({ query: { stream, days } }, api) {
      const busy = api.jobs().find(({ job, runningSinceMs }) => LONG_JOBS.has(job) && runningSinceMs !== null);
      if (busy !== undefined)
        throw new Problem(409, "busy", `The job ${busy.job} is under way, and this has to wait for it. Ask again when it has ended.`);
      const found = await api.command("runLengths", { stream, fromMs: api.nowMs() - days * DAY_MS });
      if (found === null) throw missing(`There is no stream ${JSON.stringify(stream)}. GET streams lists them.`);
      return found as z.output<typeof runLengths>;
    },
  }),
  route({
    method: "POST",
    path: "/streams/mute",
    tag: "changes",
    summary: "Whether reports of a stream are told; it is watched all the same",
    scope: "label",
    body: z.strictObject({ stream: name, isMuted: z.boolean() }),
    answer: z.object({ stream: text, isMuted: z.boolean() }),
    async handle({ body, who }, api) {
      const found = await api.write("muteStream", { ...body, saidBy: who.name, nowMs: api.nowMs() });
      if (found === 0) throw missing(`There is no stream ${JSON.stringify(body.stream)}. GET streams lists them.`);
      return body;
    },
  }),
  route({
    method: "GET",
    path: "/gaps",
    tag: "operations",
    summary: "Spans in which nobody listened, the latest first, and what became of them",
    scope: "read",
    query: z.strictObject({ outcome: z.enum(["open", "filled", "partly", "lost"]).optional(), ...range, ...paging }),
    answer: pageOf({
      id: count,
      entityId: maybe(text),
      fromUtc: text,
      toUtc: text,
      reason: text,
      outcome: text,
      why: maybe(text),
      entitiesUnfilled: count,
    }),
    handle: ({ query: { from, to, zone, ...query }, homeZone }, api) =>
      api.read("pageOfGaps", { ...query, ...rangeOf({ from, to, zone }, homeZone) }),
  }),
  route({
    method: "GET",
    path: "/schedules",
    tag: "operations",
    summary: "Jobs with when they run next, and how far those are that run",
    scope: "read",
    answer: z.object({
      items: z.array(z.object({ job: text, dueAtUtc: maybe(text), runningSinceUtc: maybe(text), share: maybe(number) })),
      total: count,
    }),
    async handle(_, api) {
      const items = api
        .jobs()
        .map(({ job, dueAtMs, runningSinceMs, share }) => ({ job, dueAtUtc: utc(dueAtMs), runningSinceUtc: utc(runningSinceMs), share }));
      return { items, total: items.length };
    },
  }),
  route({
    method: "GET",
    path: "/schedules/receipts",
    tag: "operations",
    summary: "What became of every due run, the latest first",
    scope: "read",
    query: z.strictObject({ job: name.optional(), status: name.optional(), ...range, ...paging }),
    answer: pageOf({
      id: count,
      job: text,
      dueAtUtc: text,
      startedAtUtc: maybe(text),
      finishedAtUtc: maybe(text),
      status: text,
      rows: maybe(count),
      error: maybe(text),
    }),
    handle: ({ query: { from, to, zone, ...query }, homeZone }, api) =>
      api.read("pageOfReceipts", { ...query, ...rangeOf({ from, to, zone }, homeZone) }),
  }),
  route({
    method: "POST",
    path: "/schedules/:job/run",
    tag: "operations",
    summary: "Runs a job now (train, features, changes, maintenance, backup); GET schedules shows how far it is",
    scope: "admin",
    status: 202,
    params: JOB,
    answer: z.object({ job: text, isRunning: z.literal(true) }),
    async handle({ params: { job } }, api) {
      api.startJob(job);
      return { job, isRunning: true as const };
    },
  }),
  route({
    method: "POST",
    path: "/schedules/:job/cancel",
    tag: "operations",
    summary: "Asks a job that runs to give up; nothing half done is kept",
    scope: "admin",
    status: 202,
    params: JOB,
    answer: z.object({ job: text, wasRunning: z.boolean() }),
    handle: async ({ params: { job } }, api) => ({ job, wasRunning: api.cancelJob(job) }),
  }),
];
