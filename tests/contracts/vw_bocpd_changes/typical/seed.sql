-- The newest report first; one that was withdrawn stays listed, and so does one whose stream fell silent; means and words that are not known are NULL.
INSERT INTO change_points
  (id, stream_name, change_at_ms, start_low_ms, start_high_ms, probability, before_mean, after_mean, detected_at_ms, withdrawn_at_ms, confirmed_at_ms, cut_off_at_ms, words) VALUES
  (1, 'home.activity', 1772236800000, 1772233200000, 1772240400000, 0.96875, 12.5, 3.25, 1772254800000, NULL, 1772514000000, NULL,
   'Since 28 February the home is used 74 % less.'),
  (2, 'area.kitchen', 1772280000000, 1772280000000, 1772283600000, 0.984375, NULL, NULL, 1772298000000, 1772323200000, NULL, NULL,
   'Since 28 February the kitchen is not as it was. Taken back on 1 March: it has faded.'),
  (3, 'area.bath', 1772276400000, 1772276400000, 1772276400000, 1, -1, 0, 1772298000000, NULL, NULL, 1772388000000, NULL);
