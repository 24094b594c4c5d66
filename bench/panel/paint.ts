import { type Noted, type Place, visit } from "./visit.ts";

export interface Paint {
  readonly usefulMs: readonly number[];
  readonly groundMs: readonly number[];
  /** Scripts that had come by then, by file name. */
  readonly scriptsBefore: readonly string[];
}

export async function measurePaint(place: Place, device: "phone" | "desktop", runs: number): Promise<Paint> {
  const usefulMs: number[] = [];
  const groundMs: number[] = [];
  let scripts: readonly string[] = [];
  // The first one warms the server and its files, as a home that has been running for a while has them.
  for (let run = 0; run <= runs; run += 1) {
    const { frame, close } = await visit(place, device, "/now");
    const noted = await frame.waitForFunction(() => {
      const { noted: found } = window as unknown as { noted?: Noted };
      return found?.usefulMs === undefined ? null : found;
    });
    const { usefulMs: ms, groundMs: ground, scripts: names } = (await noted.jsonValue()) as Required<Noted>;
    if (run > 0) {
      usefulMs.push(ms);
      groundMs.push(ground);
    }
    scripts = names;
    await close();
  }
  return { usefulMs, groundMs, scriptsBefore: scripts.map((name) => name.slice(name.lastIndexOf("/") + 1)) };
}
