-- Where change detection stands: one row per stream, the most recently changed first, streams that never changed last.
-- Run lengths are in steps of the stream; change_probability is that of a change since the last reported one; state_json is a summary of
-- at most 1 KB.
CREATE VIEW vw_bocpd_latest_state AS
SELECT
  b.id AS id,
  b.run_id AS run_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.updated_at_ms / 1000.0, 'unixepoch') AS created_at_utc,
  b.hazard_rate AS hazard_rate,
  b.state_json AS state_json,
  b.stream_name AS stream_name,
  b.model AS model,
  b.run_length_map AS run_length_map,
  b.expected_run_length AS expected_run_length,
  b.change_probability AS change_probability,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.last_change_ms / 1000.0, 'unixepoch') AS last_change_utc
FROM bocpd_model_state AS b
ORDER BY b.last_change_ms DESC, b.stream_name;
