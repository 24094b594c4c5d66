import { z } from "zod";
import { readLabelCsv } from "../../../core/labels/csv.ts";
import { LABEL_KINDS } from "../../../core/labels/label.ts";
import { reasonOf } from "../../../core/reason.ts";
import { createZone } from "../../../core/time.ts";
import { Problem } from "../../problem.ts";
import { route } from "../declare.ts";
import type { Api } from "../route.ts";
import {
  count,
  endOf,
  idNumber,
  instantOf,
  instantText,
  maybe,
  name,
  pageOf,
  paging,
  range,
  rangeOf,
  targetName,
  text,
  zoneName,
} from "../shapes.ts";
import { missing } from "./system.ts";

const SOURCE = "panel";
const MOST_CSV_BYTES = 1_000_000;
const bounds = {
  target: text,
  startUtc: text,
  endUtc: text,
  localDate: text,
  timeZone: text,
  kind: z.enum(LABEL_KINDS),
  source: text,
  capturedAtUtc: text,
  saidBy: maybe(text),
};
const label = { id: count, ...bounds, status: z.enum(["active", "rejected"]), reason: maybe(text) };
const told = z.object({
  added: count,
  replaced: count,
  known: count.describe("labels that were there already"),
  rejected: z.array(z.object({ line: count, reason: text })),
});
const answered = told.extend({ labels: z.array(z.object(label)).describe("labels of the span as they are now") });
const listed = z.strictObject({ target: name.optional(), kind: z.enum(LABEL_KINDS).optional(), ...range, ...paging });
const span = z.strictObject({
  start: instantText,
  end: instantText,
  zone: zoneName.optional(),
  kind: z.enum(LABEL_KINDS).default("positive"),
});
const byId = z.strictObject({ id: idNumber });

type Told = z.output<typeof told>;

/** Labels are said by the same words as on the command line, with who said them. */
async function tell(api: Api, targetName: string, wish: Readonly<Record<string, unknown>>, saidBy: string): Promise<Told> {
  return (await api.command("label", { targetName, wish: { ...wish, source: SOURCE, saidBy } })) as Told;
}

async function labelsOf(api: Api, target: string, fromMs: number, toMs: number) {
  return (await api.read("pageOfLabels", { target, status: "active", fromMs, toMs, limit: 100, offset: 0 })).items;
}

/** @throws Problem when there is no such label (any more). */
async function labelOf(api: Api, id: number) {
  const [found] = (await api.read("pageOfLabels", { id, limit: 1, offset: 0 })).items;
  if (found === undefined)
    throw missing(`There is no label ${id}. If there was one, somebody corrected or deleted it meanwhile: list the labels again.`);
  return found;
}

/** The only one where none is named. @throws Problem when there is no such target, or several and none is named. */
export async function targetOf(api: Api, asked: string | undefined): Promise<{ readonly targetId: number; readonly name: string }> {
  const targets = await api.read("targets", null);
  const served = targets.filter(({ isRetired }) => !isRetired);
  if (asked === undefined && served.length === 1) return served[0]!;
  if (asked === undefined)
    throw new Problem(400, "no target", `Say which target is meant. Targets are: ${served.map((each) => each.name).join(", ")}.`);
  const found = targets.find((each) => each.name === asked);
  if (found === undefined)
    throw missing(`There is no target ${JSON.stringify(asked)}. Targets are: ${targets.map((each) => each.name).join(", ")}.`);
  return found;
}

/** Of lists in which all targets stand together where none is named. @throws Problem when there is no such target. */
export async function mayList(api: Api, target: string | undefined): Promise<void> {
  if (target !== undefined) await targetOf(api, target);
}

export const labelRoutes = [
  route({
    method: "GET",
    path: "/labels",
    tag: "labels",
    summary: "Labels that stand or were turned down, the latest end first",
    scope: "read",
    query: listed.extend({ status: z.enum(["active", "rejected"]).optional() }),
    answer: pageOf(label),
    async handle({ query: { from, to, zone, ...query }, homeZone }, api) {
      await mayList(api, query.target);
      return api.read("pageOfLabels", { ...query, ...rangeOf({ from, to, zone }, homeZone) });
    },
  }),
  route({
    method: "GET",
    path: "/labels/history",
    tag: "labels",
    summary: "Labels that no longer count, the one replaced last first",
    scope: "read",
    query: listed,
    answer: pageOf({ historyId: count, labelId: count, ...bounds, replacedAtUtc: text, replacedBy: text }),
    async handle({ query: { from, to, zone, ...query }, homeZone }, api) {
      await mayList(api, query.target);
      return api.read("pageOfLabelHistory", { ...query, ...rangeOf({ from, to, zone }, homeZone) });
    },
  }),
  route({
    method: "POST",
    path: "/labels",
    tag: "labels",
    summary: "Says that it was so, or not, or that a span does not count; takes the place of labels that it overlaps",
    scope: "label",
    status: 201,
    body: span.extend({ target: targetName }),
    answer: answered,
    async handle({ body: { target: asked, start, end, zone, kind }, who, homeZone }, api) {
      const { name: target } = await targetOf(api, asked);
      const startMs = instantOf(start, zone ?? homeZone);
      const endMs = endOf(end, zone ?? homeZone, startMs);
      const wish = { kind: "tell", labels: [{ startMs, endMs, kind, rawStart: start, rawEnd: end }] };
      return { ...(await tell(api, target, wish, who.name)), labels: await labelsOf(api, target, startMs, endMs) };
    },
  }),
  route({
    method: "POST",
    path: "/labels/none",
    tag: "labels",
    summary: "It did not happen in the night to this date",
    scope: "label",
    status: 201,
    body: z.strictObject({ target: targetName, date: z.iso.date() }),
    answer: told,
    async handle({ body: { target: asked, date }, who }, api) {
      const { name: target } = await targetOf(api, asked);
      return tell(api, target, { kind: "none", date }, who.name);
    },
  }),
  route({
    method: "POST",
    path: "/labels/import",
    tag: "labels",
    summary: "Labels from the text of a CSV; each line that is none is named with its reason, the others are taken in",
    scope: "label",
    bodyLimit: MOST_CSV_BYTES,
    body: z.strictObject({ target: targetName, csv: z.string().min(1).max(MOST_CSV_BYTES) }),
    answer: told,
    async handle({ body: { target: asked, csv }, who, homeZone }, api) {
      const { name: target } = await targetOf(api, asked);
      let read: ReturnType<typeof readLabelCsv>;
      try {
        read = readLabelCsv(csv, createZone(homeZone), target);
      } catch (error) {
        throw new Problem(422, "no labels", reasonOf(error));
      }
      const { labels, faults } = read;
      const done = await tell(api, target, { kind: "tell", labels }, who.name);
      return { ...done, rejected: [...faults, ...done.rejected].sort((a, b) => a.line - b.line) };
    },
  }),
  route({
    method: "PUT",
    path: "/labels/:id",
    tag: "labels",
    summary: "Corrects a label: the new span stands in its place, the old one stays in the history",
    scope: "label",
    params: byId,
    body: span.extend({ kind: z.enum(LABEL_KINDS).optional().describe("the label's own when left out") }),
    answer: answered,
    async handle({ params: { id }, body: { start, end, zone, kind }, who, homeZone }, api) {
      const { target, kind: ownKind } = await labelOf(api, id);
      const startMs = instantOf(start, zone ?? homeZone);
      const endMs = endOf(end, zone ?? homeZone, startMs);
      const done = await tell(api, target, { kind: "correct", id, startMs, endMs, labelKind: kind ?? ownKind }, who.name);
      return { ...done, labels: await labelsOf(api, target, startMs, endMs) };
    },
  }),
  route({
    method: "DELETE",
    path: "/labels/:id",
    tag: "labels",
    summary: "Takes a label away; historyId undoes it",
    scope: "label",
    params: byId,
    answer: told.extend({ historyId: maybe(count).describe("null = it had been turned down, so there is nothing to say again") }),
    async handle({ params: { id }, who }, api) {
      const { target } = await labelOf(api, id);
      const done = await tell(api, target, { kind: "remove", id }, who.name);
      const past = await api.read("pageOfLabelHistory", { id, limit: 1, offset: 0 });
      return { ...done, historyId: past.items[0]?.historyId ?? null };
    },
  }),
  route({
    method: "POST",
    path: "/labels/history/:id/restore",
    tag: "labels",
    summary: "Says a label of the history again: undoes that it was taken away, corrected or replaced",
    scope: "label",
    status: 201,
    params: byId,
    body: z.strictObject({ target: targetName }),
    answer: told,
    async handle({ params: { id }, body: { target: asked }, who }, api) {
      const { name: target } = await targetOf(api, asked);
      return tell(api, target, { kind: "restore", historyId: id }, who.name);
    },
  }),
  route({
    method: "GET",
    path: "/suggestions",
    tag: "labels",
    summary: "Nights without a label in which the home fell silent and woke near the usual times",
    scope: "read",
    query: z.strictObject({ target: name.optional(), ...paging }),
    answer: pageOf({ id: count, target: text, startUtc: text, endUtc: text, suggestedAtUtc: text }),
    async handle({ query }, api) {
      await mayList(api, query.target);
      return api.read("pageOfSuggestions", query);
    },
  }),
  route({
    method: "POST",
    path: "/suggestions/accept",
    tag: "labels",
    summary: "These suggestions are right: they become labels, all or none",
    scope: "label",
    status: 201,
    body: z.strictObject({ target: targetName, ids: z.array(z.int().min(1)).min(1).max(100) }),
    answer: told,
    async handle({ body: { target: asked, ids }, who }, api) {
      const { name: target } = await targetOf(api, asked);
      const wish = { kind: "accept", suggestionIds: [...new Set(ids)], source: "suggestion", saidBy: who.name };
      return (await api.command("label", { targetName: target, wish })) as Told;
    },
  }),
];
