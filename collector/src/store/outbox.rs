//! The outbox: what waits to go out, and how its tries ended.

use super::cursor;
use super::hosts::scope_json;
use super::row::{column, from_word, json, millis, moment, word};
use super::{Result, Store};
use crate::model::{DeliveryState, IncidentId, MessageId, OutboxMessage, Page, PageRequest, Scope};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str =
    "id, customer, incident, key, destination, kind, body, not_before_ms, created_ms, state, attempts,
  last_error, ended_ms";

/// How one try of a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Delivered.
    Delivered,
    /// To be tried again.
    Retry {
        /// Not before.
        not_before: Timestamp,
        /// Why, without secrets.
        error: String,
    },
    /// Given up.
    Dead {
        /// Why, without secrets.
        error: String,
    },
}

impl Store {
    /// Waiting messages whose time has come, oldest first.
    pub async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<OutboxMessage>> {
        self.cmdb
            .read(move |db| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM outbox WHERE state = 'waiting' AND not_before_ms <= ?1 ORDER BY created_ms, id LIMIT ?2"
                );
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![millis(now), limit as i64], message)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Writes how a try ended. A message that was cancelled meanwhile stays cancelled unless it went out.
    pub async fn record_attempt(&self, id: MessageId, attempt: Attempt, now: Timestamp) -> Result<()> {
        self.cmdb.write(move |db| record(db, id, &attempt, now)).await
    }

    /// Messages of a scope, newest first.
    pub async fn deliveries(
        &self,
        scope: Scope,
        state: Option<DeliveryState>,
        page: PageRequest,
    ) -> Result<Page<OutboxMessage>> {
        self.cmdb
            .read(move |db| {
                let (key, id) = cursor::start(&page)?.unzip();
                let sql = format!(
                    "SELECT {COLUMNS} FROM outbox
                     WHERE (?1 IS NULL OR customer IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR state = ?2)
                       AND (?3 IS NULL OR (created_ms, id) < (CAST(?3 AS INTEGER), ?4))
                     ORDER BY created_ms DESC, id DESC LIMIT ?5"
                );
                let state = state.map(|state| word(&state)).transpose()?;
                let mut statement = db.prepare_cached(&sql)?;
                let rows =
                    statement.query_map(params![scope_json(&scope)?, state, key, id, cursor::fetch(&page)], message)?;
                let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(cursor::page(rows, &page, |row| (millis(row.created_at).to_string(), row.id.to_string())))
            })
            .await
    }

    /// Messages of an incident, oldest first.
    pub async fn deliveries_of(&self, incident: IncidentId) -> Result<Vec<OutboxMessage>> {
        self.cmdb
            .read(move |db| {
                let sql = format!("SELECT {COLUMNS} FROM outbox WHERE incident = ?1 ORDER BY created_ms, id");
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![incident.to_string()], message)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

fn record(db: &Connection, id: MessageId, attempt: &Attempt, now: Timestamp) -> Result<()> {
    let id = id.to_string();
    match attempt {
        Attempt::Delivered => db
            .prepare_cached("UPDATE outbox SET state = 'delivered', attempts = attempts + 1, ended_ms = ?2 WHERE id = ?1")?
            .execute(params![id, millis(now)])?,
        Attempt::Retry { not_before, error } => db
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, not_before_ms = ?2, last_error = ?3 WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![id, millis(*not_before), error])?,
        Attempt::Dead { error } => db
            .prepare_cached(
                "UPDATE outbox SET state = 'dead', attempts = attempts + 1, last_error = ?3, ended_ms = ?2
                 WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![id, millis(now), error])?,
    };
    Ok(())
}

/// Puts a message in; one with the same key is there already and stays as it is.
pub fn insert(db: &Connection, message: &OutboxMessage) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO outbox (id, customer, incident, key, destination, kind, body, not_before_ms, created_ms, state, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0) ON CONFLICT (key) DO NOTHING",
    )?
    .execute(params![
        message.id.to_string(),
        message.customer.to_string(),
        message.incident.map(|incident| incident.to_string()),
        message.key,
        message.destination,
        word(&message.kind)?,
        message.body.to_string(),
        millis(message.not_before),
        millis(message.created_at),
        word(&message.state)?
    ])?;
    Ok(())
}

fn message(row: &Row<'_>) -> rusqlite::Result<OutboxMessage> {
    let incident: Option<String> = row.get(2)?;
    Ok(OutboxMessage {
        id: column(row, 0)?,
        customer: column(row, 1)?,
        incident: if incident.is_some() { Some(column(row, 2)?) } else { None },
        key: row.get(3)?,
        destination: row.get(4)?,
        kind: from_word(row, 5)?,
        body: json(row, 6)?,
        not_before: moment(row.get(7)?),
        created_at: moment(row.get(8)?),
        state: from_word(row, 9)?,
        attempts: row.get(10)?,
        last_error: row.get(11)?,
        ended_at: row.get::<_, Option<i64>>(12)?.map(moment),
    })
}
