-- The receipt of every due run of a job, the last recorded first: one row, whatever became of it, and however often it was begun (attempts).
-- rows: rows written, where the job counts them.
CREATE VIEW vw_schedule_runs AS
SELECT
  r.job AS job,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.due_at_ms / 1000.0, 'unixepoch') AS due_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.started_at_ms / 1000.0, 'unixepoch') AS started_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_at_ms / 1000.0, 'unixepoch') AS finished_at_utc,
  r.status AS status,
  r.rows AS rows,
  r.error AS error,
  r.attempts AS attempts
FROM schedule_runs AS r
ORDER BY r.id DESC;
