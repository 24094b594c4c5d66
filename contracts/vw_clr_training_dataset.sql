-- Every pair the trainer reads, one row per window and feature: the value as stored (NULL = not covered) and what the label says (target 1 or 0).
-- A window between the last label of a day and the end of that day, once it is over, belongs to that label with target 0; label_end_utc is then
-- the end of that rest, so that window_end_utc <= label_end_utc always. Rows of one target come window by window, features in their set's
-- order. feature_set_version is the set the window was computed with.
CREATE VIEW vw_clr_training_dataset AS
SELECT
  p.label_id AS label_id,
  d.feature_id AS feature_id,
  d.name AS feature_name,
  CAST(v.value AS REAL) AS feature_value,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.window_no * grid.ms / 1000.0, 'unixepoch') AS window_end_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', COALESCE(p.said_until_ms, l.end_ms) / 1000.0, 'unixepoch') AS label_end_utc,
  l.local_date AS local_date,
  p.target AS target,
  t.name AS target_name,
  strftime('%Y-%m-%dT%H:%M:%fZ', (p.window_no - 1) * grid.ms / 1000.0, 'unixepoch') AS window_start_utc,
  s.version AS feature_set_version
-- CROSS JOIN keeps this order: planned freely, values and members meet n x n.
FROM (SELECT CAST(value AS INTEGER) AS ms FROM metadata WHERE key = 'grid_ms') AS grid
CROSS JOIN targets AS t
CROSS JOIN pairs AS p ON p.target_id = t.target_id
CROSS JOIN labels AS l ON l.id = p.label_id
CROSS JOIN features AS f ON f.window_no = p.window_no
CROSS JOIN feature_sets AS s ON s.set_id = f.set_id
CROSS JOIN json_each(f.values_json) AS v
CROSS JOIN feature_set_members AS m ON m.set_id = f.set_id AND m.position = v.key
CROSS JOIN feature_definitions AS d ON d.feature_id = m.feature_id;
