-- The newest window: one row per feature of the active feature set, which holds every feature that a serving model names.
-- feature_value is raw, as models use it; NULL = not covered, or not computed yet for this set. coverage is a share, 0 to 1.
-- window and computed_at are NULL only while no window has been computed at all. id grows with time and is the id of
-- vw_bocpd_feature_stream.
CREATE VIEW vw_latest_feature_snapshot AS
WITH newest AS MATERIALIZED (
  SELECT
    s.set_id AS active_set_id,
    s.version AS version,
    f.set_id AS set_id,
    coalesce(f.window_no, 0) AS window_no,
    f.values_json AS values_json,
    f.coverage_json AS coverage_json,
    strftime('%Y-%m-%dT%H:%M:%fZ', (f.window_no - 1) * grid.ms / 1000.0, 'unixepoch') AS window_start_utc,
    strftime('%Y-%m-%dT%H:%M:%fZ', f.window_no * grid.ms / 1000.0, 'unixepoch') AS window_end_utc,
    strftime('%Y-%m-%dT%H:%M:%fZ', f.computed_at_ms / 1000.0, 'unixepoch') AS computed_at_utc
  FROM (SELECT CAST(value AS INTEGER) AS set_id FROM metadata WHERE key = 'active_set_id') AS active
  CROSS JOIN feature_sets AS s ON s.set_id = active.set_id
  LEFT JOIN (SELECT CAST(value AS INTEGER) AS ms FROM metadata WHERE key = 'grid_ms') AS grid
  LEFT JOIN features AS f ON f.window_no = (SELECT max(window_no) FROM features)
)
SELECT
  n.window_no * 1000000 + d.feature_id AS id,
  n.window_start_utc AS window_start_utc,
  n.window_end_utc AS window_end_utc,
  n.version AS feature_set_version,
  d.name AS feature_name,
  CAST(v.value AS REAL) AS feature_value,
  n.computed_at_utc AS computed_at_utc,
  CASE WHEN n.coverage_json IS NULL THEN 1.0 ELSE json_extract(n.coverage_json, '$[' || v.key || ']') / 100.0 END AS coverage
-- CROSS JOIN keeps this order: planned freely, values and members meet n x n.
FROM newest AS n
CROSS JOIN json_each(n.values_json) AS v
CROSS JOIN feature_set_members AS m ON m.set_id = n.active_set_id AND m.position = v.key
CROSS JOIN feature_definitions AS d ON d.feature_id = m.feature_id
WHERE n.set_id = n.active_set_id
UNION ALL
-- The newest window is of another set (just after a change of the features), or there is none: values are found by feature.
SELECT
  n.window_no * 1000000 + d.feature_id,
  n.window_start_utc,
  n.window_end_utc,
  n.version,
  d.name,
  CAST(o.value AS REAL),
  n.computed_at_utc,
  o.coverage
FROM newest AS n
CROSS JOIN feature_set_members AS m ON m.set_id = n.active_set_id
CROSS JOIN feature_definitions AS d ON d.feature_id = m.feature_id
LEFT JOIN (
  SELECT
    om.feature_id AS feature_id,
    ov.value AS value,
    CASE WHEN w.coverage_json IS NULL THEN 1.0 ELSE json_extract(w.coverage_json, '$[' || ov.key || ']') / 100.0 END AS coverage
  FROM newest AS w
  CROSS JOIN json_each(w.values_json) AS ov
  CROSS JOIN feature_set_members AS om ON om.set_id = w.set_id AND om.position = ov.key
) AS o ON o.feature_id = m.feature_id
WHERE n.set_id IS NOT n.active_set_id;
