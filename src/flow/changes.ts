import type { StageContext } from "./stage.ts";
export async function watchChanges(_context: StageContext): Promise<{ steps: number }> { return { steps: 0 }; }
