-- By what hosts are known again. What is no longer said of a kind stays until another value of it is.
CREATE TABLE mark (
  host TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, since_ms INTEGER NOT NULL,
  PRIMARY KEY (host, kind, value)
) WITHOUT ROWID;
CREATE INDEX mark_by_value ON mark (kind, value);
-- Values that were seen on several machines at once: they identify nobody, at any customer.
CREATE TABLE shared_mark (kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
-- Which machine is which: tasks for people.
CREATE TABLE duplicate (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, newer TEXT NOT NULL, older TEXT,
  resemblance TEXT NOT NULL, sign TEXT, state TEXT NOT NULL, found_ms INTEGER NOT NULL, decided_by TEXT, decided_ms INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX duplicate_open ON duplicate (kind, newer, coalesce(older, '')) WHERE state = 'open';
CREATE INDEX duplicate_by_older ON duplicate (older);
-- The key that the last enrolment put out of use: who still uses it holds a copy.
ALTER TABLE identity ADD COLUMN replaced_serial TEXT;
