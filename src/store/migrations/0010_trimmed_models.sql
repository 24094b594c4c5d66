-- Models and reports that were taken away for their age: since when. The row stays, so that predictions go on naming who made them.
ALTER TABLE clr_model_artifacts ADD COLUMN trimmed_at_ms INTEGER;
ALTER TABLE clr_training_runs ADD COLUMN trimmed_at_ms INTEGER;
CREATE INDEX clr_model_artifacts_whole ON clr_model_artifacts (target_id, model_version) WHERE trimmed_at_ms IS NULL;
CREATE INDEX clr_model_artifacts_by_run ON clr_model_artifacts (run_id);
CREATE INDEX clr_training_runs_whole ON clr_training_runs (target_id, id) WHERE trimmed_at_ms IS NULL;

-- An artifact is never overwritten; its text alone may go, once and for good, and never that of a model that serves.
DROP TRIGGER clr_model_artifacts_stay;
CREATE TRIGGER clr_model_artifacts_stay BEFORE UPDATE OF run_id, target_id, model_version, set_id, checksum ON clr_model_artifacts
BEGIN SELECT RAISE(ABORT, 'an artifact is never overwritten'); END;
CREATE TRIGGER clr_model_artifacts_text_stays BEFORE UPDATE OF artifact_json ON clr_model_artifacts
WHEN NEW.artifact_json <> '' OR NEW.trimmed_at_ms IS NULL OR EXISTS (SELECT 1 FROM champions WHERE artifact_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'an artifact is never overwritten, and one that serves never deleted'); END;
