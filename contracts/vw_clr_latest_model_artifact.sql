-- The model that serves each target, the default target first. One row per target that has a champion; candidates never appear.
-- artifact_json: {"model": {"coefficients": [...], "intercept": x}, "feature_names": [...], ...} with
-- probability = sigmoid(intercept + sum of coefficient * raw feature_value of vw_latest_feature_snapshot).
CREATE VIEW vw_clr_latest_model_artifact AS
SELECT
  a.id AS id,
  a.run_id AS run_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.created_at_ms / 1000.0, 'unixepoch') AS created_at_utc,
  a.model_type AS model_type,
  s.version AS feature_set_version,
  a.artifact_json AS artifact_json,
  t.name AS target_name,
  a.model_version AS model_version
FROM champions AS c
JOIN targets AS t ON t.target_id = c.target_id
JOIN clr_model_artifacts AS a ON a.id = c.artifact_id
JOIN feature_sets AS s ON s.set_id = a.set_id
ORDER BY t.position, t.target_id;
