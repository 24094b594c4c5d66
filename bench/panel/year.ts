import type { Frame } from "playwright-core";
import { spreadOf } from "../machine.ts";
import { type Place, visit } from "./visit.ts";

/**
 * A year in the Timeline: from the answer being there to its picture, ms, by the marks that the screen sets ("timeline data", "timeline drawn"),
 * and from the wish to the picture with the answer's time in it. Null where the panel has no Timeline.
 */
export async function measureYear(place: Place, runs: number): Promise<object | null> {
  if (!(await hasTimeline(place))) return null;
  const figures: Record<string, object> = {};
  for (const device of ["phone", "desktop"] as const) {
    const drawn: number[] = [];
    const whole: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const { frame, close } = await visit(place, device, "/timeline");
      await drawnAfter(frame, 0);
      const fromMs = await frame.evaluate(() => {
        location.hash = `${location.hash.split("?")[0]}?span=year`;
        return performance.now();
      });
      const { dataMs, drawnMs } = await drawnAfter(frame, fromMs);
      drawn.push(drawnMs - dataMs);
      whole.push(drawnMs - fromMs);
      await close();
    }
    figures[device] = { drawMs: Math.round(spreadOf(drawn).median), wholeMs: Math.round(spreadOf(whole).median) };
  }
  return figures;
}

async function hasTimeline(place: Place): Promise<boolean> {
  const { frame, close } = await visit(place, "desktop", "/now");
  await frame.locator("nav a").first().waitFor();
  const count = await frame.locator('nav a[href="#/timeline"]').count();
  await close();
  return count > 0;
}

async function drawnAfter(frame: Frame, fromMs: number): Promise<{ readonly dataMs: number; readonly drawnMs: number }> {
  const found = await frame.waitForFunction((after) => {
    const last = (name: string): number => performance.getEntriesByName(name).at(-1)?.startTime ?? -1;
    const [dataMs, drawnMs] = [last("timeline data"), last("timeline drawn")];
    return dataMs > after && drawnMs >= dataMs ? { dataMs, drawnMs } : null;
  }, fromMs);
  return (await found.jsonValue())!;
}
