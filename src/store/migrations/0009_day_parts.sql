-- The part of the day that a change is in, with its own means, so that it can be told in any language.
ALTER TABLE change_points ADD COLUMN day_part TEXT;
ALTER TABLE change_points ADD COLUMN part_before_mean REAL;
ALTER TABLE change_points ADD COLUMN part_after_mean REAL;
