-- The most recently changed first; streams of one instant by name; one that never changed last, with what is unknown as NULL.
INSERT INTO bocpd_training_runs (id, status, started_at_ms) VALUES (4, 'completed', 0);
INSERT INTO bocpd_model_state
  (id, stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, run_length_map, expected_run_length,
   change_probability, last_change_ms, updated_at_ms) VALUES
  (1, 'home.activity', 'home:activity', 'poisson', 4, 0, 0.0009765625, x'00ff', '{"runs":3}', 40, 38.5, 0.015625, 1772236800000, 1772323200250),
  (2, 'area.kitchen', 'area.kitchen:activity', 'poisson', 4, 0, 0.0009765625, x'00', '{}', 3, 2.5, 0.96875, 1772319600000, 1772323200250),
  (3, 'area.attic', 'area.attic:activity', 'gaussian', 4, 0, 0.0009765625, x'', '{}', NULL, NULL, NULL, NULL, 1772323200250),
  (4, 'area.bath', 'area.bath:activity', 'gaussian', 4, 0, 0.0009765625, x'00', '{}', 0, 0, 0, 1772319600000, 1772323200250);
