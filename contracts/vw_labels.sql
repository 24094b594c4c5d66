-- Every label that stands or was turned down, the latest end first. Bounds are half-open, [start, end); local_date is the day of the end in
-- time_zone. status `rejected` carries the reason in words; a label that was replaced is gone from here.
CREATE VIEW vw_labels AS
SELECT
  t.name AS target_name,
  l.local_date AS local_date,
  strftime('%Y-%m-%dT%H:%M:%fZ', l.start_ms / 1000.0, 'unixepoch') AS start_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', l.end_ms / 1000.0, 'unixepoch') AS end_utc,
  l.time_zone AS time_zone,
  l.kind AS kind,
  l.source AS source,
  strftime('%Y-%m-%dT%H:%M:%fZ', l.captured_at_ms / 1000.0, 'unixepoch') AS captured_at_utc,
  l.status AS status,
  l.reason AS reason
FROM labels AS l
JOIN targets AS t ON t.target_id = l.target_id
ORDER BY l.end_ms DESC, t.position, l.id;
