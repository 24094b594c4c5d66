-- It comes up: no promise yet, whatever markers an earlier run left.

INSERT INTO metadata (key, value) VALUES
  ('schema_version', '1'), ('contract_version', '1'), ('app_version', '0.1.0'), ('grid_ms', '300000'),
  ('heartbeat_at', '2026-03-01T00:00:00.000Z'), ('lifecycle', 'starting');
-- The view's clock stands at 00:00:10.
INSERT INTO metadata (key, value) SELECT 'clock_offset_ms', 1772323210000 - CAST(strftime('%s', 'now') AS INTEGER) * 1000;

INSERT INTO degraded (code, since_ms, cause, effect, remedy) VALUES
  ('recorder_unreachable', 1772319600500, 'history said "no" 3 times', 'the past is not fetched', 'check the recorder; it''s 🌙'),
  ('no_events', 1772316000000, 'no event for 60 minutes', 'features are not covered', 'look at Home Assistant');
