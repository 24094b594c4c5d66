-- How the newest finished training of each target went: exactly one row per target, the default target first. A run that is still going
-- does not show. status `none` = nothing has finished yet. notes say in words what is missing or why a model was refused.
-- log_loss, brier, auc, ece: on days that were held out: from eight days on walk-forward, each day foretold by models chosen and fitted on earlier
-- days alone; with fewer, each by a model fitted on the other days. skill_vs_clock: 1 - log loss / the clock's log loss, on the same days.
CREATE VIEW vw_clr_latest_training_result AS
SELECT
  t.name AS target_name,
  coalesce(r.status, 'none') AS status,
  r.row_count AS row_count,
  r.day_count AS day_count,
  r.notes AS notes,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.started_at_ms / 1000.0, 'unixepoch') AS started_at_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_at_ms / 1000.0, 'unixepoch') AS finished_at_utc,
  r.model_type AS model_type,
  s.version AS feature_set_version,
  CAST(json_extract(r.report_json, '$.log_loss') AS REAL) AS log_loss,
  CAST(json_extract(r.report_json, '$.brier') AS REAL) AS brier,
  CAST(json_extract(r.report_json, '$.auc') AS REAL) AS auc,
  CAST(json_extract(r.report_json, '$.ece') AS REAL) AS ece,
  CAST(json_extract(r.report_json, '$.skill_vs_clock') AS REAL) AS skill_vs_clock
FROM targets AS t
LEFT JOIN clr_training_runs AS r ON r.id = (
  SELECT id FROM clr_training_runs WHERE target_id = t.target_id AND status <> 'running' ORDER BY id DESC LIMIT 1
)
LEFT JOIN feature_sets AS s ON s.set_id = r.set_id
ORDER BY t.position, t.target_id;
