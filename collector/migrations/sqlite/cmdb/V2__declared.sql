-- What people declare about items, its history, and the baselines of sites. Times in milliseconds since 1970, UTC.
CREATE TABLE declared (
  item TEXT PRIMARY KEY, customer TEXT NOT NULL, site TEXT, host TEXT, class TEXT NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL, doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX declared_by_customer ON declared (customer, name);
CREATE TABLE declared_change (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  item TEXT NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT
);
CREATE INDEX declared_change_by_item ON declared_change (item);
-- Relations are asked for from both ends.
CREATE INDEX IF NOT EXISTS relation_by_target ON relation (target, kind);

CREATE TABLE baseline (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, site TEXT NOT NULL, fixed_ms INTEGER NOT NULL, actor TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX baseline_by_site ON baseline (site, fixed_ms);
-- Copied and not looked up in the history, which ends one day. A declared item has no host, written as ''.
CREATE TABLE baseline_item (
  baseline TEXT NOT NULL, host TEXT NOT NULL, class TEXT NOT NULL, item TEXT NOT NULL, name TEXT NOT NULL,
  facts TEXT NOT NULL, PRIMARY KEY (baseline, host, class, item)
) WITHOUT ROWID;
