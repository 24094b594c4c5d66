-- How a reported change ended, where it was not withdrawn: when the data had borne it out, or since when there were none to bear it out with.
ALTER TABLE change_points ADD COLUMN confirmed_at_ms INTEGER;
ALTER TABLE change_points ADD COLUMN cut_off_at_ms INTEGER;
