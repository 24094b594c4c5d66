import { WebSocketServer } from "ws";

/**
 * Sends state changes as Home Assistant would: coalesced frames of full state_changed events as fast as one client takes them, or `rate` a second;
 * or, where it is told to begin with a `perSecond`, each alone and with the instant of its sending as its state.
 */

const [usualEvents, entities, rate] = process.argv.slice(2).map(Number) as [number, number, number | undefined];
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

process.on("message", ({ events = usualEvents, perSecond = 0 }: { readonly events?: number; readonly perSecond?: number }) => {
  const startedMs = Date.now();
  process.send!({ startedMs });
  if (perSecond > 0) pace(events, perSecond);
  else flood(events, startedMs);
});

function flood(events: number, startedMs: number): void {
  let sent = 0;
  const pump = (): void => {
    const due = rate === undefined ? events : Math.min(events, ((Date.now() - startedMs) * rate) / 1000);
    while (sent < due && subscription!.buffered() < HIGH_WATER) {
      const frame: unknown[] = [];
      for (let i = 0; i < PER_FRAME && sent < due; i += 1, sent += 1) {
        const atMs = startedMs + Math.floor(sent / (rate === undefined ? 1000 : rate / 1000));
        frame.push(event(subscription!.id, sent, atMs, sent % 1000, String(sent)));
      }
      subscription!.send(JSON.stringify(frame));
    }
    if (sent < events && rate === undefined) setImmediate(pump);
    else if (sent < events) setTimeout(pump, PACE_MS);
  };
  pump();
}

function pace(events: number, perSecond: number): void {
  const beganMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = Math.min(events, ((performance.now() - beganMs) * perSecond) / 1000); sent < due; sent += 1) {
      const nowMs = performance.timeOrigin + performance.now();
      subscription!.send(
        JSON.stringify(event(subscription!.id, sent, Math.floor(nowMs), Math.floor((nowMs % 1) * 1000), nowMs.toFixed(3))),
      );
    }
    if (sent >= events) clearInterval(timer);
  }, 1);
}

function event(id: number, n: number, atMs: number, us: number, value: string): unknown {
  const entity = `sensor.burst_${n % entities}`;
  const at = new Date(atMs).toISOString().replace("Z", `${String(us).padStart(3, "0")}+00:00`);
  const state = (value: string): unknown => ({
    entity_id: entity,
    state: value,
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
      data: { entity_id: entity, old_state: state(String(n - 1)), new_state: state(value) },
      origin: "LOCAL",
      time_fired: at,
    },
  };
}
