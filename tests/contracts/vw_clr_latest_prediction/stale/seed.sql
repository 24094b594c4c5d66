-- More than three windows old: no probability, no is_on, and `stale` even where the model had a reason of its own.

INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000');
-- The view's clock stands at 00:15:10.
INSERT INTO metadata (key, value) SELECT 'clock_offset_ms', 1772324110000 - CAST(strftime('%s', 'now') AS INTEGER) * 1000;

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]');
INSERT INTO clr_training_runs (id, target_id, status, started_at_ms) VALUES (1, 2, 'completed', 0);
INSERT INTO clr_model_artifacts (id, run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms)
VALUES (5, 1, 2, 3, 'eligible', 1, 'clr-ridge', '{}', 'c', 0);

INSERT INTO predictions
  (target_id, window_no, probability, is_on, threshold, stage, artifact_id, coverage, unavailable_reason, vector_json, predicted_at_ms,
    on_off_json) VALUES
  (2, 5907744, 0.875, 1, 0.625, 'eligible', 5, 1.0, NULL, '[1]', 1772324000000,
    '{"isOn":true,"threshold":0.625,"foundAtMs":1772323200000,"sinceMs":1772322600000,"isAboveHalf":true,"runSinceMs":1772322600000}'),
  (1, 5907744, NULL, NULL, 0.5, 'clock', NULL, 0.125, 'low coverage', '[1]', 1772323202500, NULL);
