-- A run that was cut off has a status of its own, and it is counted how often each was begun.
CREATE TABLE schedule_runs_counted (
  id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  due_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'skipped', 'missed', 'cancelled', 'interrupted')),
  rows INTEGER,
  error TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (job, due_at_ms)
);

INSERT INTO schedule_runs_counted (id, job, due_at_ms, started_at_ms, finished_at_ms, status, rows, error, attempts)
SELECT id, job, due_at_ms, started_at_ms, finished_at_ms,
  CASE WHEN status = 'cancelled' AND error IN ('the app is stopping', 'the app stopped while this run was going on') THEN 'interrupted' ELSE status END,
  rows, error, started_at_ms IS NOT NULL
FROM schedule_runs ORDER BY id;

DROP TABLE schedule_runs;
ALTER TABLE schedule_runs_counted RENAME TO schedule_runs;
