-- What a person says of the change points, and what a page of the API finds without a walk.

-- A report is named by its stream and when it was made, so the answer outlives a stream that is derived again.
CREATE TABLE change_answers (
  stream_name TEXT NOT NULL,
  detected_at_ms INTEGER NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('confirmed', 'rejected')),
  said_by TEXT NOT NULL,
  said_at_ms INTEGER NOT NULL,
  PRIMARY KEY (stream_name, detected_at_ms)
) WITHOUT ROWID;

-- Streams whose reports a person does not want to be told of. They are watched all the same.
CREATE TABLE muted_streams (
  stream_name TEXT PRIMARY KEY,
  said_by TEXT NOT NULL,
  said_at_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- A year of a target's curve without its rows, which hold the whole vector of features.
CREATE INDEX predictions_curve ON predictions (target_id, window_no, probability, is_on);
-- Receipts by their due time, over all jobs.
CREATE INDEX schedule_runs_by_due ON schedule_runs (due_at_ms, job);
CREATE INDEX label_history_by_label ON label_history (label_id);
