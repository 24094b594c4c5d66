import { z } from "zod";
import { helperCard, wantedHelpers } from "../../../core/labels/wanted-helpers.ts";
import { route } from "../declare.ts";
import { maybe, text } from "../shapes.ts";

const made = z.object({
  helpers: z.array(
    z.object({
      entityId: text,
      target: text,
      role: text,
      outcome: z.enum(["there", "made", "made under another id", "refused"]),
      note: maybe(text).describe("what to know or to do about it"),
    }),
  ),
  card: text.describe("YAML to paste into a dashboard"),
});

export const helperRoutes = [
  route({
    method: "GET",
    path: "/helpers",
    tag: "labels",
    summary: "The helpers that the targets name, and a dashboard card with them",
    scope: "read",
    answer: z.object({
      helpers: z.array(z.object({ entityId: text, target: text, role: text })),
      card: text.describe("YAML to paste into a dashboard"),
    }),
    async handle(_, api) {
      const targets = await api.read("helpers", null);
      return {
        helpers: wantedHelpers(targets).map(({ entityId, target, role }) => ({ entityId, target, role })),
        card: helperCard(targets),
      };
    },
  }),
  route({
    method: "POST",
    path: "/helpers",
    tag: "labels",
    summary: "Makes the helpers of the targets that Home Assistant does not have; asked again it makes nothing",
    scope: "admin",
    answer: made,
    handle: async (_, api) => (await api.command("labelSetup", {})) as z.output<typeof made>,
  }),
];
