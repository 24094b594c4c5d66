-- What labels, features, pairs and models need beyond their first shape.

-- Helpers that say "it did not happen" and "leave this out"; a target that is no longer configured keeps its rows and listens to nobody.
ALTER TABLE targets ADD COLUMN negative_entity TEXT;
ALTER TABLE targets ADD COLUMN excluded_entity TEXT;
ALTER TABLE targets ADD COLUMN retired_at_ms INTEGER;

-- The home's zone when the state came (what its wall clock meant), and whether it came as Home Assistant started (NULL = not judged yet).
ALTER TABLE helper_changes ADD COLUMN time_zone TEXT;
ALTER TABLE helper_changes ADD COLUMN came_with_start INTEGER;

-- What exactly came late: rows of one entity from one instant to another, or that one or (NULL) all were heard or not in a span. Where `what`
-- is NULL the windows themselves are named.
ALTER TABLE stale_windows ADD COLUMN what TEXT CHECK (what IN ('rows', 'hearing'));
ALTER TABLE stale_windows ADD COLUMN entity_id INTEGER;
ALTER TABLE stale_windows ADD COLUMN from_us INTEGER;
ALTER TABLE stale_windows ADD COLUMN to_us INTEGER;

-- The states that a categorical entity is mostly in, and how many events it had when they were looked up.
ALTER TABLE entities ADD COLUMN states_json TEXT;
ALTER TABLE entities ADD COLUMN states_at_count INTEGER;

-- Where the window lies after its label, in the rest of the label's day: until when that reaches.
ALTER TABLE pairs ADD COLUMN said_until_ms INTEGER;

-- Who served from when on and why, and who was not let: what a rollback goes back along.
CREATE TABLE promotions (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  artifact_id INTEGER NOT NULL REFERENCES clr_model_artifacts (id),
  at_ms INTEGER NOT NULL,
  promoted INTEGER NOT NULL CHECK (promoted IN (0, 1)),
  reason TEXT NOT NULL
);
CREATE INDEX promotions_by_target ON promotions (target_id, id);
CREATE TRIGGER clr_model_artifacts_stay BEFORE UPDATE OF run_id, target_id, model_version, set_id, artifact_json, checksum ON clr_model_artifacts
BEGIN SELECT RAISE(ABORT, 'an artifact is never overwritten'); END;

-- What moved a prediction most ([[feature, logits], ...]), and whether it is on since when and found when (both JSON).
ALTER TABLE predictions ADD COLUMN contributions_json TEXT;
ALTER TABLE predictions ADD COLUMN on_off_json TEXT;

-- A reported change as a sentence. NULL = reported before there were words.
ALTER TABLE change_points ADD COLUMN words TEXT;

-- Reports that were said again had been counted again.
UPDATE health SET value = (SELECT count(*) FROM change_points) WHERE key = 'changes_total';

-- The least coverage is part of what a definition says, and the weekend one choice of days: the same features, the same ids, in today's words.
UPDATE feature_definitions SET definition = CASE
  WHEN instr(definition, ',"repeating":') > 0 THEN replace(definition, ',"repeating":', ',"minimumCoverage":0.5,"repeating":')
  ELSE replace(definition, ',"rules":', ',"minimumCoverage":0.5,"rules":')
END;
UPDATE feature_definitions SET definition = replace(definition, '"kind":"clock_weekend"', '"kind":"clock_days"');

-- Nights without a label that were looked at once: what may have been one, to be confirmed. Never read by training. start_ms NULL = nothing found.
CREATE TABLE label_suggestions (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  day INTEGER NOT NULL,
  start_ms INTEGER,
  end_ms INTEGER,
  suggested_at_ms INTEGER NOT NULL,
  UNIQUE (target_id, day)
);
