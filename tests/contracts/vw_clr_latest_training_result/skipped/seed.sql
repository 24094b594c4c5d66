-- A run that could not train has words instead of figures.

INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'absence', 1, 0), (2, 'sleep', 0, 0), (3, 'gaming', 2, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');

DELETE FROM targets WHERE target_id <> 2;
INSERT INTO clr_training_runs (id, target_id, status, row_count, day_count, notes, started_at_ms, finished_at_ms) VALUES
  (1, 2, 'skipped', 0, 0, 'no labelled day yet; 14 needed', 1772323200000, 1772323200001);
