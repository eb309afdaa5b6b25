//! Incidents, read. Live ones come by urgency, others newest first.

use super::cursor;
use super::hosts::scope_json;
use super::recognition::LIVES;
use super::row::json;
use super::{Error, Result, Store};
use crate::model::{Incident, IncidentFilter, IncidentId, Page, PageRequest};
use rusqlite::{Connection, OptionalExtension, params};

impl Store {
    /// Incidents of a filter.
    pub async fn incidents(&self, filter: IncidentFilter, page: PageRequest) -> Result<Page<Incident>> {
        self.cmdb.read(move |db| incidents(db, &filter, &page)).await
    }

    /// One incident.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Incident>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM incident WHERE id = ?1")?;
                Ok(statement.query_row(params![id.to_string()], |row| json(row, 0)).optional()?)
            })
            .await
    }
}

fn incidents(db: &Connection, filter: &IncidentFilter, page: &PageRequest) -> Result<Page<Incident>> {
    let live = matches!(filter.state.as_deref(), Some("live" | "open" | "acknowledged"));
    let order = if live {
        "AND live = 1 AND (?5 IS NULL OR (urgency, id) > (?5, ?6)) ORDER BY urgency, id"
    } else {
        "AND (?5 IS NULL OR (opened_ms, id) < (CAST(?5 AS INTEGER), ?6)) ORDER BY opened_ms DESC, id DESC"
    };
    let state = filter.state.as_deref().filter(|state| *state != "live");
    let (key, id) = cursor::start(page)?.unzip();
    let lives = LIVES.replace("?1", "?3");
    let sql = format!(
        "SELECT doc FROM incident
         WHERE (?1 IS NULL OR customer IN (SELECT value FROM json_each(?1)))
           AND (?2 IS NULL OR customer = ?2) AND (?3 IS NULL OR host IN ({lives})) AND (?4 IS NULL OR state = ?4) {order} LIMIT ?7"
    );
    let values = params![
        scope_json(&filter.scope)?,
        filter.customer.map(|customer| customer.to_string()),
        filter.host.map(|host| host.to_string()),
        state,
        key,
        id,
        cursor::fetch(page)
    ];
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| json::<Incident>(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(cursor::page(rows, page, |incident| {
        let key = if live { urgency(incident) } else { incident.opened_at.as_millisecond().to_string() };
        (key, incident.id.to_string())
    }))
}

/// Sorts as severity, then age.
pub fn urgency(incident: &Incident) -> String {
    format!("{}{:015}", incident.alarm.severity as u8, incident.opened_at.as_millisecond())
}

/// Live incidents and those that ended lately, for the pipeline's memory.
pub fn recent(db: &Connection, resolved_since_ms: i64, closed_since_ms: i64) -> Result<Vec<Incident>> {
    let mut statement = db.prepare_cached(
        "SELECT doc FROM incident WHERE live = 1 OR ended_ms > ?1 OR (state = 'closed' AND ended_ms > ?2)",
    )?;
    let rows = statement.query_map(params![resolved_since_ms, closed_since_ms], |row| json(row, 0))?;
    rows.collect::<rusqlite::Result<_>>().map_err(Error::from)
}
