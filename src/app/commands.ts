import { z } from "zod";
import { LABEL_KINDS } from "../core/labels/label.ts";
import { knownTimeZone } from "../core/time.ts";
import type { Learning } from "./learning.ts";
import type { Listening } from "./listening.ts";

const range = z.object({ fromMs: z.number().optional(), toMs: z.number().optional() });
const said = { source: z.string(), saidBy: z.string().optional() };
const labelRequest = z.object({
  targetName: z.string(),
  wish: z.union([
    z.object({ kind: z.literal("remove"), id: z.number().int() }),
    z.object({
      ...said,
      kind: z.literal("correct"),
      id: z.number().int(),
      startMs: z.number(),
      endMs: z.number(),
      labelKind: z.enum(LABEL_KINDS),
    }),
    z.object({ ...said, kind: z.literal("restore"), historyId: z.number().int() }),
    z.object({ ...said, kind: z.literal("accept"), suggestionIds: z.array(z.number().int()) }),
    z.object({ kind: z.literal("none"), date: z.iso.date(), source: z.string(), saidBy: z.string().optional() }),
    z.object({
      kind: z.literal("tell"),
      source: z.string(),
      saidBy: z.string().optional(),
      labels: z.array(
        z.object({
          startMs: z.number(),
          endMs: z.number(),
          kind: z.enum(LABEL_KINDS),
          line: z.number().int().optional(),
          capturedAtMs: z.number().optional(),
          timeZone: z.string().refine(knownTimeZone).optional(),
          rawStart: z.string().optional(),
          rawEnd: z.string().optional(),
        }),
      ),
    }),
  ]),
});

const modelRequest = z.object({
  targetName: z.string(),
  wish: z.union([z.object({ kind: z.literal("promote"), version: z.number().int() }), z.object({ kind: z.literal("rollback") })]),
});

/** What a command may ask of the running app; the same words as on the command line. */
export async function handleCommand(
  { learning, listening }: { learning: Pick<Learning, "stages">; listening: Pick<Listening, "fetch" | "flush" | "setUpHelpers"> },
  command: string,
  input: unknown,
): Promise<unknown> {
  switch (command) {
    case "backfill":
      return listening.fetch(defined(range.parse(input)));
    case "features":
      await listening.flush();
      return learning.stages("features", defined(range.extend({ rebuild: z.boolean().optional() }).parse(input)));
    case "train":
      return learning.stages("train", defined(z.object({ target: z.string().optional(), dryRun: z.boolean().optional() }).parse(input)));
    case "label":
      return learning.stages("changeLabels", labelRequest.parse(input));
    case "models":
      return learning.stages("changeModel", modelRequest.parse(input));
    case "labelSetup":
      return listening.setUpHelpers();
    case "runLengths":
      return learning.stages("runLengths", z.object({ stream: z.string(), fromMs: z.number() }).parse(input));
    case "labels":
    case "pairs":
    case "predict":
    case "changes":
      await listening.flush();
      return learning.stages(command, {});
    default:
      throw new RangeError(`the running app knows no command ${JSON.stringify(command)}`);
  }
}

/** The same without keys that hold nothing. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
