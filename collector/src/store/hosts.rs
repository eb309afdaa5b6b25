//! Hosts, read: lists with search, one host, totals.

use super::cursor;
use super::row::{column, from_word, json, moment};
use super::{Result, Store};
use crate::model::{Fields, Host, HostFilter, HostId, HostRow, Page, PageRequest, Presence, Scope, Totals, Value};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Columns of [`host`].
pub const HOST_COLUMNS: &str = "h.id, h.customer, h.site, h.name, h.role, h.admission, h.presence, h.enrolled_ms,
  h.last_report_ms, h.last_heard_ms, h.agent_version, h.interval_s";

const ROW_JOINS: &str = "FROM host h
  LEFT JOIN customer c ON c.id = h.customer
  LEFT JOIN site s ON s.id = h.site
  LEFT JOIN item m ON m.host = h.id AND m.class = 'computer' AND m.key = 'computer'
  LEFT JOIN item o ON o.host = h.id AND o.class = 'operating_system' AND o.key = 'os'";

const ROW_COLUMNS: &str =
    "coalesce(c.name, ''), coalesce(s.name, ''), coalesce(m.fields, '{}'), coalesce(o.fields, '{}'),
  (SELECT count(*) FROM incident i WHERE i.host = h.id AND i.live = 1),
  (SELECT d.newer FROM duplicate d WHERE d.older = h.id AND d.state = 'merged' LIMIT 1)";

const PRESENCE_WORD: &str =
    "CASE WHEN h.admission <> 'active' THEN h.admission ELSE json_extract(h.presence, '$.state') END";

impl Store {
    /// Hosts of a filter, by name.
    pub async fn hosts(&self, filter: HostFilter, page: PageRequest) -> Result<Page<HostRow>> {
        self.cmdb.read(move |db| hosts(db, &filter, &page)).await
    }

    /// One host.
    pub async fn host(&self, id: HostId) -> Result<Option<HostRow>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {HOST_COLUMNS}, {ROW_COLUMNS} {ROW_JOINS} WHERE h.id = ?1");
                Ok(db.prepare_cached(&sql)?.query_row(params![id.to_string()], host_row).optional()?)
            })
            .await
    }

    /// Numbers of the navigation and the header.
    pub async fn totals(&self, scope: Scope) -> Result<Totals> {
        self.cmdb.read(move |db| totals(db, &scope)).await
    }
}

fn hosts(db: &Connection, filter: &HostFilter, page: &PageRequest) -> Result<Page<HostRow>> {
    let start = cursor::start(page)?;
    let sql = format!(
        "SELECT {HOST_COLUMNS}, {ROW_COLUMNS} {ROW_JOINS}
         WHERE (?1 IS NULL OR h.customer = ?1)
           AND (?2 IS NULL OR {PRESENCE_WORD} = ?2)
           AND (?3 IS NULL OR (h.name || ' ' || h.id || ' ' || coalesce(c.name, '') || ' ' || coalesce(s.name, '') || ' '
                || coalesce(m.fields, '') || ' ' || coalesce(o.fields, '')) LIKE ?3 ESCAPE '\\')
           AND (?4 IS NULL OR (h.name, h.id) > (?4, ?5))
           AND (?6 IS NULL OR h.customer IN (SELECT value FROM json_each(?6)))
         ORDER BY h.name, h.id LIMIT ?7"
    );
    let (name, id) = start.unzip();
    let values = params![
        filter.customer.map(|customer| customer.to_string()),
        filter.presence,
        filter.search.as_deref().filter(|text| !text.trim().is_empty()).map(like),
        name,
        id,
        scope_json(&filter.scope)?,
        cursor::fetch(page)
    ];
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(values, host_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |row| (row.host.name.clone(), row.host.id.to_string())))
}

/// A LIKE pattern that finds the text as it stands.
fn like(text: &str) -> String {
    let escaped = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// The customers of a scope as a JSON list; none = all.
pub fn scope_json(scope: &Scope) -> Result<Option<String>> {
    match scope {
        Scope::All => Ok(None),
        Scope::Customers(list) => super::row::document(list).map(Some),
    }
}

/// Reads a host from [`HOST_COLUMNS`].
pub fn host(row: &Row<'_>) -> rusqlite::Result<Host> {
    Ok(Host {
        id: column(row, 0)?,
        customer: column(row, 1)?,
        site: column(row, 2)?,
        name: row.get(3)?,
        role: from_word(row, 4)?,
        admission: from_word(row, 5)?,
        presence: json::<Presence>(row, 6)?,
        enrolled_at: moment(row.get(7)?),
        last_report_at: row.get::<_, Option<i64>>(8)?.map(moment),
        last_heard_at: row.get::<_, Option<i64>>(9)?.map(moment),
        agent_version: row.get(10)?,
        interval_s: row.get(11)?,
    })
}

fn host_row(row: &Row<'_>) -> rusqlite::Result<HostRow> {
    let system: Fields = json(row, 15)?;
    let merged_into: Option<String> = row.get(17)?;
    let words: Vec<String> = ["name", "version"].iter().filter_map(|field| text(&system, field)).collect();
    Ok(HostRow {
        host: host(row)?,
        customer_name: row.get(12)?,
        site_name: row.get(13)?,
        computer: json(row, 14)?,
        operating_system: words.join(" "),
        live_incidents: row.get(16)?,
        merged_into: merged_into.is_some().then(|| column(row, 17)).transpose()?,
    })
}

fn text(fields: &Fields, field: &str) -> Option<String> {
    match fields.get(field) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn totals(db: &Connection, scope: &Scope) -> Result<Totals> {
    let scope = scope_json(scope)?;
    let within = "(?1 IS NULL OR customer IN (SELECT value FROM json_each(?1)))";
    let mut totals = Totals::default();
    let sql = format!("SELECT {PRESENCE_WORD}, count(*) FROM host h WHERE {within} GROUP BY 1");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![scope])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        match row.get::<_, String>(0)?.as_str() {
            "online" => totals.online = count,
            "goodbye" => totals.goodbye = count,
            "silent" => totals.silent = count,
            "quarantined" => totals.quarantined = count,
            "pending" => totals.pending = count,
            "revoked" => continue,
            _ => {}
        }
        totals.hosts += count;
    }
    let count = |sql: String| -> Result<u64> {
        Ok(db.prepare_cached(&sql)?.query_row(params![scope], |row| row.get::<_, i64>(0))? as u64)
    };
    totals.live_incidents = count(format!("SELECT count(*) FROM incident WHERE live = 1 AND {within}"))?;
    totals.dead_letters = count(format!("SELECT count(*) FROM outbox WHERE state = 'dead' AND {within}"))?;
    totals.customers = count(
        "SELECT count(*) FROM customer WHERE (?1 IS NULL OR id IN (SELECT value FROM json_each(?1)))".to_owned(),
    )?;
    Ok(totals)
}
