-- The latest first; a gap of all entities names none.
INSERT INTO entities (id, entity_id, domain, first_seen_ms) VALUES (1, 'light.a', 'light', 0);
INSERT INTO gaps (id, entity_id, from_ms, to_ms, reason, outcome, noted_at_ms) VALUES
  (1, NULL, 1772316000000, 1772319600250, 'disconnected', 'filled', 0),
  (2, 1, 1772319600000, 1772323200000, 'recorder has no rows', 'lost', 0);
