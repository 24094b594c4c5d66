-- Every change point that was reported, the newest report first. change_at is the likeliest start, start_low and start_high bound it.
-- withdrawn 1 = later data took it back; it stays listed. Means are in the stream's own unit: counts an hour, shares of the time, or the
-- entity's. words is the change as a sentence; NULL where it was reported before there were words. confirmed_at is when the data had borne
-- it out (it stood for three days, or a further change followed that does not lead back), whatever a person says of it; cut_off_at is since
-- when the stream was silent, where it fell silent before that; while both are NULL and withdrawn is 0 the report is still being watched.
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
  c.words AS words,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.confirmed_at_ms / 1000.0, 'unixepoch') AS confirmed_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.cut_off_at_ms / 1000.0, 'unixepoch') AS cut_off_at_utc
FROM change_points AS c
ORDER BY c.detected_at_ms DESC, c.stream_name;
