import { z } from "zod";
import { readinessDocument } from "../../core/contracts/documents.ts";

/** How far one target is from its next stage. */
export interface TargetReadiness {
  readonly target: string;
  readonly stage: string | null;
  /** What the next stage still needs, in words. */
  readonly missing: readonly string[];
  /** What there is so far; `need` is null where only the count is known. */
  readonly gates: readonly {
    readonly gate: string;
    readonly have: number | null;
    readonly need: number | null;
    readonly met: boolean | null;
  }[];
  /** A drift of the last weeks, in words; absent where there was none. */
  readonly drift?: string;
}

const withWords = z.record(z.string(), z.looseObject({ missing: z.array(z.string()).optional(), drift: z.string().optional() }));

const countedSchema = z.array(
  z.object({
    target: z.string(),
    stage: z.string().nullable(),
    missing: z.array(z.string()),
    labelledDays: z.number(),
    episodes: z.number(),
    rowsPerClass: z.object({ negative: z.number(), positive: z.number() }),
  }),
);

/**
 * Reads what training noted: the contract's document (target name -> {stage, gates}, optionally `missing`), or a list of counts per target.
 * Empty: no training has looked yet. Null: it is neither.
 */
export function parseReadiness(value: unknown): TargetReadiness[] | null {
  const counted = countedSchema.safeParse(value);
  if (counted.success) {
    return counted.data.map(({ target, stage, missing, labelledDays, episodes, rowsPerClass }) => ({
      target,
      stage,
      missing,
      gates: Object.entries({
        labelled_days: labelledDays,
        episodes,
        positive_rows: rowsPerClass.positive,
        negative_rows: rowsPerClass.negative,
      }).map(([gate, have]) => ({ gate, have, need: null, met: null })),
    }));
  }
  const document = readinessDocument.safeParse(value);
  const words = withWords.safeParse(value).data ?? {};
  if (!document.success) return null;
  return Object.entries(document.data).map(([target, { stage, gates }]) => ({
    target,
    stage,
    missing: words[target]?.missing ?? gates.filter((gate) => !gate.met).map(gateInWords),
    gates: gates.map(({ gate, have, need, met }) => ({ gate, have, need, met })),
    ...(words[target]?.drift === undefined ? {} : { drift: words[target].drift }),
  }));
}

function gateInWords({ gate, have, need }: { readonly gate: string; readonly have: number | null; readonly need: number }): string {
  const name = gate.replaceAll("_", " ");
  return have === null ? `${name}: not measured yet, ${need} needed` : `${name}: ${have} so far, ${need} needed`;
}
