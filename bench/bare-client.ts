import { fork } from "node:child_process";
import { join } from "node:path";
import WebSocket from "ws";

/**
 * Events/s of the simulated home that a bare client of its websocket receives and parses, with nothing behind it: more nobody can deliver on
 * this machine. The clock starts with the first event sent and stops when the last one is parsed.
 */
export async function simulatedBareRate(events: number, entities: number): Promise<number> {
  const sender = fork(join(import.meta.dirname, "ingest-sender.ts"), [String(events), String(entities)]);
  const said = (key: "url" | "startedMs"): Promise<string | number> =>
    new Promise((resolve) =>
      sender.on("message", (message: Readonly<Record<string, string | number>>) => key in message && resolve(message[key]!)),
    );
  try {
    const socket = new WebSocket(`${String(await said("url")).replace("http", "ws")}/api/websocket`, { perMessageDeflate: false });
    const lastMs = new Promise<number>((resolve, reject) => {
      let count = 0;
      socket.once("error", reject);
      socket.on("message", (data) => {
        for (const { type } of [JSON.parse(String(data))].flat() as { readonly type: string }[]) {
          if (type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: "token" }));
          else if (type === "auth_ok") socket.send(JSON.stringify({ id: 1, type: "subscribe_events", event_type: "state_changed" }));
          else if (type === "result") sender.send({});
          else if (type === "event") count += 1;
        }
        if (count >= events) resolve(Date.now());
      });
    });
    const startedMs = Number(await said("startedMs"));
    return (events * 1000) / ((await lastMs) - startedMs);
  } finally {
    sender.kill();
  }
}
