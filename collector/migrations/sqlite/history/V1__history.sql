-- Reports as received, one a row, and the ledger over them. Times in milliseconds since 1970, UTC.
CREATE TABLE dictionary (
  id INTEGER PRIMARY KEY,
  host BLOB NOT NULL,
  digest INTEGER NOT NULL,
  series TEXT NOT NULL,
  UNIQUE (host, digest)
);
CREATE TABLE report (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  host BLOB NOT NULL,
  incarnation BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  interval_s INTEGER NOT NULL,
  skew_ms INTEGER NOT NULL,
  presence INTEGER NOT NULL,
  expected_return_s INTEGER NOT NULL,
  dictionary INTEGER,
  block BLOB,
  processes TEXT,
  events TEXT,
  UNIQUE (host, incarnation, sequence)
);
CREATE INDEX report_by_time ON report (host, at_ms);
CREATE TABLE section (
  report INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  scan BLOB NOT NULL,
  PRIMARY KEY (report, kind)
) WITHOUT ROWID;
CREATE TABLE incarnation (
  host BLOB NOT NULL,
  incarnation BLOB NOT NULL,
  contiguous INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  sections INTEGER NOT NULL,
  events INTEGER NOT NULL,
  claim TEXT NOT NULL,
  claim_ms INTEGER NOT NULL,
  PRIMARY KEY (host, incarnation)
) WITHOUT ROWID;
CREATE TABLE gap (
  host BLOB NOT NULL,
  incarnation BLOB NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (host, incarnation, first)
) WITHOUT ROWID;
-- What this collector refused or clipped, counted.
CREATE TABLE refused (
  host BLOB NOT NULL,
  incarnation BLOB NOT NULL,
  reason TEXT NOT NULL,
  reports INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  sections INTEGER NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (host, incarnation, reason)
) WITHOUT ROWID;
-- Wall clock minus boot-time clock of each boot, for reports that come late.
CREATE TABLE boot (
  host BLOB NOT NULL,
  boot BLOB NOT NULL,
  offset_ms INTEGER NOT NULL,
  PRIMARY KEY (host, boot)
) WITHOUT ROWID;
