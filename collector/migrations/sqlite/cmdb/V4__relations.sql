-- Relations begin and end; the same two items may be related again. Times in milliseconds since 1970, UTC.
CREATE TABLE relation_in_time (
  source TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER,
  PRIMARY KEY (source, kind, target, since_ms)
) WITHOUT ROWID;
-- Of those from before, an end is known only where one of the two items is gone.
INSERT INTO relation_in_time (source, kind, target, since_ms, until_ms)
  SELECT r.source, r.kind, r.target, max(coalesce(s.first_seen_ms, 0), coalesce(t.first_seen_ms, 0)),
    CASE r.kind WHEN 'supersedes' THEN NULL ELSE nullif(min(coalesce(s.gone_ms, 9223372036854775807), coalesce(t.gone_ms, 9223372036854775807)), 9223372036854775807) END
  FROM relation r LEFT JOIN item s ON s.id = r.source LEFT JOIN item t ON t.id = r.target;
DROP TABLE relation;
ALTER TABLE relation_in_time RENAME TO relation;
CREATE INDEX relation_by_target ON relation (target, kind);

-- Who has what: names of a class in one order for all customers, what is gone left out.
CREATE INDEX item_by_name ON item (class, name COLLATE NOCASE, id) WHERE gone_ms IS NULL;
-- What changed of one class of a host after a moment, for the class as it stood then.
CREATE INDEX change_by_class ON change (host, class, observed_ms);
-- How many items a baseline holds: all of a customer's have a bound together.
ALTER TABLE baseline ADD COLUMN items INTEGER NOT NULL DEFAULT 0;
UPDATE baseline SET items = (SELECT count(*) FROM baseline_item b WHERE b.baseline = baseline.id);
CREATE INDEX baseline_by_customer ON baseline (customer);
-- What is on several machines at once identifies nobody at that customer ('' = at any).
CREATE TABLE shared_mark_of (
  kind TEXT NOT NULL, value TEXT NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (kind, value, customer)
) WITHOUT ROWID;
INSERT INTO shared_mark_of (kind, value, customer)
  SELECT s.kind, s.value, h.customer FROM shared_mark s JOIN mark m ON m.kind = s.kind AND m.value = s.value
  JOIN host h ON h.id = m.host WHERE h.admission = 'active' GROUP BY s.kind, s.value, h.customer HAVING count(*) > 1;
DROP TABLE shared_mark;
ALTER TABLE shared_mark_of RENAME TO shared_mark;
