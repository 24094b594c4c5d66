-- Every span in which this app did not listen, the latest first, and what became of it. entity_id NULL = all entities.
-- outcome: `open` = still to be fetched; `filled`; `partly` = only the newest state is known; `lost` = cannot be known any more.
CREATE VIEW vw_gaps AS
SELECT
  e.entity_id AS entity_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', g.from_ms / 1000.0, 'unixepoch') AS from_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', g.to_ms / 1000.0, 'unixepoch') AS to_utc,
  g.reason AS reason,
  g.outcome AS outcome
FROM gaps AS g
LEFT JOIN entities AS e ON e.id = g.entity_id
ORDER BY g.from_ms DESC, g.id;
