-- Every change point that was reported, the newest report first. change_at is the likeliest start, start_low and start_high bound it.
-- withdrawn 1 = later data took it back; it stays listed. Means are in the stream's own unit: counts an hour, shares of the time, or the
-- entity's. words is the change as a sentence; NULL where it was reported before there were words.
CREATE VIEW vw_bocpd_changes AS
SELECT
  c.stream_name AS stream_name,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.change_at_ms / 1000.0, 'unixepoch') AS change_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.start_low_ms / 1000.0, 'unixepoch') AS start_low_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.start_high_ms / 1000.0, 'unixepoch') AS start_high_utc,
  c.probability AS probability,
  c.before_mean AS before_mean,
  c.after_mean AS after_mean,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.detected_at_ms / 1000.0, 'unixepoch') AS detected_at_utc,
  c.withdrawn_at_ms IS NOT NULL AS withdrawn,
  c.words AS words
FROM change_points AS c
ORDER BY c.detected_at_ms DESC, c.stream_name;
