-- The set has just changed: features of the new set that the newest window lacks are there, as NULL.

INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('active_set_id', '2');
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES
  (1, 'binary_sensor.bed:on_fraction:30m', '{"n":1}', 0),
  (2, 'sensor.power', '{"n":2}', 0),
  (3, 'clock:hour_sin', '{"n":3}', 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');
-- Set 2 has another order: a value belongs to its feature by the set's positions, never by feature_id.
INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, 0, 1), (1, 1, 2), (2, 0, 3), (2, 1, 2), (2, 2, 1);

INSERT INTO features (window_no, set_id, values_json, coverage_json, available_at_ms, computed_at_ms) VALUES
  (5907744, 1, '[0.25,41.5]', '[100,50]', 0, 1772323201500);
