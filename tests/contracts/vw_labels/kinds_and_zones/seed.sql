-- Every kind, each reason, sources of every way; a night of travelling, both nights on which the clocks change, and a target that is no
-- longer configured, which keeps its labels and stands where its position was.

INSERT INTO targets (target_id, name, start_entity, end_entity, position, created_at_ms, retired_at_ms) VALUES
  (1, 'sleep', 'input_datetime.sleep_start', 'input_datetime.sleep_end', 0, 0, NULL), (2, 'nap', NULL, NULL, 1, 0, 1792000000000);
INSERT INTO labels (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status, reason) VALUES
  (1, 1, 1774735200000, 1774764000000, '2026-03-29', 'Europe/Amsterdam', 'positive', 'helper', 1774764000250, 'active', NULL),
  (2, 1, 1792875600000, 1792908000000, '2026-10-25', 'Europe/Amsterdam', 'positive', 'csv', 1793000000000, 'active', NULL),
  (3, 1, 1793052000000, 1793084400000, '2026-10-27', 'America/New_York', 'positive', 'helper', 1793084400000, 'active', NULL),
  (4, 1, 1793012400000, 1793030400000, '2026-10-26', 'Europe/Amsterdam', 'negative', 'negative helper', 1793030400000, 'active', NULL),
  (5, 1, 1792000000000, 1792800000000, '2026-10-24', 'Europe/Amsterdam', 'excluded', 'excluded helper', 1792800000000, 'active', NULL),
  (6, 2, 1793084400000, 1793084400000, '2026-10-27', 'America/New_York', 'positive', 'helper', 1793084500000, 'rejected', 'equal bounds'),
  (7, 2, 1791990000000, 1791980000000, '2026-10-14', 'Europe/Amsterdam', 'positive', 'helper', 1791995000000, 'rejected', 'end before start'),
  (8, 2, 1791000000000, 1791100000000, '2026-10-04', 'Europe/Amsterdam', 'positive', 'helper', 1791100000000, 'rejected', 'too long');
INSERT INTO label_history
  (label_id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, replaced_at_ms, replaced_by)
VALUES (9, 1, 1793012400000, 1793020000000, '2026-10-26', 'Europe/Amsterdam', 'positive', 'command', 1793021000000, 1793030400000, 'replaced by a later label');
