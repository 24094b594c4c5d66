-- What each target's model says now: exactly one row per target, the default target first.
-- probability and is_on are NULL when there is no answer, and unavailable_reason says why. A prediction whose window ended more than 3
-- windows ago is `stale`: found here against SQLite's clock, so it holds when the app is dead.
-- since_utc is when the present is_on began, found_at_utc the end of the window that told it: the delay is what lies between. since_utc is
-- NULL where it was so already at the first answer after a hole of more than 3 windows.
CREATE VIEW vw_clr_latest_prediction AS
WITH clock AS (
  SELECT
    strftime('%s', 'now') * 1000
      + coalesce((SELECT CAST(value AS INTEGER) FROM metadata WHERE key = 'clock_offset_ms'), 0) AS now_ms,
    (SELECT CAST(value AS INTEGER) FROM metadata WHERE key = 'grid_ms') AS grid_ms
),
newest AS (
  SELECT p.*, p.window_no * clock.grid_ms AS window_end_ms, (p.window_no + 3) * clock.grid_ms < clock.now_ms AS is_stale
  FROM clock
  CROSS JOIN targets AS t
  CROSS JOIN predictions AS p
    ON p.target_id = t.target_id AND p.window_no = (SELECT max(window_no) FROM predictions WHERE target_id = t.target_id)
)
SELECT
  t.name AS target_name,
  CASE WHEN n.is_stale THEN NULL ELSE n.probability END AS probability,
  CASE WHEN n.is_stale THEN NULL ELSE n.is_on END AS is_on,
  n.threshold AS threshold,
  strftime('%Y-%m-%dT%H:%M:%fZ', n.predicted_at_ms / 1000.0, 'unixepoch') AS predicted_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', n.window_end_ms / 1000.0, 'unixepoch') AS window_end_utc,
  a.model_version AS model_version,
  n.coverage AS coverage,
  CASE WHEN n.target_id IS NULL THEN 'no prediction' WHEN n.is_stale THEN 'stale' ELSE n.unavailable_reason END AS unavailable_reason,
  n.stage AS stage,
  CASE WHEN n.is_stale OR n.is_on IS NULL THEN NULL
    ELSE strftime('%Y-%m-%dT%H:%M:%fZ', (n.on_off_json ->> '$.sinceMs') / 1000.0, 'unixepoch') END AS since_utc,
  CASE WHEN n.is_stale OR n.is_on IS NULL THEN NULL
    ELSE strftime('%Y-%m-%dT%H:%M:%fZ', (n.on_off_json ->> '$.foundAtMs') / 1000.0, 'unixepoch') END AS found_at_utc
FROM targets AS t
LEFT JOIN newest AS n ON n.target_id = t.target_id
LEFT JOIN clr_model_artifacts AS a ON a.id = n.artifact_id
ORDER BY t.position, t.target_id;
