-- The state at the start of a fetched range is no event. Rows of one instant come in the order of their entities.
INSERT INTO entities (id, entity_id, domain, first_seen_ms, state_updated_us) VALUES
  (1, 'light.b', 'light', 0, 1772323200000000),
  (2, 'light.a', 'light', 0, 1772323200000000);
INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES
  (1772323200000000, 2, 'on', NULL, 1),
  (1772323200000000, 1, 'on', NULL, 1),
  (1772319600000000, 1, 'off', NULL, 4);
