-- Artifacts that were refused as champions are nobody's model.

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0), (3, 'gaming', 2, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');

INSERT INTO clr_training_runs (id, target_id, status, started_at_ms) VALUES (11, 1, 'completed', 0), (12, 2, 'completed', 0), (13, 2, 'completed', 0);
INSERT INTO clr_model_artifacts (id, run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms) VALUES
  (21, 11, 1, 1, 'preview', 1, 'clr-ridge', '{"model":{"coefficients":[0.5],"intercept":-1},"feature_names":["sensor.power"],"target":"absence"}', 'c1', 1772323200000),
  (22, 12, 2, 1, 'preview', 1, 'clr-ridge', '{"model":{"coefficients":[2],"intercept":-3},"feature_names":["sensor.power"]}', 'c2', 1772323200500),
  (23, 13, 2, 2, 'eligible', 2, 'clr-average', '{"model":{"coefficients":[],"intercept":-0.7},"feature_names":[]}', 'c3', 1772409600000);
