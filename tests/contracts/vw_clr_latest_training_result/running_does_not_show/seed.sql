-- While a run goes on, and after a crash left one open, the last finished result stays.

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0), (3, 'gaming', 2, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');

INSERT INTO clr_training_runs (id, target_id, status, row_count, notes, started_at_ms, finished_at_ms, report_json) VALUES
  (1, 2, 'completed', 10, 'done', 1772323200000, 1772323201000, '{"log_loss":0.5,"auc":null}'),
  (2, 2, 'running', NULL, NULL, 1772409600000, NULL, NULL),
  (3, 1, 'running', NULL, NULL, 1772409600000, NULL, NULL);
