-- Every span in which this app did not listen, the latest first, and what became of it. entity_id NULL = all entities. Spans in which an entity
-- was `unavailable` are no gaps: the app listened, and heard just that.
-- reason: `not running`, `disconnected`, `writer behind` (events came faster than they could be stored), `newly chosen` (left out by options until then),
-- `clock jumped` (the clock was set forward, or the machine slept).
-- outcome: `open` = still going on, or to be fetched; `filled`; `partly` = filled, but of entities_unfilled entities only the newest state is
-- known; `lost` = cannot be known any more. why: `purged by the recorder` or `not in the recorder`; NULL where nothing is missing.
CREATE VIEW vw_gaps AS
SELECT
  e.entity_id AS entity_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', g.from_ms / 1000.0, 'unixepoch') AS from_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', g.to_ms / 1000.0, 'unixepoch') AS to_utc,
  g.reason AS reason,
  g.outcome AS outcome,
  g.why AS why,
  g.entities_unfilled AS entities_unfilled
FROM gaps AS g
LEFT JOIN entities AS e ON e.id = g.entity_id
ORDER BY g.from_ms DESC, g.id;
