import { type Place, visit } from "./visit.ts";

const SECONDS = 20;

export interface LiveCost {
  readonly updates: number;
  readonly scriptMsEach: number;
  readonly updatesPerSecond: number;
}

/** What a live update costs on the phone: script time between two readings, over the messages that came in between. */
export async function measureLive(place: Place): Promise<LiveCost> {
  let updates = 0;
  const { page, devtools, close } = await visit(place, "phone", "/now", async (fresh) => {
    fresh.on("websocket", (socket) =>
      socket.on("framereceived", () => {
        updates += 1;
      }),
    );
  });
  await devtools.send("Performance.enable");
  await page.waitForTimeout(5000);
  const before = await scriptSeconds();
  updates = 0;
  await page.waitForTimeout(SECONDS * 1000);
  const spent = (await scriptSeconds()) - before;
  await close();
  return {
    updates,
    scriptMsEach: Math.round((spent * 1e5) / updates) / 100,
    updatesPerSecond: Math.round((updates * 100) / SECONDS) / 100,
  };

  async function scriptSeconds(): Promise<number> {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration")!.value;
  }
}
