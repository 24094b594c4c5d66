import { WebSocketServer } from "ws";

/**
 * Sends state changes as Home Assistant would: coalesced frames of full state_changed events as fast as one client takes them, or `rate` a second;
 * or, where it is told to begin with a `perSecond`, each alone and with the instant of its sending as its state.
 */

const [usualEvents, entities, rate] = process.argv.slice(2).map(Number) as [number, number, number | undefined];
const PER_FRAME = 50;
const HIGH_WATER = 4 * 1024 * 1024;
const PACE_MS = 100;
const FULL_MS = 2;

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
      const frame: string[] = [];
      for (let i = 0; i < PER_FRAME && sent < due; i += 1, sent += 1) {
        const atMs = startedMs + Math.floor(sent / (rate === undefined ? 1000 : rate / 1000));
        frame.push(event(subscription!.id, sent, atMs, sent % 1000, String(sent)));
      }
      subscription!.send(`[${frame.join(",")}]`);
    }
    // Whoever waits for the reader must not take the reader's processor.
    if (sent < events) setTimeout(pump, rate === undefined ? FULL_MS : PACE_MS);
  };
  pump();
}

function pace(events: number, perSecond: number): void {
  const beganMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = Math.min(events, ((performance.now() - beganMs) * perSecond) / 1000); sent < due; sent += 1) {
      const nowMs = performance.timeOrigin + performance.now();
      subscription!.send(event(subscription!.id, sent, Math.floor(nowMs), Math.floor((nowMs % 1) * 1000), nowMs.toFixed(3)));
    }
    if (sent >= events) clearInterval(timer);
  }, 1);
}

/** As text at once: what plays Home Assistant must not take the machine from what is measured. */
function event(id: number, n: number, atMs: number, us: number, value: string): string {
  const number = n % entities;
  const at = `${secondOf(Math.floor(atMs / 1000))}.${String(atMs % 1000).padStart(3, "0")}${String(us).padStart(3, "0")}+00:00`;
  const facts = `"attributes":{"unit_of_measurement":"W","device_class":"power","friendly_name":"Burst ${number} power"},"last_changed":"${at}","last_reported":"${at}","last_updated":"${at}","context":{"id":"01J${String(n).padStart(23, "0")}","parent_id":null,"user_id":null}`;
  const state = (text: string): string => `{"entity_id":"sensor.burst_${number}","state":"${text}",${facts}}`;
  return `{"id":${id},"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"sensor.burst_${number}","old_state":${state(String(n - 1))},"new_state":${state(value)}},"origin":"LOCAL","time_fired":"${at}"}}`;
}

let second = { at: Number.NaN, text: "" };

function secondOf(at: number): string {
  if (second.at !== at) second = { at, text: new Date(at * 1000).toISOString().slice(0, 19) };
  return second.text;
}
