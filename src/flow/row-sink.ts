import type { Clock } from "../core/clock.ts";
import type { FeatureRow } from "../store/tables/features.ts";
import type { Writer } from "../store/writer.ts";

/** Rows of one write: far below the writer's 50 ms. */
export const ROWS_PER_WRITE = 200;
/** Writes on their way at once, so that computing and writing go on side by side and neither runs far ahead. */
const MOST_ON_THEIR_WAY = 8;

export interface RowSink {
  put(rows: Iterable<FeatureRow>): Promise<void>;
  /** Waits until all is written; returns how many rows that were. */
  settle(): Promise<number>;
}

/** Writes rows in short transactions while the next ones are being computed. @throws what the first failed write threw, at the next call. */
export function createRowSink(writer: Writer, clock: Clock): RowSink {
  const onTheirWay: Promise<unknown>[] = [];
  let failure: { readonly error: unknown } | null = null;
  let slice: FeatureRow[] = [];
  let written = 0;

  async function send(): Promise<void> {
    if (onTheirWay.length >= MOST_ON_THEIR_WAY) await oldest();
    const rows = slice;
    slice = [];
    const write = writer.write("putFeatures", { rows, nowMs: clock.nowMs() });
    onTheirWay.push(
      write.catch((error: unknown) => {
        failure ??= { error };
      }),
    );
    written += rows.length;
  }

  async function oldest(): Promise<void> {
    await onTheirWay.shift();
    if (failure !== null) throw failure.error;
  }

  return {
    async put(rows) {
      for (const row of rows) if (slice.push(row) === ROWS_PER_WRITE) await send();
    },
    async settle() {
      if (slice.length > 0) await send();
      while (onTheirWay.length > 0) await oldest();
      if (failure !== null) throw (failure as { readonly error: unknown }).error;
      return written;
    },
  };
}
