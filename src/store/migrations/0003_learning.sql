-- What labels, features, pairs and models need beyond their first shape.

-- Helpers that say "it did not happen" and "leave this out"; a target that is no longer configured keeps its rows and listens to nobody.
ALTER TABLE targets ADD COLUMN negative_entity TEXT;
ALTER TABLE targets ADD COLUMN excluded_entity TEXT;
ALTER TABLE targets ADD COLUMN retired_at_ms INTEGER;

-- The home's zone when the state came (what its wall clock meant), and whether it came as Home Assistant started (NULL = not judged yet).
ALTER TABLE helper_changes ADD COLUMN time_zone TEXT;
ALTER TABLE helper_changes ADD COLUMN came_with_start INTEGER;
