-- Every stored event, in time order: an entity's state and since when it holds. `unknown` and `unavailable` are stored as they came.
-- occurred_at is updated_at cut to milliseconds; known_at is when this app knew it (fetched rows: when Home Assistant did).
-- from_future: its instant was still to come (by more than 30 s) when it arrived, so a clock was wrong; features see it from its instant on.
-- The state found at the start of a fetched range is no event and does not appear.
CREATE VIEW vw_raw_events AS
SELECT
  e.entity_id AS entity_id,
  r.state AS state,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.updated_us / 1000 / 1000.0, 'unixepoch') AS occurred_at_utc,
  strftime('%Y-%m-%dT%H:%M:%S', r.updated_us / 1000000, 'unixepoch') || printf('.%06dZ', r.updated_us % 1000000) AS updated_at_utc,
  CASE r.source WHEN 0 THEN 'live' WHEN 1 THEN 'history' WHEN 2 THEN 'statistics' WHEN 3 THEN 'replay' END AS source,
  strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(r.known_at_ms, r.updated_us / 1000) / 1000.0, 'unixepoch') AS known_at_utc,
  CASE WHEN r.updated_us / 1000 > r.known_at_ms + 30000 THEN 1 ELSE 0 END AS from_future
FROM raw_events AS r
CROSS JOIN entities AS e ON e.id = r.entity_id
WHERE r.source <> 4
ORDER BY r.updated_us, r.entity_id;
