import { createSystemClock } from "../src/runtime/clock.ts";
import { startScriptedHome } from "../tests/helpers/scripted-ha.ts";
import { changesOfHome } from "./changes-of-home.ts";

/** A home of many entities in a process of its own: half a million changes a day, a day of them in its recorder, time that passes fast. */

const [entityCount, speed, sinceMs] = process.argv.slice(2).map(Number) as [number, number, number];
const TICK_MS = 100;

const clock = createSystemClock(0, { speed, sinceMs });
const { atMsOf, bornMs, idOf, kindOf, numberAt, stateAt } = changesOfHome(entityCount, sinceMs);

const numberOf = new Map(Array.from({ length: entityCount }, (_, entity) => [idOf(entity), entity]));

function stateOf(n: number): object {
  const at = new Date(atMsOf(n)).toISOString().replace("Z", "000+00:00");
  const entity = n % entityCount;
  return {
    entity_id: idOf(entity),
    state: stateAt(n),
    attributes: { ...kindOf(entity).attributes, friendly_name: `Thing ${entity} of the home` },
    last_changed: at,
    last_reported: at,
    last_updated: at,
    context: { id: `01J${String(n).padStart(23, "0")}`, parent_id: null, user_id: null },
  };
}

const home = await startScriptedHome();
home.on("get_states", () => {
  const newest = numberAt(clock.nowMs()) - 1;
  return Array.from({ length: entityCount }, (_, i) => stateOf(newest - i));
});
home.on("history/history_during_period", (command) => {
  const start = String(command["start_time"]);
  const fromMs = Date.parse(start);
  const startSeconds = (Date.parse(`${start.slice(0, 23)}Z`) * 1000 + Number(start.slice(23, 26))) / 1e6;
  const toMs = Math.min(Date.parse(String(command["end_time"])), clock.nowMs());
  const answer: Record<string, object[]> = {};
  for (const entityId of command["entity_ids"] as string[]) {
    const entity = numberOf.get(entityId);
    if (entity === undefined) continue;
    const first = numberAt(fromMs);
    const rows: object[] = [];
    if (command["include_start_time_state"] === true && fromMs > bornMs) rows.push({ s: "20.0", lu: startSeconds });
    for (let n = first + ((((entity - first) % entityCount) + entityCount) % entityCount); atMsOf(n) < toMs; n += entityCount) {
      if (atMsOf(n) > fromMs) rows.push({ s: stateAt(n), lu: atMsOf(n) / 1000 });
    }
    if (rows.length > 0) answer[entityId] = rows;
  }
  return answer;
});
home.on("config/entity_registry/list", () =>
  Array.from({ length: entityCount }, (_, entity) => ({
    entity_id: idOf(entity),
    area_id: `area_${entity % 12}`,
    platform: "bench",
    unique_id: `${entity}`,
    device_id: null,
  })),
);
home.on("config/device_registry/list", () => []);
home.on("config/area_registry/list", () => Array.from({ length: 12 }, (_, area) => ({ area_id: `area_${area}`, name: `Room ${area}` })));
home.on("recorder/list_statistic_ids", () => []);
home.on("render_template", () => {
  throw { code: "unknown_error", message: "no templates here" };
});

let sent = numberAt(clock.nowMs());
setInterval(() => {
  const events: object[] = [];
  for (const upTo = numberAt(clock.nowMs()); sent < upTo; sent += 1) {
    const state = stateOf(sent);
    events.push({
      event_type: "state_changed",
      data: { entity_id: idOf(sent % entityCount), old_state: state, new_state: state },
      origin: "LOCAL",
      time_fired: new Date(atMsOf(sent)).toISOString(),
    });
  }
  if (events.length > 0) home.emitTogether(events);
}, TICK_MS);
/** It restarts: nobody is let in for a while, and its recorder goes on. Answers with the number of its changes so far. */
process.on("message", ({ awayMs = 0 }: { readonly awayMs?: number }) => {
  if (awayMs > 0) {
    home.greetWith({ status: 502 });
    home.closeAll();
    setTimeout(() => home.greetWith("welcome"), awayMs / speed);
  }
  process.send!({ sent });
});
process.send!({ url: home.url });
