//! What the pipeline commits in one transaction: effects, the monitor state that they left and the new cursor; and
//! the snapshot that it starts from.

use super::row::{document, from_word, json, millis, word};
use super::{
    EnrolmentToken, Result, Store, baselines, declared, enrolment, hosts, identity, incidents, outbox, recognition,
    relations,
};
use crate::model::{
    Admission, ApiToken, AuditEntry, Baseline, BaselineId, Change, Class, Contract, Customer, Declared, DeclaredChange,
    Duplicate, Host, HostId, Incident, IncidentId, Item, ItemId, Marks, MessageId, OutboxMessage, Presence, Relation,
    Role, SharedMark, Site, User,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// All that one step of the pipeline changes.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The last history row that these effects take in.
    pub cursor: Option<i64>,
    /// Hosts whose row changed.
    pub hosts: Vec<HostUpdate>,
    /// New or changed items.
    pub items: Vec<Item>,
    /// Items of which nothing is kept, save where people declared something of them.
    pub forgotten: Vec<ItemId>,
    /// History of items.
    pub changes: Vec<Change>,
    /// Relations that began, and those that ended.
    pub relations: Vec<Relation>,
    /// The newest scan applied of a class.
    pub scanned: Vec<(HostId, Class, Timestamp)>,
    /// New or changed incidents.
    pub incidents: Vec<Incident>,
    /// What goes out.
    pub outbox: Vec<OutboxMessage>,
    /// Pages that are no longer needed.
    pub pages_cancelled: Vec<IncidentId>,
    /// Monitor state: new text, or none = forgotten.
    pub monitor_states: Vec<(HostId, String, String, Option<String>)>,
    /// New or changed customers.
    pub customers: Vec<Customer>,
    /// New or changed sites.
    pub sites: Vec<Site>,
    /// New or changed contracts.
    pub contracts: Vec<Contract>,
    /// New users.
    pub users: Vec<User>,
    /// New API tokens.
    pub api_tokens: Vec<ApiToken>,
    /// New enrolment tokens.
    pub enrolment_tokens: Vec<EnrolmentToken>,
    /// Hosts admitted or refused.
    pub admissions: Vec<(HostId, Admission)>,
    /// By what hosts are known again, since when.
    pub marks: Vec<(HostId, Marks, Timestamp)>,
    /// Marks that turned out to identify nobody.
    pub shared_marks: Vec<SharedMark>,
    /// New and decided tasks about machines that may be one.
    pub duplicates: Vec<Duplicate>,
    /// Dead letters to send again.
    pub redelivered: Vec<MessageId>,
    /// New or changed declarations of people.
    pub declared: Vec<Declared>,
    /// Their history.
    pub declared_changes: Vec<DeclaredChange>,
    /// Baselines to fix from what is there.
    pub baselines: Vec<Baseline>,
    /// Baselines to forget.
    pub baselines_removed: Vec<BaselineId>,
    /// What people did.
    pub audit: Vec<AuditEntry>,
}

/// The columns of a host that the pipeline owns.
#[derive(Clone, Debug)]
pub struct HostUpdate {
    /// Which.
    pub id: HostId,
    /// As claimed by its newest inventory.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Is it there?
    pub presence: Presence,
    /// Event time of its newest report.
    pub last_report_at: Option<Timestamp>,
    /// When it was last heard.
    pub last_heard_at: Option<Timestamp>,
    /// The interval that it last reported in.
    pub interval_s: u32,
}

/// One monitor's state of one object.
#[derive(Clone, Debug)]
pub struct MonitorState {
    /// Host.
    pub host: HostId,
    /// Monitor.
    pub monitor: String,
    /// Object.
    pub object: String,
    /// As the evaluation wrote it.
    pub state: String,
}

/// What the pipeline starts from.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Last history row taken in.
    pub cursor: i64,
    /// Every host.
    pub hosts: Vec<Host>,
    /// Live incidents and recently ended ones.
    pub incidents: Vec<Incident>,
    /// Monitor state.
    pub monitor_states: Vec<MonitorState>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Sites.
    pub sites: Vec<Site>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Newest scan applied of each class.
    pub scanned: Vec<(HostId, Class, i64)>,
    /// Hosts that people took out of service.
    pub out_of_service: Vec<HostId>,
}

impl Store {
    /// Commits effects: all or none.
    pub async fn commit(&self, effects: Effects) -> Result<()> {
        self.cmdb.write(move |db| commit(db, &effects)).await
    }

    /// What the pipeline starts from; incidents that resolved after one moment or were closed after another are in it.
    pub async fn snapshot(&self, resolved_since: Timestamp, closed_since: Timestamp) -> Result<Snapshot> {
        self.cmdb.read(move |db| snapshot(db, resolved_since, closed_since)).await
    }

    /// Every host, for the pipeline to learn new ones.
    pub async fn host_list(&self) -> Result<Vec<Host>> {
        self.cmdb.read(host_list).await
    }
}

fn commit(db: &Connection, effects: &Effects) -> Result<()> {
    commit_declared(db, effects)?;
    for host in &effects.hosts {
        update_host(db, host)?;
    }
    commit_items(db, effects)?;
    declared::commit(db, effects)?;
    for baseline in &effects.baselines {
        baselines::fix(db, baseline)?;
    }
    for baseline in &effects.baselines_removed {
        baselines::remove(db, *baseline)?;
    }
    for incident in &effects.incidents {
        upsert_incident(db, incident)?;
    }
    let mut cancel = db.prepare_cached(
        "UPDATE outbox SET state = 'cancelled' WHERE incident = ?1 AND kind = 'page' AND state = 'waiting'",
    )?;
    for incident in &effects.pages_cancelled {
        cancel.execute(params![incident.to_string()])?;
    }
    for message in &effects.outbox {
        outbox::insert(db, message)?;
    }
    commit_monitor_states(db, effects)?;
    if let Some(cursor) = effects.cursor {
        db.prepare_cached(
            "INSERT INTO meta (name, value) VALUES ('cursor', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
        )?
        .execute(params![cursor])?;
    }
    Ok(())
}

fn commit_declared(db: &Connection, effects: &Effects) -> Result<()> {
    for customer in &effects.customers {
        db.prepare_cached("INSERT INTO customer (id, name, doc) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET name = ?2, doc = ?3")?
            .execute(params![customer.id.to_string(), customer.name, document(customer)?])?;
    }
    for site in &effects.sites {
        db.prepare_cached(
            "INSERT INTO site (id, customer, name, doc) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET name = ?3, doc = ?4",
        )?
        .execute(params![site.id.to_string(), site.customer.to_string(), site.name, document(site)?])?;
    }
    for contract in &effects.contracts {
        db.prepare_cached(
            "INSERT INTO contract (customer, doc) VALUES (?1, ?2) ON CONFLICT (customer) DO UPDATE SET doc = ?2",
        )?
        .execute(params![contract.customer.to_string(), document(contract)?])?;
    }
    for user in &effects.users {
        db.prepare_cached(
            "INSERT INTO user (id, name, doc) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET doc = ?3",
        )?
        .execute(params![user.id.to_string(), user.name, document(user)?])?;
    }
    for token in &effects.api_tokens {
        db.prepare_cached("INSERT INTO api_token (id, secret_hash, doc) VALUES (?1, ?2, ?3)")?.execute(params![
            token.id.to_string(),
            token.secret_hash,
            document(token)?
        ])?;
    }
    for token in &effects.enrolment_tokens {
        enrolment::insert_token(db, token)?;
    }
    for (host, admission) in &effects.admissions {
        identity::admit(db, *host, *admission)?;
    }
    // After admissions: a merge revokes a host, which answers what was asked about it, but this one is answered otherwise.
    for duplicate in &effects.duplicates {
        recognition::upsert_duplicate(db, duplicate)?;
    }
    for message in &effects.redelivered {
        db.prepare_cached("UPDATE outbox SET state = 'waiting', attempts = 0, not_before_ms = 0, ended_ms = NULL WHERE id = ?1 AND state = 'dead'")?
            .execute(params![message.to_string()])?;
    }
    for entry in &effects.audit {
        db.prepare_cached("INSERT INTO audit (at_ms, actor, act, subject, outcome) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![millis(entry.at), entry.actor, entry.act, entry.subject, entry.outcome])?;
    }
    Ok(())
}

fn update_host(db: &Connection, host: &HostUpdate) -> Result<()> {
    db.prepare_cached(
        "UPDATE host SET name = ?2, role = ?3, presence = ?4, last_report_ms = ?5, last_heard_ms = ?6, interval_s = ?7 WHERE id = ?1",
    )?
    .execute(params![
        host.id.to_string(),
        host.name,
        word(&host.role)?,
        document(&host.presence)?,
        host.last_report_at.map(millis),
        host.last_heard_at.map(millis),
        host.interval_s
    ])?;
    Ok(())
}

fn commit_items(db: &Connection, effects: &Effects) -> Result<()> {
    for item in &effects.items {
        upsert_item(db, item)?;
    }
    for item in &effects.forgotten {
        forget_item(db, &item.to_string())?;
    }
    for change in &effects.changes {
        insert_change(db, change)?;
    }
    for (host, marks, at) in &effects.marks {
        recognition::set_marks(db, *host, marks, *at)?;
    }
    recognition::insert_shared(db, &effects.shared_marks)?;
    relations::commit(db, &effects.relations)?;
    let mut scanned = db
        .prepare_cached("INSERT INTO scanned (host, class, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT (host, class) DO UPDATE SET at_ms = ?3")?;
    for (host, class, at) in &effects.scanned {
        scanned.execute(params![host.to_string(), class.word(), millis(*at)])?;
    }
    Ok(())
}

fn forget_item(db: &Connection, item: &str) -> Result<()> {
    let sql = "DELETE FROM item WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM declared WHERE item = ?1)";
    if db.prepare_cached(sql)?.execute(params![item])? > 0 {
        db.prepare_cached("DELETE FROM relation WHERE source = ?1")?.execute(params![item])?;
        db.prepare_cached("DELETE FROM relation WHERE target = ?1")?.execute(params![item])?;
    }
    Ok(())
}

fn upsert_item(db: &Connection, item: &Item) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO item (id, customer, host, class, key, name, fields, first_seen_ms, gone_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET name = ?6, fields = ?7, gone_ms = ?9",
    )?
    .execute(params![
        item.id.to_string(),
        item.customer.to_string(),
        item.host.to_string(),
        item.class.word(),
        item.key,
        item.name,
        document(&item.fields)?,
        millis(item.first_seen_at),
        item.gone_at.map(millis)
    ])?;
    Ok(())
}

fn insert_change(db: &Connection, change: &Change) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO change (item, host, class, name, kind, field, old, new, observed_ms, received_ms, scan)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        change.item.to_string(),
        change.host.to_string(),
        change.class.word(),
        change.name,
        word(&change.kind)?,
        change.field,
        change.old.as_ref().map(document).transpose()?,
        change.new.as_ref().map(document).transpose()?,
        millis(change.observed_at),
        millis(change.received_at),
        change.scan
    ])?;
    Ok(())
}

fn upsert_incident(db: &Connection, incident: &Incident) -> Result<()> {
    let subject = incident.host.map_or_else(|| incident.site.to_string(), |host| host.to_string());
    db.prepare_cached(
        "INSERT INTO incident (id, customer, subject, monitor, object, host, state, live, urgency, opened_ms, ended_ms, doc)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET state = ?7, live = ?8, urgency = ?9, ended_ms = ?11, doc = ?12",
    )?
    .execute(params![
        incident.id.to_string(),
        incident.customer.to_string(),
        subject,
        incident.monitor,
        incident.object,
        incident.host.map(|host| host.to_string()),
        incident.state.word(),
        incident.state.is_live(),
        incidents::urgency(incident),
        millis(incident.opened_at),
        incident.ended_at.map(millis),
        document(incident)?
    ])?;
    Ok(())
}

fn commit_monitor_states(db: &Connection, effects: &Effects) -> Result<()> {
    let mut keep = db.prepare_cached(
        "INSERT INTO monitor_state (host, monitor, object, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (host, monitor, object) DO UPDATE SET state = ?4",
    )?;
    let mut forget = db.prepare_cached("DELETE FROM monitor_state WHERE host = ?1 AND monitor = ?2 AND object = ?3")?;
    for (host, monitor, object, state) in &effects.monitor_states {
        match state {
            Some(state) => keep.execute(params![host.to_string(), monitor, object, state])?,
            None => forget.execute(params![host.to_string(), monitor, object])?,
        };
    }
    Ok(())
}

fn snapshot(db: &Connection, resolved_since: Timestamp, closed_since: Timestamp) -> Result<Snapshot> {
    let cursor =
        db.query_row("SELECT value FROM meta WHERE name = 'cursor'", [], |row| row.get(0)).optional()?.unwrap_or(0);
    let mut states = db.prepare("SELECT host, monitor, object, state FROM monitor_state")?;
    let monitor_states = states
        .query_map([], |row| {
            Ok(MonitorState {
                host: super::row::column(row, 0)?,
                monitor: row.get(1)?,
                object: row.get(2)?,
                state: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut scanned = db.prepare("SELECT host, class, at_ms FROM scanned")?;
    let scanned = scanned
        .query_map([], |row| Ok((super::row::column(row, 0)?, from_word(row, 1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Snapshot {
        cursor,
        hosts: host_list(db)?,
        incidents: incidents::recent(db, millis(resolved_since), millis(closed_since))?,
        monitor_states,
        customers: documents(db, "SELECT doc FROM customer")?,
        sites: documents(db, "SELECT doc FROM site")?,
        contracts: documents(db, "SELECT doc FROM contract")?,
        scanned,
        out_of_service: declared::hosts_out_of_service(db)?,
    })
}

fn host_list(db: &Connection) -> Result<Vec<Host>> {
    let mut statement = db.prepare_cached(&format!("SELECT {} FROM host h", hosts::HOST_COLUMNS))?;
    Ok(statement.query_map([], hosts::host)?.collect::<rusqlite::Result<_>>()?)
}

fn documents<T: serde::de::DeserializeOwned>(db: &Connection, sql: &str) -> Result<Vec<T>> {
    let mut statement = db.prepare(sql)?;
    Ok(statement.query_map([], |row| json(row, 0))?.collect::<rusqlite::Result<_>>()?)
}
