import { z } from "zod";
import { ANSWERED, type Command, CommandError } from "./connection.ts";
import { createHelper, deleteHelper, listHelpers } from "./helpers.ts";
import { readHistory } from "./history.ts";
import { parseDateTime } from "./instants.ts";
import { contextId, contextMessage, eventMessage } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type { Cause } from "./recorder.ts";
import type { RunningHome } from "./running-home.ts";
import { callSchema, createSchema, historySchema, importSchema, message, statisticIdsSchema, statisticsSchema } from "./schemas.ts";
import { createServices } from "./services.ts";
import { createStatistics, STATISTIC_TYPES } from "./statistics.ts";

const ENTITY_ID = /^[a-z0-9_]+\.[a-z0-9_]+$/;
/** Rows wait in the recorder's queue until it commits. */
const COMMIT_INTERVAL_US = 1_000_000;

function command<T>(schema: z.ZodType<T>, run: (message: T, id: number, session: Parameters<Command["run"]>[2]) => unknown): Command {
  return { schema, run: (parsed, id, session) => run(parsed as T, id, session) };
}

/** The commands of Home Assistant's websocket that the simulated home knows. */
export function createCommands(home: RunningHome): ReadonlyMap<string, Command> {
  const services = createServices(home.calendar);
  const statistics = createStatistics(home.life.recorder);
  const plain = (answer: () => unknown): Command => command(message({}), answer);
  const cause = (id: number): Cause => ({ userId: home.userId, contextId: contextId(home.clock.nowUs(), `command ${id}`) });

  const commands: [string, Command][] = [
    ["ping", command(message({}), (_, id, { outbox }) => pong(id, outbox))],
    [
      "supported_features",
      command(message({ features: z.record(z.string(), z.number()) }), ({ features }, _, { outbox }) => {
        if ("coalesce_messages" in features) outbox.coalesce();
      }),
    ],
    ["get_states", plain(() => home.states())],
    ["get_config", plain(() => home.config())],
    ["config/entity_registry/list", plain(() => home.registries.entities())],
    ["config/device_registry/list", plain(() => home.registries.devices)],
    ["config/area_registry/list", plain(() => home.registries.areas)],
    ["recorder/info", plain(() => RECORDER_INFO)],
    ["recorder/list_statistic_ids", command(statisticIdsSchema, ({ statistic_type: type }) => statistics.list(type))],
    ["recorder/import_statistics", command(importSchema, (wanted) => statistics.import(wanted))],
    ["recorder/statistics_during_period", command(statisticsSchema, (query) => statisticsDuring(query))],
    ["history/history_during_period", command(historySchema, (query) => history(query))],
    [
      "auth/current_user",
      plain(() => ({ id: home.userId, name: "Simulated", is_owner: true, is_admin: true, credentials: [], mfa_modules: [] })),
    ],
    [
      "config/auth/list",
      plain(() => [{ id: home.userId, name: "Simulated", is_owner: true, is_active: true, group_ids: ["system-admin"] }]),
    ],
    ["input_datetime/list", plain(() => listHelpers(home))],
    ["input_datetime/create", command(createSchema, (wanted) => createHelper(home, wanted))],
    [
      "input_datetime/delete",
      command(message({ input_datetime_id: z.string() }), (wanted) => deleteHelper(home, wanted.input_datetime_id)),
    ],
    [
      "subscribe_events",
      command(message({ event_type: z.string().default("*") }), ({ event_type: eventType }, id, { outbox, subscriptions }) => {
        // What happened before the subscription is not part of it.
        home.life.advance();
        const end = home.bus.subscribe(eventType === "*" ? null : eventType, (json) =>
          outbox.send(`{"type":"event","event":${json},"id":${id}}`),
        );
        subscriptions.set(id, end);
      }),
    ],
    [
      "unsubscribe_events",
      command(message({ subscription: z.number().int() }), ({ subscription }, _, { subscriptions }) => {
        const end = subscriptions.get(subscription);
        if (!end) throw new CommandError("not_found", "Subscription not found.");
        end();
        subscriptions.delete(subscription);
      }),
    ],
    [
      "fire_event",
      command(message({ event_type: z.string(), event_data: z.record(z.string(), z.unknown()).default({}) }), (wanted, id) => {
        const own = cause(id);
        const atUs = home.clock.nowUs();
        home.bus.fire(eventMessage(wanted.event_type, wanted.event_data, atUs, own));
        return { context: contextMessage(own, atUs, "") };
      }),
    ],
    ["call_service", command(callSchema, (call, id) => callService(call, cause(id)))],
  ];
  return new Map(commands);

  function history(query: z.infer<typeof historySchema>): unknown {
    const start = parseDateTime(query.start_time, home.calendar);
    if (!start) throw new CommandError("invalid_start_time", "Invalid start_time");
    const end = query.end_time ? parseDateTime(query.end_time, home.calendar) : null;
    if (query.end_time && !end) throw new CommandError("invalid_end_time", "Invalid end_time");
    if (start.seconds > home.clock.nowMs() / 1000) return {};
    if (query.entity_ids.some((entityId) => !ENTITY_ID.test(entityId))) throw new CommandError("invalid_entity_ids", "Invalid entity_ids");
    home.life.advance();
    return readHistory(
      home.life.recorder,
      {
        startSeconds: start.seconds,
        endSeconds: end?.seconds ?? null,
        entityIds: query.entity_ids,
        includeStartTimeState: query.include_start_time_state,
        significantChangesOnly: query.significant_changes_only,
        minimalResponse: query.minimal_response,
        noAttributes: query.no_attributes,
        committedUs: Math.floor(home.clock.nowUs() / COMMIT_INTERVAL_US) * COMMIT_INTERVAL_US,
      },
      home.unrecordedOf,
    );
  }

  function statisticsDuring(query: z.infer<typeof statisticsSchema>): unknown {
    const start = parseDateTime(query.start_time, home.calendar);
    if (!start) throw new CommandError("invalid_start_time", "Invalid start_time");
    const end = query.end_time ? parseDateTime(query.end_time, home.calendar) : null;
    if (query.end_time && !end) throw new CommandError("invalid_end_time", "Invalid end_time");
    home.life.advance();
    return statistics.during({
      startMs: start.seconds * 1000,
      endMs: end === null ? null : end.seconds * 1000,
      ids: query.statistic_ids,
      period: query.period,
      types: query.types ?? STATISTIC_TYPES,
      nowMs: home.clock.nowMs(),
    });
  }

  function callService(call: z.infer<typeof callSchema>, own: Cause): unknown {
    const { domain, service } = call;
    const run = services.get(`${domain}.${service}`);
    if (!run) {
      throw new CommandError("not_found", `Service ${domain}.${service} not found.`, {
        translation_key: "service_not_found",
        translation_placeholders: { domain, service },
        translation_domain: "homeassistant",
      });
    }
    home.life.advance();
    const data = { ...call.service_data, ...call.target };
    const atUs = home.clock.nowUs();
    const outcomes = run(data, home.life.recorder.current);
    home.bus.fire(eventMessage("call_service", { domain, service, service_data: data }, atUs, own));
    for (const { entityId, state, attributes } of outcomes) home.life.set(entityId, state, attributes, own);
    home.save();
    return { context: contextMessage(own, atUs, "") };
  }
}

function pong(id: number, outbox: Outbox): typeof ANSWERED {
  outbox.send(JSON.stringify({ id, type: "pong" }));
  return ANSWERED;
}

const RECORDER_INFO = {
  backlog: 0,
  db_in_default_location: true,
  max_backlog: 65000,
  migration_in_progress: false,
  migration_is_live: false,
  recording: true,
  thread_running: true,
};
