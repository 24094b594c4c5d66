-- Is the app alive and well? Always exactly one row, also in a file that holds nothing yet. Nothing is counted on reading.
-- status: `down` = no heartbeat for 3 minutes, found here against SQLite's clock, so a dead app shows in its file alone; `starting` = before
-- the first heartbeat or while it comes up; `degraded` = it works, with the listed reasons; else `ok`.
-- degraded_reasons: JSON array of {code, since, cause, effect, remedy}, oldest first.
-- readiness: JSON object, target name -> {stage, gates: [{gate, have, need, met}]}.
-- pair_exclusions: JSON object, target name -> {reason: windows left out of its training by it}, as of the last pairing.
CREATE VIEW vw_health AS
WITH life AS (
  SELECT
    (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'heartbeat_at') AS heartbeat_at_utc,
    (SELECT value FROM metadata WHERE key = 'lifecycle') AS lifecycle,
    coalesce((SELECT CAST(value AS INTEGER) FROM metadata WHERE key = 'clock_offset_ms'), 0) AS clock_offset_ms
)
SELECT
  CASE
    WHEN life.heartbeat_at_utc IS NULL THEN 'starting'
    WHEN (julianday('now') - julianday(life.heartbeat_at_utc)) * 86400000.0 + life.clock_offset_ms > 180000 THEN 'down'
    WHEN life.lifecycle = 'starting' THEN 'starting'
    WHEN EXISTS (SELECT 1 FROM degraded) THEN 'degraded'
    ELSE 'ok'
  END AS status,
  (
    SELECT json_group_array(json_object(
      'code', code,
      'since', strftime('%Y-%m-%dT%H:%M:%fZ', since_ms / 1000.0, 'unixepoch'),
      'cause', cause,
      'effect', effect,
      'remedy', remedy
    ))
    FROM (SELECT * FROM degraded ORDER BY since_ms, code)
  ) AS degraded_reasons,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'events_total'), 0) AS events_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'entities_total'), 0) AS entities_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'labels_total'), 0) AS labels_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'features_total'), 0) AS features_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'predictions_total'), 0) AS predictions_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'changes_total'), 0) AS changes_total,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'gaps_open'), 0) AS gaps_open,
  (
    SELECT strftime('%Y-%m-%dT%H:%M:%fZ', updated_us / 1000 / 1000.0, 'unixepoch')
    FROM raw_events
    WHERE source NOT IN (2, 4)
      -- One from the future has not happened yet.
      AND updated_us <= ((julianday('now') - 2440587.5) * 86400000.0 + life.clock_offset_ms + 30000) * 1000
    ORDER BY updated_us DESC
    LIMIT 1
  ) AS last_event_at_utc,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_feature_compute_at') AS last_feature_at_utc,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_label_capture_at') AS last_label_at_utc,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_clr_train_at') AS last_train_at_utc,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_bocpd_train_at') AS last_change_step_at_utc,
  life.heartbeat_at_utc AS heartbeat_at_utc,
  (SELECT value FROM health WHERE key = 'connection') AS connection,
  (SELECT value FROM metadata WHERE key = 'schema_version') AS schema_version,
  (SELECT value FROM metadata WHERE key = 'contract_version') AS contract_version,
  (
    SELECT version
    FROM feature_sets
    WHERE set_id = (SELECT CAST(value AS INTEGER) FROM metadata WHERE key = 'active_set_id')
  ) AS feature_set_version,
  coalesce((SELECT value FROM health WHERE key = 'readiness' AND json_valid(value)), '{}') AS readiness,
  (SELECT value FROM metadata WHERE key = 'app_version') AS app_version,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM health WHERE key = 'connected_since') AS connected_since_utc,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_retention_at') AS last_retention_at_utc,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'events_dropped'), 0) AS events_dropped,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'events_from_future'), 0) AS events_from_future,
  coalesce((SELECT CAST(value AS INTEGER) FROM health WHERE key = 'spill_bytes'), 0) AS spilled_bytes,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'home_clock_ahead_ms') AS home_clock_ahead_ms,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM health WHERE key = 'clock_jumped_at') AS clock_jumped_at_utc,
  (
    SELECT json_group_object(name, json(counts))
    FROM (
      SELECT t.name AS name, h.value AS counts
      FROM targets AS t
      JOIN health AS h ON h.key = 'pair_exclusions.' || t.target_id
      WHERE json_valid(h.value)
      ORDER BY t.position, t.target_id
    )
  ) AS pair_exclusions,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'database_bytes') AS database_bytes,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'log_bytes') AS log_bytes,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'unused_bytes') AS unused_bytes,
  (SELECT CAST(value AS REAL) FROM health WHERE key = 'size_per_event') AS bytes_per_event,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'size_growth_per_day') AS growth_bytes_per_day,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'size_forecast') AS forecast_bytes,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'disk_free_bytes') AS disk_free_bytes,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'written_bytes_per_day') AS written_bytes_per_day,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', value) FROM metadata WHERE key = 'last_backup_at') AS last_backup_at_utc,
  (SELECT CAST(value AS INTEGER) FROM health WHERE key = 'backup_bytes') AS last_backup_bytes
FROM life;
