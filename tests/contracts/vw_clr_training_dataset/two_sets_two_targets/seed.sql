-- Windows computed with different sets, and one window that two targets pair with.

INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('active_set_id', '2');
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES
  (1, 'binary_sensor.bed:on_fraction:30m', '{"n":1}', 0),
  (2, 'sensor.power', '{"n":2}', 0),
  (3, 'clock:hour_sin', '{"n":3}', 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');
-- Set 2 has another order: a value belongs to its feature by the set's positions, never by feature_id.
INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, 0, 1), (1, 1, 2), (2, 0, 3), (2, 1, 2), (2, 2, 1);

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'sleep', 0, 0), (2, 'work', 1, 0);
INSERT INTO labels (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status) VALUES
  (7, 1, 1772317800000, 1772323500000, '2026-03-01', 'Europe/Berlin', 'positive', 'helper', 1772323600000, 'active'),
  (8, 2, 1772317800000, 1772323500000, '2026-03-01', 'Europe/Berlin', 'negative', 'panel', 1772323600000, 'active');

INSERT INTO features (window_no, set_id, values_json, coverage_json, available_at_ms, computed_at_ms) VALUES
  (5907743, 1, '[0.25,41.5]', NULL, 0, 0),
  (5907744, 2, '[-0.5,7.25,0.125]', NULL, 0, 0);
INSERT INTO pairs (target_id, window_no, label_id, target) VALUES (2, 5907744, 8, 0), (1, 5907744, 7, 1), (1, 5907743, 7, 1);
