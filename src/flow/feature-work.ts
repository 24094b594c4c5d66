import { LONGEST_EFFECT_MS } from "../core/features/effect.ts";
import { windowNoOf } from "../core/time.ts";
import type { StaleRange } from "../store/tables/stale.ts";

/** Windows, both ends included. */
export interface Range {
  readonly fromNo: number;
  readonly toNo: number;
}

export interface WorkInput {
  /** Oldest and newest window that can be computed. */
  readonly computable: Range;
  readonly stored: Range | null;
  readonly stale: readonly StaleRange[];
  /** Asked for by hand. */
  readonly rebuild: Range | null;
  /** Stored windows may be of another feature set. */
  readonly isOtherSet: boolean;
  readonly gridMs: number;
  readonly reachMs: number;
}

export interface Work {
  /** To be computed, whatever is stored. */
  readonly whole: readonly Range[];
  /** In which changes may touch windows. */
  readonly perhaps: readonly Range[];
  /** Whose windows are brought to the feature set in force. */
  readonly carried: readonly Range[];
}

/** What a pass has to do: windows that are new, asked for, or stale, and those of another feature set. Each list is sorted and disjoint. */
export function workOf(input: WorkInput): Work {
  const { computable, stored, stale, rebuild, gridMs } = input;
  const missing = stored === null ? computable : { fromNo: stored.toNo + 1, toNo: computable.toNo };
  const named = stale.filter(({ change }) => change === null);
  const inside = (ranges: readonly Range[], limits: Range | null): Range[] => (limits === null ? [] : joined(within(ranges, limits)));
  const storedComputable = stored === null ? null : (within([stored], computable)[0] ?? null);
  return {
    whole: inside([missing, ...named, ...(rebuild === null ? [] : [rebuild])], computable),
    perhaps: inside(
      stale.flatMap(({ change, toNo }) =>
        change === null
          ? []
          : [
              {
                fromNo: windowNoOf(change.fromUs / 1000, gridMs),
                toNo: Math.min(toNo, windowNoOf(change.toUs / 1000 + LONGEST_EFFECT_MS + input.reachMs, gridMs) + 1),
              },
            ],
      ),
      storedComputable,
    ),
    carried: input.isOtherSet && storedComputable !== null ? [storedComputable] : [],
  };
}

function within(ranges: readonly Range[], limits: Range): Range[] {
  return ranges
    .map(({ fromNo, toNo }) => ({ fromNo: Math.max(fromNo, limits.fromNo), toNo: Math.min(toNo, limits.toNo) }))
    .filter(({ fromNo, toNo }) => fromNo <= toNo);
}

/** Sorted, touching ones made one. */
export function joined(ranges: readonly Range[]): Range[] {
  const result: { fromNo: number; toNo: number }[] = [];
  for (const { fromNo, toNo } of [...ranges].sort((a, b) => a.fromNo - b.fromNo)) {
    const last = result.at(-1);
    if (last !== undefined && fromNo <= last.toNo + 1) last.toNo = Math.max(last.toNo, toNo);
    else result.push({ fromNo, toNo });
  }
  return result;
}
