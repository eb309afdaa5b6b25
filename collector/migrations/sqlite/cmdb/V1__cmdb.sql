-- Everything but history. Ids are UUID text; times in milliseconds since 1970, UTC; doc and other JSON as text.
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE customer (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE site (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, doc TEXT NOT NULL,
  UNIQUE (customer, name)
) WITHOUT ROWID;
CREATE TABLE contract (customer TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE host (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  admission TEXT NOT NULL,
  presence TEXT NOT NULL,
  enrolled_ms INTEGER NOT NULL,
  last_report_ms INTEGER,
  last_heard_ms INTEGER,
  agent_version TEXT NOT NULL,
  interval_s INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX host_by_name ON host (name, id);
CREATE INDEX host_by_customer ON host (customer);

CREATE TABLE item (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, host TEXT NOT NULL, class TEXT NOT NULL, key TEXT NOT NULL,
  name TEXT NOT NULL, fields TEXT NOT NULL, first_seen_ms INTEGER NOT NULL, gone_ms INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX item_by_key ON item (host, class, key);
CREATE TABLE change (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  item TEXT NOT NULL, host TEXT NOT NULL, class TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  field TEXT, old TEXT, new TEXT, observed_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, scan TEXT NOT NULL
);
CREATE INDEX change_by_host ON change (host, observed_ms);
CREATE INDEX change_by_item ON change (item);
CREATE TABLE relation (
  source TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (source, kind, target)
) WITHOUT ROWID;
-- The newest scan applied of each class, so that a late one changes nothing.
CREATE TABLE scanned (host TEXT NOT NULL, class TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (host, class)) WITHOUT ROWID;

CREATE TABLE incident (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, subject TEXT NOT NULL, monitor TEXT NOT NULL, object TEXT NOT NULL,
  host TEXT, state TEXT NOT NULL, live INTEGER NOT NULL, urgency TEXT NOT NULL, opened_ms INTEGER NOT NULL,
  ended_ms INTEGER, doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX incident_live ON incident (customer, subject, monitor, object) WHERE live = 1;
CREATE INDEX incident_by_urgency ON incident (live, urgency);
CREATE INDEX incident_by_time ON incident (opened_ms);
CREATE INDEX incident_by_host ON incident (host);
CREATE TABLE monitor_state (
  host TEXT NOT NULL, monitor TEXT NOT NULL, object TEXT NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (host, monitor, object)
) WITHOUT ROWID;

CREATE TABLE outbox (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, incident TEXT, destination TEXT NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL, not_before_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, last_error TEXT, ended_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (not_before_ms) WHERE state = 'waiting';
CREATE INDEX outbox_by_incident ON outbox (incident);

CREATE TABLE user (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (token_hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE api_token (id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE audit (
  row INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,
  subject TEXT NOT NULL, outcome TEXT NOT NULL
);

CREATE TABLE enrolment_token (
  id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, customer TEXT NOT NULL, site TEXT NOT NULL,
  uses INTEGER NOT NULL, used INTEGER NOT NULL, expires_ms INTEGER NOT NULL, cidr TEXT
) WITHOUT ROWID;
-- The certificate that a host may use now; older ones are refused.
CREATE TABLE identity (
  host TEXT PRIMARY KEY, serial TEXT NOT NULL, next_serial TEXT, not_after_ms INTEGER NOT NULL,
  generation TEXT, offered TEXT
) WITHOUT ROWID;
