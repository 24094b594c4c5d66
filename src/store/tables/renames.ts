import { attributeId, type EntityFacts } from "../../core/events/entity.ts";
import type { Db } from "../db.ts";
import { entityIndex, forgetEntityIndex } from "./entity-index.ts";

export interface Renamed {
  readonly from: string;
  readonly to: string;
}

interface Move extends Renamed {
  readonly id: number;
}

/**
 * Gives the row of each entity that Home Assistant renamed its new name, so that its past goes on under it, as in the recorder. Home Assistant's
 * own id of the entity tells who is who; renames made while nobody listened are found as well, and names may be swapped. Where the new
 * name has a past of its own, both pasts stay apart, as in the recorder: the new name's goes on and the old one is over.
 */
export function renameEntities(db: Db, facts: readonly EntityFacts[], told: readonly Renamed[], nowMs: number): Renamed[] {
  const known = new Map(
    db
      .all<{ id: number; from: string; registryId: string }>(
        `SELECT id, entity_id AS "from", registry_id AS registryId FROM entities WHERE registry_id IS NOT NULL`,
      )
      .map((row) => [row.registryId, row]),
  );
  const moves = facts.flatMap(({ entityId, registryId }): Move[] => {
    const row = registryId == null ? undefined : known.get(registryId);
    return row === undefined || row.from === entityId ? [] : [{ id: row.id, from: row.from, to: entityId }];
  });
  moves.push(...toldMoves(db, told, moves));
  if (moves.length === 0) return [];

  entityIndex(db).save();
  // All leave their names before any takes a new one.
  for (const { id } of moves) setName(db, id, `leaving ${id}`);
  const renamed: Renamed[] = [];
  for (const { id, from, to } of moves) {
    if (takeName(db, id, to)) {
      db.run("DELETE FROM former_names WHERE entity_id = ?", to);
      db.run(
        "INSERT INTO former_names (entity_id, id, until_ms) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET id = excluded.id",
        from,
        id,
        nowMs,
      );
      renamed.push({ from, to });
      continue;
    }
    const isFree = db.get("SELECT 1 FROM entities WHERE entity_id = ?", from) === undefined && !moves.some((move) => move.to === from);
    setName(db, id, isFree ? from : `${from} (${id})`);
    db.run("UPDATE entities SET registry_id = NULL, removed_at_ms = coalesce(removed_at_ms, ?) WHERE id = ?", Math.floor(nowMs), id);
  }
  forgetEntityIndex(db);
  return renamed;
}

/** Of entities that were renamed before their id was stored; the last of their names counts. */
function toldMoves(db: Db, told: readonly Renamed[], known: readonly Move[]): Move[] {
  const names = new Map<string, string>();
  for (const { from, to } of told) {
    const first = [...names].find(([, now]) => now === from)?.[0] ?? from;
    names.set(first, to);
  }
  return [...names].flatMap(([from, to]): Move[] => {
    const row = db.get<{ id: number }>("SELECT id FROM entities WHERE entity_id = ? AND registry_id IS NULL", from);
    return row === undefined || from === to || known.some((move) => move.id === row.id) ? [] : [{ id: row.id, from, to }];
  });
}

/** Names a row and the attributes of it that are entities of their own. */
function setName(db: Db, id: number, name: string): void {
  db.run("UPDATE entities SET entity_id = ?, domain = substr(?, 1, max(instr(?, '.') - 1, 0)) WHERE id = ?", name, name, name, id);
  const derived = db.all<{ id: number; attribute: string }>("SELECT id, attribute FROM entities WHERE derived_from = ?", id);
  for (const each of derived) db.run("UPDATE entities SET entity_id = ? WHERE id = ?", attributeId(name, each.attribute), each.id);
}

/** False when a row with a past has the name. One that never said anything makes room. */
function takeName(db: Db, id: number, name: string): boolean {
  const other = db.get<{ id: number }>("SELECT id FROM entities WHERE entity_id = ?", name)?.id;
  if (other !== undefined) {
    const family = db.all<{ id: number; state: string | null }>(
      "SELECT id, state FROM entities WHERE id = ? OR derived_from = ?",
      other,
      other,
    );
    if (family.some((row) => row.state !== null)) return false;
    for (const row of family.toSorted((a, b) => b.id - a.id)) {
      db.run("UPDATE OR REPLACE gaps SET entity_id = ? WHERE entity_id = ?", id, row.id);
      db.run("UPDATE OR REPLACE unrecorded_entities SET entity_id = ? WHERE entity_id = ?", id, row.id);
      // It never said anything, so what was fetched of it is nothing.
      for (const table of ["entity_pasts", "unrecorded_entities"]) db.run(`DELETE FROM ${table} WHERE entity_id = ?`, row.id);
      db.run("UPDATE former_names SET id = ? WHERE id = ?", id, row.id);
      if (row.id !== other) db.run("DELETE FROM entities WHERE id = ?", row.id);
    }
    db.run("DELETE FROM entities WHERE id = ?", other);
  }
  setName(db, id, name);
  return true;
}
