-- The newest run of each target, the default target first; a target never trained says so.

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0), (3, 'gaming', 2, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');

INSERT INTO clr_training_runs
  (id, target_id, status, row_count, day_count, notes, started_at_ms, finished_at_ms, model_type, set_id, report_json) VALUES
  (1, 2, 'completed', 900, 4, 'first', 1772323200000, 1772323201000, 'clock', 1, '{"log_loss":0.5}'),
  (2, 1, 'refused', 4032, 14, 'leakage: 3 rows differ', 1772323300000, 1772323301250, 'clr-ridge', 2,
   '{"log_loss":0.25,"brier":0.0625,"auc":0.5,"ece":0.125,"skill_vs_clock":-0.5,"other":[1]}'),
  (3, 2, 'completed', 4032, 14, 'promoted', 1772409600000, 1772409601500, 'clr-ridge', 2,
   '{"log_loss":0.125,"brier":0.03125,"auc":1,"ece":0.015625,"skill_vs_clock":0.75,"days":[{"log_loss":9}]}');
