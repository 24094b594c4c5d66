import { WebSocketServer } from "ws";

/** A home of so many entities, each registered, with states as large as real ones; it answers at once from texts made before. */

const entities = Number(process.argv[2]);
const AREAS = 40;

const at = new Date(Date.now() - 3_600_000).toISOString().replace("Z", "000+00:00");
const idOf = (n: number): string =>
  `${["sensor", "binary_sensor", "light", "switch"][n % 4]}.large_home_device_${Math.floor(n / 4)}_of_many`;
const states = Array.from({ length: entities }, (_, n) => ({
  entity_id: idOf(n),
  state: String(n),
  attributes: {
    state_class: "measurement",
    unit_of_measurement: "W",
    device_class: n % 2 === 0 ? "power" : "temperature",
    friendly_name: `Large home device ${n} of many`,
    icon: "mdi:flash",
    options: ["one", "two", "three"],
    restored: false,
  },
  last_changed: at,
  last_reported: at,
  last_updated: at,
  context: { id: `01J${String(n).padStart(23, "0")}`, parent_id: null, user_id: null },
}));
const registered = states.map(({ entity_id }, n) => ({
  area_id: n % 3 === 0 ? `area_${n % AREAS}` : null,
  categories: {},
  config_entry_id: "01J00000000000000000000000",
  created_at: 1_700_000_000,
  device_id: `device_${n % 3000}`,
  disabled_by: null,
  entity_category: null,
  entity_id,
  hidden_by: null,
  id: String(n).padStart(32, "0"),
  labels: [],
  name: null,
  original_name: `Device ${n}`,
  options: { conversation: { should_expose: false } },
  platform: "mqtt",
  translation_key: null,
  unique_id: `unique_${n}`,
}));
const devices = Array.from({ length: 3000 }, (_, n) => ({
  id: `device_${n}`,
  area_id: `area_${n % AREAS}`,
  name: `Device ${n}`,
  parent_device_id: null,
}));
const areas = Array.from({ length: AREAS }, (_, n) => ({ area_id: `area_${n}`, name: `Area ${n}` }));
const answers: Readonly<Record<string, string>> = {
  get_states: JSON.stringify(states),
  get_config: JSON.stringify({ version: "2026.11.0", time_zone: "UTC", state: "RUNNING" }),
  "config/entity_registry/list": JSON.stringify(registered),
  "config/device_registry/list": JSON.stringify(devices),
  "config/area_registry/list": JSON.stringify(areas),
  "recorder/list_statistic_ids": "[]",
  "history/history_during_period": "{}",
};

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("listening", () => {
  const address = server.address();
  process.send!({
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    statesMb: answers["get_states"]!.length / 2 ** 20,
  });
});
server.on("connection", (socket) => {
  socket.send(JSON.stringify({ type: "auth_required", ha_version: "2026.11.0" }));
  socket.on("message", (data) => {
    for (const message of [JSON.parse(String(data))].flat() as { id: number; type: string }[]) {
      if (message.type === "auth") socket.send(JSON.stringify({ type: "auth_ok", ha_version: "2026.11.0" }));
      else if (message.type === "ping") socket.send(JSON.stringify({ id: message.id, type: "pong" }));
      else socket.send(`{"id":${message.id},"type":"result","success":true,"result":${answers[message.type] ?? "null"}}`);
    }
  });
});
process.on("disconnect", () => process.exit(0));
