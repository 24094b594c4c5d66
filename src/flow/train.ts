import type { StageContext } from "./stage.ts";
export interface TrainInput { readonly target?: string; readonly dryRun?: boolean }
export async function train(_context: StageContext, _input: TrainInput): Promise<readonly object[]> { return []; }
