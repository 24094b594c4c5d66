-- Receipts by their due time, over all jobs: the table was made anew without its index.
CREATE INDEX schedule_runs_by_due ON schedule_runs (due_at_ms, job);
