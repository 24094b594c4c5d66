-- Spans of due times whose receipts were deleted for their age: none of them is ever run again.
CREATE TABLE trimmed_receipts (
  job TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  PRIMARY KEY (job, from_ms)
) WITHOUT ROWID;
