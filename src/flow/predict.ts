import type { StageContext } from "./stage.ts";
export async function predict(_context: StageContext): Promise<{ predictions: number }> { return { predictions: 0 }; }
