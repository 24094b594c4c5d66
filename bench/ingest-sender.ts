import { WebSocketServer } from "ws";

/** Sends state changes as fast as one client takes them, or so many a second, as Home Assistant would: coalesced frames of full state_changed events. */

const [events, entities, rate] = process.argv.slice(2).map(Number) as [number, number, number | undefined];
const PER_FRAME = 50;
const HIGH_WATER = 4 * 1024 * 1024;
const PACE_MS = 100;

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
let subscription: { send: (text: string) => void; buffered: () => number; id: number } | null = null;

server.on("listening", () => {
  const address = server.address();
  process.send!({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` });
});
server.on("connection", (socket) => {
  const reply = (message: unknown): void => socket.send(JSON.stringify(message));
  reply({ type: "auth_required", ha_version: "2026.11.0" });
  socket.on("message", (data) => {
    for (const message of [JSON.parse(String(data))].flat() as { id: number; type: string }[]) {
      if (message.type === "auth") reply({ type: "auth_ok", ha_version: "2026.11.0" });
      else if (message.type === "ping") reply({ id: message.id, type: "pong" });
      else
        reply({
          id: message.id,
          type: "result",
          success: true,
          result: message.type === "get_config" ? { version: "2026.11.0", time_zone: "UTC", state: "RUNNING" } : [],
        });
      if (message.type === "subscribe_events")
        subscription = { send: (text) => socket.send(text), buffered: () => socket.bufferedAmount, id: message.id };
    }
  });
});

process.on("message", () => {
  const startedMs = Date.now();
  process.send!({ startedMs });
  let sent = 0;
  const pump = (): void => {
    const due = rate === undefined ? events : Math.min(events, ((Date.now() - startedMs) * rate) / 1000);
    while (sent < due && subscription!.buffered() < HIGH_WATER) {
      const frame: unknown[] = [];
      for (let i = 0; i < PER_FRAME && sent < due; i += 1, sent += 1) frame.push(event(subscription!.id, sent, startedMs));
      subscription!.send(JSON.stringify(frame));
    }
    if (sent < events && rate === undefined) setImmediate(pump);
    else if (sent < events) setTimeout(pump, PACE_MS);
  };
  pump();
});

function event(id: number, n: number, startedMs: number): unknown {
  const entity = `sensor.burst_${n % entities}`;
  const at = new Date(startedMs + Math.floor(n / (rate === undefined ? 1000 : rate / 1000)))
    .toISOString()
    .replace("Z", `${String(n % 1000).padStart(3, "0")}+00:00`);
  const state = (value: number): unknown => ({
    entity_id: entity,
    state: String(value),
    attributes: { unit_of_measurement: "W", device_class: "power", friendly_name: `Burst ${n % entities} power` },
    last_changed: at,
    last_reported: at,
    last_updated: at,
    context: { id: `01J${String(n).padStart(23, "0")}`, parent_id: null, user_id: null },
  });
  return {
    id,
    type: "event",
    event: {
      event_type: "state_changed",
      data: { entity_id: entity, old_state: state(n - 1), new_state: state(n) },
      origin: "LOCAL",
      time_fired: at,
    },
  };
}
