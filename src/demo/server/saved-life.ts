import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const helperSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  icon: z.string().optional(),
  has_date: z.boolean(),
  has_time: z.boolean(),
  createdMs: z.number(),
});

const deedSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("state"),
    atUs: z.number(),
    entityId: z.string(),
    state: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    userId: z.string().nullable(),
    contextId: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal("removal"), atUs: z.number(), entityId: z.string() }),
  z.strictObject({ kind: z.literal("restart"), fromUs: z.number(), atUs: z.number() }),
]);

const lifeSchema = z.strictObject({
  version: z.literal(1),
  seed: z.number().int(),
  weeks: z.number(),
  timeZone: z.string(),
  bornMs: z.number(),
  token: z.string().min(1),
  /** The home's time when it was saved; it goes on from there. */
  instantMs: z.number(),
  helpers: z.array(helperSchema),
  deeds: z.array(deedSchema),
});

/** A helper that a client made, as `input_datetime/list` shows it, and when. */
export type CreatedHelper = z.infer<typeof helperSchema>;
/** What did not follow from the seed: states that clients set, entities that they removed, and restarts. */
export type Deed = z.infer<typeof deedSchema>;
/** All that is needed to go on with a home: the rest follows from its seed. */
export type SavedLife = z.infer<typeof lifeSchema>;

const FILE = "home.json";

/** The saved home of a folder; null when there is none. One that cannot be read is put aside, not deleted, and the home begins anew. */
export function readSavedLife(folder: string): SavedLife | null {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const parsed = lifeSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  renameSync(path, `${path}.unreadable`);
  return null;
}

/** Writes beside the file and renames, so that a crash leaves the older or the newer one, never a half. */
export function writeSavedLife(folder: string, life: SavedLife): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(life), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
