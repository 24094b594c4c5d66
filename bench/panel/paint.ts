import { type Noted, type Place, visit } from "./visit.ts";

export interface Paint {
  readonly usefulMs: readonly number[];
  readonly groundMs: readonly number[];
  /** The same of a page that is nothing but one line, run by run beside ours: what the browser and the hop take by themselves. */
  readonly emptyMs: readonly number[];
  /** Scripts that had come by then, by file name. */
  readonly scriptsBefore: readonly string[];
}

export async function measurePaint(place: Place, empty: Place, device: "phone" | "desktop", runs: number): Promise<Paint> {
  const usefulMs: number[] = [];
  const groundMs: number[] = [];
  const emptyMs: number[] = [];
  let scripts: readonly string[] = [];
  // The first one warms the server and its files, as a home that has been running for a while has them.
  for (let run = 0; run <= runs; run += 1) {
    const ours = await firstUseful(place, device);
    const peer = await firstUseful(empty, device);
    if (run > 0) {
      usefulMs.push(ours.usefulMs);
      groundMs.push(ours.groundMs);
      emptyMs.push(peer.usefulMs);
    }
    ({ scripts } = ours);
  }
  return { usefulMs, groundMs, emptyMs, scriptsBefore: scripts.map((name) => name.slice(name.lastIndexOf("/") + 1)) };
}

async function firstUseful(place: Place, device: "phone" | "desktop"): Promise<Required<Noted>> {
  const { frame, close } = await visit(place, device, "/now");
  const noted = await frame.waitForFunction(() => {
    const { noted: found } = window as unknown as { noted?: Noted };
    return found?.usefulMs === undefined ? null : found;
  });
  const found = (await noted.jsonValue()) as Required<Noted>;
  await close();
  return found;
}
