-- The last recorded first: a run that is caught up shows before one that was due later.
INSERT INTO schedule_runs (id, job, due_at_ms, started_at_ms, finished_at_ms, status, rows, error, attempts) VALUES
  (1, 'features', 1772323200000, 1772323200005, 1772323200125, 'completed', 1, NULL, 1),
  (2, 'train', 1772319600000, NULL, NULL, 'missed', NULL, NULL, 0),
  (3, 'changes', 1772323200000, 1772323201000, 1772323201500, 'failed', 0, 'disk is full', 1),
  (4, 'features', 1772323500000, 1772323500004, NULL, 'running', NULL, NULL, 2),
  (5, 'backup', 1772323500000, 1772323500009, 1772323560000, 'interrupted', NULL, 'the app is stopping', 1),
  (6, 'changes', 1772323560000, NULL, NULL, 'skipped', NULL, 'the run before was still going on', 0);
