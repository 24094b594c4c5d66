-- What change detection listens to: one row per window and streamed feature, in time order. ts_utc is the window's end.
-- feature_value NULL = not covered (the filter skips it). id grows with time and never changes for a value.
CREATE VIEW vw_bocpd_feature_stream AS
-- MATERIALIZED: the few streamed features are looked up once, not searched among all members for every window.
WITH streamed AS MATERIALIZED (
  SELECT m.set_id AS set_id, m.position AS position, d.feature_id AS feature_id, d.name AS name, s.version AS version
  FROM feature_set_members AS m
  JOIN feature_definitions AS d ON d.feature_id = m.feature_id
  JOIN feature_sets AS s ON s.set_id = m.set_id
  WHERE d.name IN (SELECT feature_name FROM bocpd_model_state)
)
SELECT
  f.window_no * 1000000 + m.feature_id AS id,
  strftime('%Y-%m-%dT%H:%M:%fZ', f.window_no * grid.ms / 1000.0, 'unixepoch') AS ts_utc,
  m.name AS feature_name,
  CAST(json_extract(f.values_json, '$[' || m.position || ']') AS REAL) AS feature_value,
  m.version AS feature_set_version
FROM (SELECT CAST(value AS INTEGER) AS ms FROM metadata WHERE key = 'grid_ms') AS grid
CROSS JOIN features AS f
CROSS JOIN streamed AS m ON m.set_id = f.set_id
ORDER BY f.window_no;
