CREATE INDEX clr_model_artifacts_by_run ON clr_model_artifacts (run_id);

CREATE INDEX clr_model_artifacts_whole ON clr_model_artifacts (target_id, model_version) WHERE trimmed_at_ms IS NULL;

CREATE INDEX clr_training_runs_by_target ON clr_training_runs (target_id, id);

CREATE INDEX clr_training_runs_whole ON clr_training_runs (target_id, id) WHERE trimmed_at_ms IS NULL;

CREATE INDEX features_by_window ON features (window_no);

CREATE UNIQUE INDEX gaps_by_span ON gaps (coalesce(entity_id, 0), from_ms, reason);

CREATE INDEX label_history_by_label ON label_history (label_id);

CREATE INDEX labels_by_end ON labels (target_id, end_ms);

CREATE INDEX pairs_by_window ON pairs (window_no);

CREATE INDEX predictions_curve ON predictions (target_id, window_no, probability, is_on);

CREATE INDEX promotions_by_target ON promotions (target_id, id);

CREATE INDEX schedule_runs_by_due ON schedule_runs (due_at_ms, job);

CREATE TABLE app_store (
  app TEXT NOT NULL,
  key TEXT NOT NULL,
  value_json TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (app, key)
) WITHOUT ROWID;

CREATE TABLE bocpd_model_state (
  id INTEGER PRIMARY KEY,
  stream_name TEXT NOT NULL UNIQUE,
  feature_name TEXT NOT NULL,
  model TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES bocpd_training_runs (id),
  cursor_ms INTEGER NOT NULL,
  hazard_rate REAL NOT NULL,
  state BLOB NOT NULL,
  state_json TEXT NOT NULL,
  run_length_map INTEGER,
  expected_run_length REAL,
  change_probability REAL,
  last_change_ms INTEGER,
  updated_at_ms INTEGER NOT NULL
);

CREATE TABLE bocpd_training_runs (
  id INTEGER PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'skipped', 'failed')),
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  stream_count INTEGER,
  step_count INTEGER,
  change_count INTEGER,
  notes TEXT
);

CREATE TABLE champions (
  target_id INTEGER PRIMARY KEY REFERENCES targets (target_id),
  artifact_id INTEGER NOT NULL REFERENCES clr_model_artifacts (id),
  promoted_at_ms INTEGER NOT NULL,
  reason TEXT NOT NULL
);

CREATE TABLE change_answers (
  stream_name TEXT NOT NULL,
  detected_at_ms INTEGER NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('confirmed', 'rejected')),
  said_by TEXT NOT NULL,
  said_at_ms INTEGER NOT NULL,
  PRIMARY KEY (stream_name, detected_at_ms)
) WITHOUT ROWID;

CREATE TABLE change_points (
  id INTEGER PRIMARY KEY,
  stream_name TEXT NOT NULL,
  change_at_ms INTEGER NOT NULL,
  start_low_ms INTEGER NOT NULL,
  start_high_ms INTEGER NOT NULL,
  probability REAL NOT NULL,
  before_mean REAL,
  after_mean REAL,
  detected_at_ms INTEGER NOT NULL,
  withdrawn_at_ms INTEGER, words TEXT, day_part TEXT, part_before_mean REAL, part_after_mean REAL, confirmed_at_ms INTEGER, cut_off_at_ms INTEGER,
  UNIQUE (stream_name, detected_at_ms)
);

CREATE TABLE clr_model_artifacts (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES clr_training_runs (id),
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  model_version INTEGER NOT NULL,
  stage TEXT NOT NULL,
  set_id INTEGER NOT NULL REFERENCES feature_sets (set_id),
  model_type TEXT NOT NULL,
  artifact_json TEXT NOT NULL,
  checksum TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  promoted_at_ms INTEGER, trimmed_at_ms INTEGER,
  UNIQUE (target_id, model_version)
);

CREATE TABLE clr_training_runs (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'skipped', 'refused', 'failed')),
  stage TEXT,
  row_count INTEGER,
  day_count INTEGER,
  notes TEXT,
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  model_type TEXT,
  set_id INTEGER REFERENCES feature_sets (set_id),
  exclusions_json TEXT,
  report_json TEXT
, trimmed_at_ms INTEGER);

CREATE TABLE degraded (
  code TEXT PRIMARY KEY,
  since_ms INTEGER NOT NULL,
  cause TEXT NOT NULL,
  effect TEXT NOT NULL,
  remedy TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE entities (
  id INTEGER PRIMARY KEY,
  entity_id TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL,
  device_class TEXT,
  unit TEXT,
  area TEXT,
  name TEXT,
  platform TEXT,
  kind TEXT,
  first_seen_ms INTEGER NOT NULL,
  removed_at_ms INTEGER,
  -- newest state; kept in memory and written now and then, completed at start from the tail of raw_events
  state TEXT,
  state_updated_us INTEGER,
  event_count INTEGER NOT NULL DEFAULT 0
, registry_id TEXT, derived_from INTEGER REFERENCES entities (id), attribute TEXT, states_json TEXT, states_at_count INTEGER);

CREATE TABLE entity_pasts (
  entity_id INTEGER PRIMARY KEY REFERENCES entities (id),
  from_ms INTEGER NOT NULL,
  is_whole INTEGER NOT NULL DEFAULT 0,
  left_at_ms INTEGER,
  statistics_from_ms INTEGER
);

CREATE TABLE feature_definitions (
  feature_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  definition TEXT NOT NULL UNIQUE,
  created_at_ms INTEGER NOT NULL
);

CREATE TABLE feature_set_members (
  set_id INTEGER NOT NULL REFERENCES feature_sets (set_id),
  position INTEGER NOT NULL,
  feature_id INTEGER NOT NULL REFERENCES feature_definitions (feature_id),
  PRIMARY KEY (set_id, position)
) WITHOUT ROWID;

CREATE TABLE feature_sets (
  set_id INTEGER PRIMARY KEY,
  version TEXT NOT NULL UNIQUE,
  created_at_ms INTEGER NOT NULL,
  excluded_json TEXT NOT NULL
);

CREATE TABLE features (
  window_no INTEGER PRIMARY KEY,
  set_id INTEGER NOT NULL REFERENCES feature_sets (set_id),
  values_json TEXT NOT NULL,
  coverage_json TEXT,
  -- share of the features that have a value, the clock's left out
  coverage REAL NOT NULL DEFAULT 1,
  available_at_ms INTEGER NOT NULL,
  computed_at_ms INTEGER NOT NULL
);

CREATE TABLE former_names (
  entity_id TEXT PRIMARY KEY,
  id INTEGER NOT NULL REFERENCES entities (id),
  until_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE gaps (
  id INTEGER PRIMARY KEY,
  entity_id INTEGER REFERENCES entities (id),
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('open', 'filled', 'partly', 'lost')),
  noted_at_ms INTEGER NOT NULL
, why TEXT, entities_unfilled INTEGER NOT NULL DEFAULT 0);

CREATE TABLE health (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE helper_changes (
  entity_id INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  state TEXT NOT NULL,
  known_at_ms INTEGER,
  source INTEGER NOT NULL,
  said_by TEXT, time_zone TEXT, came_with_start INTEGER,
  PRIMARY KEY (entity_id, updated_us)
) WITHOUT ROWID;

CREATE TABLE label_history (
  id INTEGER PRIMARY KEY,
  label_id INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  local_date TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  captured_at_ms INTEGER NOT NULL,
  raw_start TEXT,
  raw_end TEXT,
  said_by TEXT,
  replaced_at_ms INTEGER NOT NULL,
  replaced_by TEXT NOT NULL
);

CREATE TABLE label_suggestions (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  day INTEGER NOT NULL,
  start_ms INTEGER,
  end_ms INTEGER,
  suggested_at_ms INTEGER NOT NULL,
  UNIQUE (target_id, day)
);

CREATE TABLE labels (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  local_date TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('positive', 'negative', 'excluded')),
  source TEXT NOT NULL,
  captured_at_ms INTEGER NOT NULL,
  raw_start TEXT,
  raw_end TEXT,
  said_by TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'rejected')),
  reason TEXT,
  UNIQUE (target_id, start_ms, end_ms, source)
);

CREATE TABLE metadata (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at_ms INTEGER NOT NULL
);

CREATE TABLE muted_streams (
  stream_name TEXT PRIMARY KEY,
  said_by TEXT NOT NULL,
  said_at_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pairs (
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  window_no INTEGER NOT NULL,
  label_id INTEGER NOT NULL,
  target INTEGER NOT NULL CHECK (target IN (0, 1)), said_until_ms INTEGER,
  PRIMARY KEY (target_id, window_no)
) WITHOUT ROWID;

CREATE TABLE predictions (
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  window_no INTEGER NOT NULL,
  probability REAL,
  is_on INTEGER,
  threshold REAL NOT NULL,
  stage TEXT NOT NULL,
  artifact_id INTEGER REFERENCES clr_model_artifacts (id),
  coverage REAL NOT NULL,
  unavailable_reason TEXT,
  vector_json TEXT NOT NULL,
  predicted_at_ms INTEGER NOT NULL, contributions_json TEXT, on_off_json TEXT,
  PRIMARY KEY (target_id, window_no)
) WITHOUT ROWID;

CREATE TABLE promotions (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES targets (target_id),
  artifact_id INTEGER NOT NULL REFERENCES clr_model_artifacts (id),
  at_ms INTEGER NOT NULL,
  promoted INTEGER NOT NULL CHECK (promoted IN (0, 1)),
  reason TEXT NOT NULL
);

CREATE TABLE raw_events (
  updated_us INTEGER NOT NULL,
  entity_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  known_at_ms INTEGER,
  source INTEGER NOT NULL,
  PRIMARY KEY (updated_us, entity_id)
) WITHOUT ROWID;

CREATE TABLE "schedule_runs" (
  id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  due_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'skipped', 'missed', 'cancelled', 'interrupted')),
  rows INTEGER,
  error TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (job, due_at_ms)
);

CREATE TABLE stale_windows (
  id INTEGER PRIMARY KEY,
  from_no INTEGER NOT NULL,
  to_no INTEGER NOT NULL,
  noted_at_ms INTEGER NOT NULL
, what TEXT CHECK (what IN ('rows', 'hearing')), entity_id INTEGER, from_us INTEGER, to_us INTEGER);

CREATE TABLE targets (
  target_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  start_entity TEXT,
  end_entity TEXT,
  position INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
, negative_entity TEXT, excluded_entity TEXT, retired_at_ms INTEGER);

CREATE TABLE trimmed_receipts (
  job TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  PRIMARY KEY (job, from_ms)
) WITHOUT ROWID;

CREATE TABLE unrecorded_entities (
  entity_id INTEGER NOT NULL REFERENCES entities (id),
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,
  PRIMARY KEY (entity_id, from_ms)
) WITHOUT ROWID;
