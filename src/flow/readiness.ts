import { getHealth } from "../store/tables/metadata.ts";
import type { StageContext } from "./stage.ts";

/** How far a target has come, gate by gate, as vw_health promises it. */
export interface TargetReadiness {
  readonly stage: "clock" | "preview" | "eligible" | null;
  /** In words: what stands between this stage and the next. */
  readonly missing: readonly string[];
  readonly gates: readonly { readonly gate: string; readonly have: number | null; readonly need: number; readonly met: boolean }[];
  /** A drift of the last weeks, in words; absent where there was none. */
  readonly drift?: string;
}

export function readReadiness({ reader }: Pick<StageContext, "reader">): Record<string, TargetReadiness> {
  const text = getHealth(reader)["readiness"];
  return text === undefined ? {} : (JSON.parse(text) as Record<string, TargetReadiness>);
}

export async function noteReadiness(context: StageContext, target: string, readiness: TargetReadiness): Promise<void> {
  await context.writer.write("noteReadiness", { readiness: { ...readReadiness(context), [target]: readiness } });
}
