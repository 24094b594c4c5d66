-- Everything known; the anchor behind the newest event is no event, and one from the future has not happened yet.

INSERT INTO metadata (key, value) VALUES
  ('schema_version', '1'), ('contract_version', '1'), ('app_version', '0.1.0'), ('grid_ms', '300000'),
  ('heartbeat_at', '2026-03-01T00:00:00.000Z'), ('lifecycle', 'running'), ('active_set_id', '2'),
  ('last_feature_compute_at', '2026-03-01T00:00:01.500Z'), ('last_label_capture_at', '2026-02-28T07:00:00.000Z'),
  ('last_clr_train_at', '2026-02-28T12:10:04.000Z'), ('last_bocpd_train_at', '2026-02-28T23:05:00.000Z'),
  ('last_retention_at', '2026-02-28T03:30:00.000Z'), ('last_backup_at', '2026-02-28T03:50:00.000Z');
-- The view's clock stands at 00:01:00, a minute after the heartbeat.
INSERT INTO metadata (key, value) SELECT 'clock_offset_ms', 1772323260000 - CAST(strftime('%s', 'now') AS INTEGER) * 1000;

INSERT INTO health (key, value) VALUES
  ('events_total', '10000000'), ('entities_total', '1500'), ('labels_total', '31'), ('features_total', '105120'), ('predictions_total', '8000'),
  ('changes_total', '4'), ('gaps_open', '2'), ('events_dropped', '12'), ('events_from_future', '3'), ('spill_bytes', '4096'), ('home_clock_ahead_ms', '-250'),
  ('clock_jumped_at', '2026-02-27T10:00:00.000Z'), ('connection', 'connected'), ('connected_since', '2026-02-27T08:15:30.250Z'),
  ('readiness', '{"sleep":{"stage":"preview","gates":[{"gate":"labelled_days","have":9,"need":14,"met":false}]}}');
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');
INSERT INTO entities (id, entity_id, domain, first_seen_ms, state_updated_us) VALUES (1, 'light.a', 'light', 0, 1772323259999999);
INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES
  (1772323259999999, 1, 'on', 1772323260000, 0), (1772323255000000, 1, 'off', NULL, 1), (1772323259999999, 2, 'off', NULL, 4),
  (1772330000000000, 1, 'off', 1772323260000, 0);
INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (4, 'sleep', 0, 0), (5, 'nap', 1, 0);
INSERT INTO health (key, value) VALUES ('pair_exclusions.4', '{"no label":40,"inside a gap":3}'), ('pair_exclusions.9', '{"no label":1}');
INSERT INTO health (key, value) VALUES
  ('database_bytes', '330000000'), ('log_bytes', '4152'), ('unused_bytes', '8192'), ('size_per_event', '33.4'), ('size_growth_per_day', '3500000'),
  ('size_forecast', '400000000'), ('disk_free_bytes', '9000000000'), ('written_bytes_per_day', '700000000'), ('backup_bytes', '12000000');
