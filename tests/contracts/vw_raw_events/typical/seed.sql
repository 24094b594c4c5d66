-- Every source once; one event from the future; two rows in one millisecond; states as hostile as Home Assistant allows.
INSERT INTO entities (id, entity_id, domain, first_seen_ms, state_updated_us) VALUES
  (1, 'binary_sensor.hall_motion', 'binary_sensor', 0, 1772323201000001),
  (2, 'sensor.power', 'sensor', 0, 1772323260999999),
  (3, 'input_text.note', 'input_text', 0, 1772323300500000);
INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES
  (1772323201000001, 1, 'off', 1772323201250, 0),
  (1772323200999999, 1, 'on', NULL, 1),
  (1772323260999999, 2, '41.5', NULL, 2),
  (1772323200999100, 2, 'unavailable', NULL, 3),
  (1772323300500000, 3, 'it''s 🌙; DROP TABLE raw_events; -- "x"', 1772323300512, 0),
  (1772330000000000, 2, '42', 1772323300600, 0);
