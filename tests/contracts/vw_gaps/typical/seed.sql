-- The latest first; a gap of all entities names none. One outage of which the recorder had purged the beginning makes two rows.
INSERT INTO entities (id, entity_id, domain, first_seen_ms) VALUES (1, 'light.a', 'light', 0);
INSERT INTO gaps (id, entity_id, from_ms, to_ms, reason, outcome, why, entities_unfilled, noted_at_ms) VALUES
  (1, NULL, 1772316000000, 1772319600250, 'disconnected', 'filled', NULL, 0, 0),
  (2, 1, 1772319600000, 1772323200000, 'newly chosen', 'partly', 'not in the recorder', 1, 0),
  (3, NULL, 1771315200000, 1771401600000, 'not running', 'lost', 'purged by the recorder', 0, 0),
  (4, NULL, 1771401600000, 1771488000000, 'not running', 'partly', 'not in the recorder', 312, 0),
  (5, NULL, 1772326800000, 1772326860000, 'disconnected', 'open', NULL, 0, 0);
