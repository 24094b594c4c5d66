import { DAY_MS } from "../core/time.ts";
import { quickCheck } from "../store/damage.ts";
import { newestEventMs } from "../store/tables/events.ts";
import { TRIM_START, type TrimCursor } from "../store/tables/retention.ts";
import { readSizes } from "../store/tables/sizes.ts";
import type { WriteResult } from "../store/writer.ts";
import { Cancelled, type StageContext } from "./stage.ts";

export interface MaintainInput {
  /** What SQLite's check of the file found, where it has been done already; empty = it is sound. */
  readonly findings?: readonly string[];
}

export interface Maintained {
  readonly trimmed: number;
  /** What SQLite's check of the file found; null = it is sound. */
  readonly damage: string | null;
}

const FIRST_VACUUM_PAGES = 64;
const RESTORE_SHOWN_MS = 3 * DAY_MS;

/**
 * Nightly care: the file is checked, old rows go, free pages are given back, the log is emptied, sizes are measured. Everything that writes
 * is a slice of a few milliseconds, and events go first between two of them. A damaged file is left as it is.
 */
export async function maintain(context: StageContext, input: MaintainInput = {}): Promise<Maintained> {
  const { reader, writer, clock, options } = context;
  const nowMs = clock.nowMs();
  const findings = input.findings ?? quickCheck(reader);
  if (findings.length > 0) {
    const damage = findings.join("; ");
    await writer.write("markDegraded", {
      code: "database_corrupt",
      sinceMs: nowMs,
      cause: `SQLite's check of the file found: ${damage}.`,
      effect: "Some stored rows may be unreadable.",
      remedy: "The newest good backup is restored by itself where there is one, and this file is kept beside it. Have a look at the disk.",
    });
    return { trimmed: 0, damage };
  }
  await writer.write("clearDegraded", { code: "database_corrupt" });
  await endOldNews(context, nowMs);
  const trustedMs = trustedNowMs(context);
  const trimmed =
    (await trimAll(context, trustedMs)) + (await trimAllReceipts(context, trustedMs)) + (await trimAllModels(context, trustedMs));
  await vacuum(context);
  await writer.write("checkpoint", null);
  await writer.write("setHealth", readSizes(reader, { ...options.retention, gridMs: options.gridMs, nowMs }));
  return { trimmed, damage: null };
}

/** A clock that was set ahead, by a year say, must not cost what it calls old: nothing ages faster than the home tells news. */
function trustedNowMs({ reader, clock }: StageContext): number {
  return Math.min(clock.nowMs(), (newestEventMs(reader) ?? 0) + DAY_MS);
}

async function trimAll(context: StageContext, nowMs: number): Promise<number> {
  const { writer, options } = context;
  // What is trimmed depends on which event is an entity's newest.
  await writer.write("saveEntityStates", null);
  let trimmed = 0;
  for (let from: TrimCursor = TRIM_START; from.eventUs !== null || from.windowNo !== null; ) {
    if (context.isCancelled()) throw new Cancelled("maintenance");
    const slice = await writer.write("trim", { ...options.retention, gridMs: options.gridMs, nowMs, from });
    trimmed += slice.events + slice.features;
    from = slice.next;
  }
  return trimmed;
}

async function trimAllReceipts({ writer, isCancelled }: StageContext, nowMs: number): Promise<number> {
  let trimmed = 0;
  for (let afterJob: string | null = ""; afterJob !== null; ) {
    if (isCancelled()) throw new Cancelled("maintenance");
    const slice: WriteResult<"trimReceipts"> = await writer.write("trimReceipts", { nowMs, afterJob });
    trimmed += slice.deleted;
    afterJob = slice.next;
  }
  return trimmed;
}

async function trimAllModels({ writer, isCancelled }: StageContext, nowMs: number): Promise<number> {
  let trimmed = 0;
  for (let isDone = false; !isDone; ) {
    if (isCancelled()) throw new Cancelled("maintenance");
    const slice: WriteResult<"trimModels"> = await writer.write("trimModels", { nowMs });
    trimmed += slice.trimmed;
    isDone = slice.isDone;
  }
  return trimmed;
}

async function vacuum(context: StageContext): Promise<void> {
  for (let pages = FIRST_VACUUM_PAGES; pages > 0; ) {
    if (context.isCancelled()) throw new Cancelled("maintenance");
    pages = (await context.writer.write("vacuumSlice", { pages })).next;
  }
}

/** A restore is news for three days. */
async function endOldNews({ reader, writer }: StageContext, nowMs: number): Promise<void> {
  const since = reader.get<{ ms: number }>("SELECT since_ms AS ms FROM degraded WHERE code = 'restored_from_backup'")?.ms;
  if (since !== undefined && nowMs - since > RESTORE_SHOWN_MS) await writer.write("clearDegraded", { code: "restored_from_backup" });
}
