//! By what hosts are known again, and the tasks that come of it. Who is who is judged elsewhere.

use super::cursor;
use super::hosts::scope_json;
use super::row::{column, document, from_word, json, millis, moment, word};
pub use super::shared_marks::insert_shared;
use super::{Result, Store};
use crate::model::{
    CloneSign, CustomerId, Duplicate, DuplicateFilter, DuplicateId, DuplicateKind, DuplicateRow, DuplicateState,
    HostId, HostName, Lookalike, Mark, Marks, Page, PageRequest, Presence, Resemblance,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeSet;

/// Hosts with one value that are looked at; where there are more, it identifies nobody.
const HOSTS_OF_A_MARK_MAX: i64 = 64;

const DUPLICATE_COLUMNS: &str =
    "d.id, d.customer, d.kind, d.newer, d.older, d.resemblance, d.sign, d.state, d.found_ms,
  d.decided_by, d.decided_ms,
  n.name, nc.name, n.customer, n.site, ns.name, n.enrolled_ms, n.last_heard_ms,
  o.name, oc.name, o.customer, o.site, os.name, o.enrolled_ms, o.last_heard_ms";
const DUPLICATE_JOINS: &str = "FROM duplicate d
  JOIN host n ON n.id = d.newer LEFT JOIN customer nc ON nc.id = n.customer LEFT JOIN site ns ON ns.id = n.site
  LEFT JOIN host o ON o.id = d.older LEFT JOIN customer oc ON oc.id = o.customer LEFT JOIN site os ON os.id = o.site";

impl Store {
    /// Hosts that share a mark with these, of all customers, and those of the marks that identify nobody at any. A host
    /// comes without the marks that identify nobody at its customer.
    pub async fn lookalikes(&self, marks: Marks) -> Result<(Vec<Lookalike>, Marks)> {
        self.cmdb.read(move |db| lookalikes(db, &marks)).await
    }

    /// A host and those that people merged into it, itself first.
    pub(super) async fn lives(&self, host: HostId) -> Result<Vec<HostId>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached(LIVES)?;
                Ok(statement
                    .query_map(params![host.to_string()], |row| column(row, 0))?
                    .collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Which of a host's lives was its machine at a moment: the one that had begun last; the host itself where none had.
    pub async fn life_at(&self, host: HostId, at: Timestamp) -> Result<HostId> {
        self.cmdb.read(move |db| life_at(db, host, at)).await
    }

    /// Tasks, oldest first.
    pub async fn duplicates(&self, filter: DuplicateFilter, page: PageRequest) -> Result<Page<DuplicateRow>> {
        self.cmdb.read(move |db| duplicates(db, &filter, &page)).await
    }

    /// One task.
    pub async fn duplicate(&self, id: DuplicateId) -> Result<Option<DuplicateRow>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {DUPLICATE_COLUMNS} {DUPLICATE_JOINS} WHERE d.id = ?1");
                Ok(db.prepare_cached(&sql)?.query_row(params![id.to_string()], duplicate_row).optional()?)
            })
            .await
    }

    /// Holds an active host, and asks a person about it, once. One that was revoked meanwhile stays revoked.
    pub async fn quarantine(&self, host: HostId, sign: CloneSign, now: Timestamp) -> Result<()> {
        self.cmdb.write(move |db| quarantine(db, host, sign, now)).await
    }
}

/// A host and those that were merged into it, as a query that takes the host as `?1`: one machine has one history.
pub(super) const LIVES: &str = "WITH RECURSIVE life(host) AS (
  VALUES (?1) UNION SELECT d.older FROM duplicate d JOIN life ON d.newer = life.host WHERE d.state = 'merged'
) SELECT host FROM life";

impl Store {
    /// Hosts that sent an inventory and of which no mark is kept: those of a release that kept none.
    pub async fn hosts_without_marks(&self) -> Result<Vec<HostId>> {
        self.cmdb
            .read(move |db| {
                let sql = "SELECT DISTINCT i.host FROM item i WHERE i.class = 'computer'
                    AND NOT EXISTS (SELECT 1 FROM mark m WHERE m.host = i.host)";
                let mut statement = db.prepare_cached(sql)?;
                let hosts = statement.query_map([], |row| column(row, 0))?;
                Ok(hosts.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

/// Enrolled anew, a host still is what it was since it had its first item.
fn life_at(db: &Connection, host: HostId, at: Timestamp) -> Result<HostId> {
    let sql = format!(
        "SELECT id FROM (
           SELECT h.id, min(h.enrolled_ms, coalesce((SELECT min(first_seen_ms) FROM item WHERE host = h.id), h.enrolled_ms))
             AS since_ms FROM host h WHERE h.id IN ({LIVES})
         ) WHERE since_ms <= ?2 ORDER BY since_ms DESC, id DESC LIMIT 1"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let life = statement.query_row(params![host.to_string(), millis(at)], |row| column(row, 0)).optional()?;
    Ok(life.unwrap_or(host))
}

/// Writes a host's present marks.
pub fn set_marks(db: &Connection, host: HostId, marks: &Marks, at: Timestamp) -> Result<()> {
    let host = host.to_string();
    let known: Vec<(String, String)> = db
        .prepare_cached("SELECT kind, value FROM mark WHERE host = ?1")?
        .query_map(params![host], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut forget = db.prepare_cached("DELETE FROM mark WHERE host = ?1 AND kind = ?2 AND value = ?3")?;
    for (kind, value) in known {
        let is_told = marks.iter().any(|mark| mark.kind.word() == kind);
        if is_told && !marks.iter().any(|mark| mark.kind.word() == kind && mark.value == value) {
            forget.execute(params![host, kind, value])?;
        }
    }
    // A report from before the enrolment tells of another life: as this host it has the mark since it was enrolled.
    let mut keep = db.prepare_cached(
        "INSERT INTO mark (host, kind, value, since_ms)
         SELECT ?1, ?2, ?3, max(?4, enrolled_ms) FROM host WHERE id = ?1 ON CONFLICT DO NOTHING",
    )?;
    for mark in marks {
        keep.execute(params![host, mark.kind.word(), mark.value, millis(at)])?;
    }
    Ok(())
}

/// A new task, or a decided one. A second task about the same two hosts is none, and a second open one about one host.
pub fn upsert_duplicate(db: &Connection, duplicate: &Duplicate) -> Result<()> {
    let (decided_by, decided_ms) = duplicate.decided.as_ref().map(|(who, at)| (who, millis(*at))).unzip();
    db.prepare_cached(
        "INSERT INTO duplicate (id, customer, kind, newer, older, resemblance, sign, state, found_ms, decided_by, decided_ms)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
         WHERE NOT EXISTS (SELECT 1 FROM duplicate WHERE newer = ?4 AND older = ?5 AND id <> ?1)
         ON CONFLICT (id) DO UPDATE SET state = ?8, decided_by = ?10, decided_ms = ?11
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        duplicate.id.to_string(),
        duplicate.customer.to_string(),
        word(&duplicate.kind)?,
        duplicate.newer.to_string(),
        duplicate.older.map(|host| host.to_string()),
        document(&duplicate.resemblance)?,
        duplicate.sign.as_ref().map(word).transpose()?,
        word(&duplicate.state)?,
        millis(duplicate.found_at),
        decided_by,
        decided_ms
    ])?;
    Ok(())
}

/// A person admitted or revoked the host: what was asked about it alone, or about a host that is gone, is answered.
pub fn settle(db: &Connection, host: HostId, is_revoked: bool) -> Result<()> {
    db.prepare_cached(
        "UPDATE duplicate SET state = 'dismissed' WHERE state = 'open'
           AND ((kind = 'clone' AND newer = ?1) OR (?2 AND (newer = ?1 OR older = ?1)))",
    )?
    .execute(params![host.to_string(), is_revoked])?;
    Ok(())
}

fn quarantine(db: &Connection, host: HostId, sign: CloneSign, now: Timestamp) -> Result<()> {
    let held = "UPDATE host SET admission = 'quarantined' WHERE id = ?1 AND admission = 'active' RETURNING customer";
    let customer: Option<CustomerId> =
        db.prepare_cached(held)?.query_row(params![host.to_string()], |row| column(row, 0)).optional()?;
    let Some(customer) = customer else { return Ok(()) };
    upsert_duplicate(
        db,
        &Duplicate {
            id: DuplicateId::new(),
            customer,
            kind: DuplicateKind::Clone,
            newer: host,
            older: None,
            resemblance: Resemblance::default(),
            sign: Some(sign),
            state: DuplicateState::Open,
            found_at: now,
            decided: None,
        },
    )
}

fn lookalikes(db: &Connection, marks: &Marks) -> Result<(Vec<Lookalike>, Marks)> {
    let mut is_shared =
        db.prepare_cached("SELECT 1 FROM shared_mark WHERE kind = ?1 AND value = ?2 AND customer = ''")?;
    let mut hosts_of = db.prepare_cached("SELECT host FROM mark WHERE kind = ?1 AND value = ?2 LIMIT ?3")?;
    let (mut shared, mut hosts) = (Marks::new(), BTreeSet::new());
    for mark in marks {
        let (kind, value) = (mark.kind.word(), &mark.value);
        if is_shared.exists(params![kind, value])? {
            shared.insert(mark.clone());
        } else if mark.kind.is_looked_up() {
            let fetched = params![kind, value, HOSTS_OF_A_MARK_MAX + 1];
            let found = hosts_of.query_map(fetched, |row| row.get::<_, String>(0))?;
            let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
            if found.len() as i64 > HOSTS_OF_A_MARK_MAX {
                shared.insert(mark.clone());
            } else {
                hosts.extend(found);
            }
        }
    }
    let mut found = Vec::new();
    for host in hosts {
        found.extend(lookalike(db, &host)?);
    }
    Ok((found, shared))
}

fn lookalike(db: &Connection, host: &str) -> Result<Option<Lookalike>> {
    let sql = "SELECT id, customer, admission, presence, enrolled_ms, last_heard_ms,
                 EXISTS (SELECT 1 FROM duplicate d WHERE d.older = h.id AND d.state = 'merged')
               FROM host h WHERE id = ?1";
    let found = db.prepare_cached(sql)?.query_row(params![host], |row| {
        let enrolled_ms: i64 = row.get(4)?;
        let left_at = match json::<Presence>(row, 3)? {
            Presence::Goodbye { at, .. } => Some(millis(at)),
            _ => None,
        };
        Ok(Lookalike {
            host: column(row, 0)?,
            customer: column(row, 1)?,
            admission: from_word(row, 2)?,
            // A goodbye of before it was enrolled anew is the other life's.
            said_goodbye: left_at.is_some_and(|left_ms| left_ms >= enrolled_ms),
            heard_at: moment(row.get::<_, Option<i64>>(5)?.unwrap_or(enrolled_ms).max(enrolled_ms)),
            marks: Vec::new(),
            is_merged: row.get(6)?,
            is_connected: false,
        })
    });
    let Some(mut found) = found.optional()? else { return Ok(None) };
    let mut marks = db.prepare_cached(
        "SELECT kind, value, since_ms FROM mark m WHERE host = ?1 AND NOT EXISTS (
           SELECT 1 FROM shared_mark s WHERE s.kind = m.kind AND s.value = m.value AND s.customer = ?2)",
    )?;
    let marks = marks.query_map(params![host, found.customer.to_string()], |row| {
        Ok((Mark { kind: from_word(row, 0)?, value: row.get(1)? }, moment(row.get(2)?)))
    })?;
    found.marks = marks.collect::<rusqlite::Result<_>>()?;
    Ok(Some(found))
}

fn duplicates(db: &Connection, filter: &DuplicateFilter, page: &PageRequest) -> Result<Page<DuplicateRow>> {
    let (_, id) = cursor::start(page)?.unzip();
    // Whoever may not see both hosts does not see what they have in common.
    let sql = format!(
        "SELECT {DUPLICATE_COLUMNS} {DUPLICATE_JOINS}
         WHERE (?1 IS NULL OR d.state = ?1) AND (?2 IS NULL OR d.id > ?2)
           AND (?3 IS NULL OR (n.customer IN (SELECT value FROM json_each(?3))
             AND (o.customer IS NULL OR o.customer IN (SELECT value FROM json_each(?3)))))
         ORDER BY d.id LIMIT ?4"
    );
    let state = filter.state.as_ref().map(word).transpose()?;
    let values = params![state, id, scope_json(&filter.scope)?, cursor::fetch(page)];
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(values, duplicate_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |row| (String::new(), row.duplicate.id.to_string())))
}

fn duplicate_row(row: &Row<'_>) -> rusqlite::Result<DuplicateRow> {
    let older: Option<String> = row.get(4)?;
    let sign: Option<String> = row.get(6)?;
    let decided: (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
    Ok(DuplicateRow {
        duplicate: Duplicate {
            id: column(row, 0)?,
            customer: column(row, 1)?,
            kind: from_word(row, 2)?,
            newer: column(row, 3)?,
            older: older.is_some().then(|| column(row, 4)).transpose()?,
            resemblance: json(row, 5)?,
            sign: sign.is_some().then(|| from_word(row, 6)).transpose()?,
            state: from_word(row, 7)?,
            found_at: moment(row.get(8)?),
            decided: match decided {
                (Some(who), Some(at_ms)) => Some((who, moment(at_ms))),
                _ => None,
            },
        },
        newer: host_name(row, 11)?,
        older: older.is_some().then(|| host_name(row, 18)).transpose()?,
    })
}

fn host_name(row: &Row<'_>, from: usize) -> rusqlite::Result<HostName> {
    Ok(HostName {
        name: row.get(from)?,
        customer: row.get::<_, Option<String>>(from + 1)?.unwrap_or_default(),
        customer_id: column(row, from + 2)?,
        site_id: column(row, from + 3)?,
        site: row.get::<_, Option<String>>(from + 4)?.unwrap_or_default(),
        enrolled_at: moment(row.get(from + 5)?),
        last_heard_at: row.get::<_, Option<i64>>(from + 6)?.map(moment),
    })
}
