import { startScriptedHome } from "../tests/helpers/scripted-ha.ts";
import { DOMAINS } from "./large-file.ts";

/** The home of the large file in a process of its own: all its entities have changed since, and its recorder tells how. */

const entities = Number(process.argv[2]);
const HOUR_MS = 3_600_000;
const changedMs = Date.now() - 60_000;
const idOf = (id: number): string => `${DOMAINS[id % DOMAINS.length]}.made_${id}`;
const at = new Date(changedMs).toISOString().replace("Z", "000+00:00");

const home = await startScriptedHome();
home.on("get_states", () =>
  Array.from({ length: entities }, (_, i) => ({
    entity_id: idOf(i + 1),
    state: String(i),
    attributes: { friendly_name: `Made ${i + 1}` },
    last_changed: at,
    last_reported: at,
    last_updated: at,
    context: { id: `01J${String(i).padStart(23, "0")}`, parent_id: null, user_id: null },
  })),
);
home.on("history/history_during_period", (command) => {
  const [fromMs, toMs] = [Date.parse(String(command["start_time"])), Date.parse(String(command["end_time"]))];
  if (changedMs <= fromMs || changedMs >= toMs || toMs - fromMs > 24 * HOUR_MS) return {};
  return Object.fromEntries(
    (command["entity_ids"] as string[]).map((entityId) => [
      entityId,
      [{ s: String(Number(entityId.split("_").at(-1)) - 1), lu: changedMs / 1000 }],
    ]),
  );
});
home.on("config/entity_registry/list", () => []);
home.on("config/device_registry/list", () => []);
home.on("config/area_registry/list", () => []);
home.on("recorder/list_statistic_ids", () => []);
home.on("render_template", () => {
  throw { code: "unknown_error", message: "no templates here" };
});
process.send!({ url: home.url });
