import { type Place, visit } from "./visit.ts";

const HOURS = 8;
const UPDATES_PER_HOUR = 3600;

/**
 * The heap (MB, after a collection) over eight hours of Now: a message of the websocket for each second and a prediction each five minutes, which
 * is asked for. The page's clock is moved on with them; the messages are those that the app sent first, with other numbers.
 */
export async function measureMemory(place: Place): Promise<{ readonly mbByHour: readonly number[]; readonly growth: number }> {
  const { page, frame, devtools, close } = await visit(place, "desktop", "/now", async (fresh) => {
    await fresh.clock.install();
    await fresh.addInitScript(() => {
      const Plain = window.WebSocket;
      window.WebSocket = class extends Plain {
        constructor(address: string | URL) {
          super(address);
          Object.assign(window, { lastSocket: this });
        }
      };
    });
  });
  await frame.waitForFunction(() => document.querySelector(".probability") !== null && "lastSocket" in window);
  const mbByHour: number[] = [await heapMb()];
  for (let hour = 0; hour < HOURS; hour += 1) {
    for (let minute = 0; minute < 60; minute += 1) {
      await frame.evaluate(
        ([from, count]) => {
          const { lastSocket } = window as unknown as { lastSocket: WebSocket };
          const say = (topic: string, content: object): void => {
            lastSocket.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ topic, content }) }));
          };
          for (let i = 0; i < count!; i += 1) say("ingest", { eventsTotal: from! + i, lastEventAtUtc: new Date().toISOString() });
          if (from! % 300 === 0) say("predictions", []);
        },
        [(hour * 60 + minute) * 60, UPDATES_PER_HOUR / 60],
      );
      await page.clock.runFor(60_000);
    }
    mbByHour.push(await heapMb());
  }
  await close();
  // The first hour fills what is kept; the others must not add.
  return { mbByHour, growth: Math.round((mbByHour.at(-1)! / mbByHour[1]!) * 100) / 100 };

  async function heapMb(): Promise<number> {
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    return Math.round(usedSize / 2 ** 16) / 16;
  }
}
