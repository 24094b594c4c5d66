-- What the promise "nothing is lost" needs: identity, the gap ledger, back-fill, care of the file.

-- HA's own id of an entity, which stays when its entity_id is changed; for an attribute stored as an entity of its own, whose it is and which.
ALTER TABLE entities ADD COLUMN registry_id TEXT;
ALTER TABLE entities ADD COLUMN derived_from INTEGER REFERENCES entities (id);
ALTER TABLE entities ADD COLUMN attribute TEXT;

-- Names that an entity had before: definitions, models and options that name it go on meaning it.
CREATE TABLE former_names (
  entity_id TEXT PRIMARY KEY,
  id INTEGER NOT NULL REFERENCES entities (id),
  until_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- The gap ledger: why a span could not be filled, and of a span of all entities how many of them keep a hole in it.
ALTER TABLE gaps ADD COLUMN why TEXT;
ALTER TABLE gaps ADD COLUMN entities_unfilled INTEGER NOT NULL DEFAULT 0;

-- Entities that the recorder leaves out, one row each while that lasts (to_ms NULL): of a gap of all entities that begins within it, only
-- the newest state of the entity is known. Which part of the gap that is, its rows tell; thousands of them cost no row a gap.
CREATE TABLE unrecorded_entities (
  entity_id INTEGER NOT NULL REFERENCES entities (id),
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,
  PRIMARY KEY (entity_id, from_ms)
) WITHOUT ROWID;

-- How far back the past of each entity is here: from from_ms on its events, before that from statistics_from_ms on its hourly means.
-- is_whole: the recorder had nothing older. left_at_ms: since when options leave it out.
CREATE TABLE entity_pasts (
  entity_id INTEGER PRIMARY KEY REFERENCES entities (id),
  from_ms INTEGER NOT NULL,
  is_whole INTEGER NOT NULL DEFAULT 0,
  left_at_ms INTEGER,
  statistics_from_ms INTEGER
);
INSERT INTO entity_pasts (entity_id, from_ms, is_whole)
SELECT e.id, r.from_ms, 1 FROM entities AS e, (SELECT MIN(from_ms) AS from_ms FROM backfill_ranges WHERE rows > 0) AS r WHERE r.from_ms IS NOT NULL;
DROP TABLE backfill_ranges;

-- Retention walks over the windows that it keeps: by this, their wide rows are not read.
CREATE INDEX features_by_window ON features (window_no);
