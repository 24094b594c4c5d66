-- Values that a foreign writer broke give NULL or nothing; the row stays.

INSERT INTO metadata (key, value) VALUES
  ('schema_version', '1'), ('contract_version', '1'), ('app_version', '0.1.0'), ('grid_ms', '300000'),
  ('heartbeat_at', '2026-03-01T00:00:00.000Z'), ('lifecycle', 'running'), ('last_clr_train_at', 'yesterday'), ('active_set_id', 'x');
-- The view's clock stands at 00:00:10.
INSERT INTO metadata (key, value) SELECT 'clock_offset_ms', 1772323210000 - CAST(strftime('%s', 'now') AS INTEGER) * 1000;

INSERT INTO health (key, value) VALUES ('readiness', '{"sleep":'), ('events_total', 'many');
INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'sleep', 0, 0);
INSERT INTO health (key, value) VALUES ('pair_exclusions.1', '{"no label":');
