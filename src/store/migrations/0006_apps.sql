-- What apps of the user's keep: small JSON values by app and key.
CREATE TABLE app_store (
  app TEXT NOT NULL,
  key TEXT NOT NULL,
  value_json TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (app, key)
) WITHOUT ROWID;
