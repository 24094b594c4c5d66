-- Two streams that listen to one feature make one row per window; features nobody listens to are left out; gaps stay as NULL.

INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('active_set_id', '1');
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES
  (1, 'binary_sensor.bed:on_fraction:30m', '{"n":1}', 0),
  (2, 'sensor.power', '{"n":2}', 0),
  (3, 'clock:hour_sin', '{"n":3}', 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');
-- Set 2 has another order: a value belongs to its feature by the set's positions, never by feature_id.
INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, 0, 1), (1, 1, 2), (2, 0, 3), (2, 1, 2), (2, 2, 1);

INSERT INTO bocpd_training_runs (id, status, started_at_ms) VALUES (1, 'completed', 0);
INSERT INTO bocpd_model_state (id, stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, updated_at_ms) VALUES
  (1, 'power.hourly', 'sensor.power', 'gaussian', 1, 0, 0.001, x'00', '{}', 0),
  (2, 'power.slow', 'sensor.power', 'gaussian', 1, 0, 0.001, x'00', '{}', 0);

INSERT INTO features (window_no, set_id, values_json, coverage_json, available_at_ms, computed_at_ms) VALUES
  (5907745, 1, '[0.5,42]', NULL, 0, 0),
  (5907743, 1, '[0.25,41.5]', NULL, 0, 0),
  (5907744, 1, '[1,null]', '[100,0]', 0, 0);
