import { CommandError } from "./connection.ts";
import { eventMessage } from "./messages.ts";
import { NOBODY } from "./recorder.ts";
import type { RunningHome } from "./running-home.ts";
import type { CreatedHelper } from "./saved-life.ts";
import { showDatetime } from "./services.ts";

export interface WantedHelper {
  readonly name: string;
  readonly has_date: boolean;
  readonly has_time: boolean;
  readonly icon?: string | undefined;
}

/** The helpers that clients made; those of the house itself come from its configuration and are not listed, as in Home Assistant. */
export function listHelpers(home: RunningHome): readonly Omit<CreatedHelper, "createdMs">[] {
  return home.helpers.map(({ createdMs: _, ...helper }) => helper);
}

/** Makes an `input_datetime`. Never set, it shows today's date at midnight. */
export function createHelper(home: RunningHome, wanted: WantedHelper): Omit<CreatedHelper, "createdMs"> {
  if (!wanted.has_date && !wanted.has_time) throw new CommandError("invalid_format", "Entity needs at least a date or a time.");
  const nowMs = home.clock.nowMs();
  const { name, has_date, has_time, icon } = wanted;
  const helper = { id: freeId(home, name), name, ...(icon !== undefined && { icon }), has_date, has_time };
  home.helpers.push({ ...helper, createdMs: nowMs });
  const entityId = `input_datetime.${helper.id}`;
  home.bus.fire(eventMessage("entity_registry_updated", { action: "create", entity_id: entityId }, home.clock.nowUs(), NOBODY));
  const fixed = { has_date, has_time, editable: true, friendly_name: name, ...(icon !== undefined && { icon }) };
  const midnight = { date: home.calendar.textAt(nowMs).slice(0, 10), time: "00:00:00" };
  const { date, time } = restored(home, entityId, has_date && has_time) ?? midnight;
  const { state, attributes } = showDatetime(has_date, has_time, date, time, 0, fixed, home.calendar);
  home.life.set(entityId, state, attributes, NOBODY);
  home.save();
  return helper;
}

/** Removes a helper that a client made. */
export function deleteHelper(home: RunningHome, id: string): void {
  const index = home.helpers.findIndex((helper) => helper.id === id);
  if (index < 0) throw new CommandError("not_found", `Unable to find input_datetime_id ${id}`);
  home.helpers.splice(index, 1);
  const entityId = `input_datetime.${id}`;
  home.bus.fire(eventMessage("entity_registry_updated", { action: "remove", entity_id: entityId }, home.clock.nowUs(), NOBODY));
  home.life.remove(entityId);
  home.save();
}

/** A helper of an id that was there before shows its last value again, with `old_state` null. */
function restored(home: RunningHome, entityId: string, isFull: boolean): { readonly date: string; readonly time: string } | null {
  const last = home.life.recorder.series(entityId)?.states.findLast((state) => state !== null);
  return isFull && last?.length === 19 ? { date: last.slice(0, 10), time: last.slice(11) } : null;
}

/** Home Assistant's slug of a name: letters without accents, everything else an underscore; numbered when taken. */
function freeId(home: RunningHome, name: string): string {
  const slug =
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_|_$/g, "") || "unknown";
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? slug : `${slug}_${number}`;
    if (!home.life.recorder.current(`input_datetime.${id}`)) return id;
  }
}
