import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { DAY_MS } from "../core/time.ts";
import type { ChangeItem } from "../store/pages/changes.ts";
import type { Reader } from "../store/reads.ts";
import type { Writer } from "../store/writer.ts";

/** Changes of habit that somebody is told of, each once, also when nobody could be told for a while. */
export interface HabitNews {
  /** What was reported before anybody listened is no news. */
  begin(): Promise<void>;
  /** Tells what is new, the oldest first; what cannot be told now is told the next time. */
  tell(send: (change: ChangeItem) => Promise<boolean>): Promise<void>;
}

/** A report is watched for three days; what is older than this is no news. */
const NEWS_MS = 7 * DAY_MS;
const MOST = 100;

const toldSchema = z.array(z.string());

const keyOf = ({ stream, detectedAtUtc, withdrawnAtUtc }: ChangeItem): string =>
  `${detectedAtUtc} ${stream}${withdrawnAtUtc === null ? "" : " withdrawn"}`;
const keyBefore = (change: ChangeItem): string => keyOf({ ...change, withdrawnAtUtc: null });

export function createHabitNews({
  database,
  clock,
}: {
  readonly database: { readonly reads: Reader; readonly writer: Writer };
  readonly clock: Clock;
}): HabitNews {
  const { reads, writer } = database;

  async function recent(): Promise<readonly ChangeItem[]> {
    const { items } = await reads.read("pageOfChanges", { fromMs: clock.nowMs() - NEWS_MS, limit: MOST, offset: 0 });
    return items.toReversed();
  }

  async function readTold(): Promise<Set<string> | null> {
    const text = await reads.read("metadata", "mqtt_told");
    return text === null || text === "" ? null : new Set(toldSchema.catch([]).parse(JSON.parse(text)));
  }

  /** Of those that are news no more nothing is kept. */
  async function remember(told: ReadonlySet<string>, among: readonly ChangeItem[]): Promise<void> {
    const kept = among.flatMap((change) => [...new Set([keyBefore(change), keyOf(change)])]).filter((key) => told.has(key));
    await writer.write("setMetadata", { mqtt_told: JSON.stringify(kept) });
  }

  return {
    async begin() {
      if ((await readTold()) !== null) return;
      const changes = await recent();
      await remember(new Set(changes.flatMap((change) => [keyBefore(change), keyOf(change)])), changes);
    },
    async tell(send) {
      const told = (await readTold()) ?? new Set<string>();
      const changes = await recent();
      const fresh = changes.filter((change) => !told.has(keyOf(change)));
      for (const change of fresh) {
        // What was taken back before anybody heard of it, and what nobody wants to hear of.
        const isSilent = change.isMuted || change.answer === "rejected" || (change.withdrawnAtUtc !== null && !told.has(keyBefore(change)));
        if (!isSilent && !(await send(change))) break;
        told.add(keyOf(change));
      }
      if (fresh.length > 0) await remember(told, changes);
    },
  };
}
