-- The latest end first; a rejected label carries its reason; a replaced one is in the history only.
INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0);
INSERT INTO labels
  (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status, reason) VALUES
  (1, 2, 1772229600000, 1772258400000, '2026-02-28', 'Europe/Berlin', 'positive', 'helper', 1772258460500, 'active', NULL),
  (2, 1, 1772290800000, 1772323200000, '2026-03-01', 'Europe/Berlin', 'negative', 'panel', 1772323200000, 'active', NULL),
  (3, 2, 1772316000000, 1772323200000, '2026-03-01', 'Asia/Kathmandu', 'excluded', 'import', 1772323201000, 'active', NULL),
  (4, 2, 1772323200000, 1772319600000, '2026-03-01', 'Europe/Berlin', 'positive', 'helper', 1772323300000, 'rejected', 'the end is before the start');
INSERT INTO label_history
  (label_id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, replaced_at_ms, replaced_by)
VALUES (9, 2, 1772229600000, 1772254800000, '2026-02-28', 'Europe/Berlin', 'positive', 'helper', 1772254860000, 1772258460500, 'helper');
