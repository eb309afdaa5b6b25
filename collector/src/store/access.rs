//! Users, sessions, API tokens and the audit log.

use super::cursor;
use super::row::{json, millis, moment};
use super::{Error, Result, Store};
use crate::model::{ApiToken, AuditEntry, Page, PageRequest, User, UserId};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

impl Store {
    /// The user of a sign-in name.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<User>> {
        let name = name.to_owned();
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM user WHERE name = ?1")?;
                Ok(statement.query_row(params![name], |row| json(row, 0)).optional()?)
            })
            .await
    }

    /// Begins a session; only the hash of its token is kept.
    pub async fn session_create(&self, token_hash: String, user: UserId, expires_at: Timestamp) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached("DELETE FROM session WHERE expires_ms < ?1")?
                    .execute(params![millis(Timestamp::now())])?;
                db.prepare_cached("INSERT INTO session (token_hash, user, expires_ms) VALUES (?1, ?2, ?3)")?
                    .execute(params![token_hash, user.to_string(), millis(expires_at)])?;
                Ok(())
            })
            .await
    }

    /// The user of a session that has not expired; none for a disabled user.
    pub async fn session_user(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>> {
        let token_hash = token_hash.to_owned();
        self.cmdb
            .read(move |db| {
                let sql = "SELECT u.doc FROM session s JOIN user u ON u.id = s.user WHERE s.token_hash = ?1 AND s.expires_ms > ?2";
                let mut statement = db.prepare_cached(sql)?;
                let user: Option<User> = statement.query_row(params![token_hash, millis(now)], |row| json(row, 0)).optional()?;
                Ok(user.filter(|user| !user.disabled))
            })
            .await
    }

    /// Ends a session.
    pub async fn session_end(&self, token_hash: &str) -> Result<()> {
        let token_hash = token_hash.to_owned();
        self.cmdb
            .write(move |db| {
                db.prepare_cached("DELETE FROM session WHERE token_hash = ?1")?.execute(params![token_hash])?;
                Ok(())
            })
            .await
    }

    /// An API token that has not expired.
    pub async fn api_token(&self, secret_hash: &str, now: Timestamp) -> Result<Option<ApiToken>> {
        let secret_hash = secret_hash.to_owned();
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM api_token WHERE secret_hash = ?1")?;
                let token: Option<ApiToken> =
                    statement.query_row(params![secret_hash], |row| json(row, 0)).optional()?;
                Ok(token.filter(|token| token.expires_at.is_none_or(|end| end > now)))
            })
            .await
    }

    /// Adds a line to the audit log.
    pub async fn audit(&self, entry: AuditEntry) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached(
                    "INSERT INTO audit (at_ms, actor, act, subject, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    millis(entry.at),
                    entry.actor,
                    entry.act,
                    entry.subject,
                    entry.outcome
                ])?;
                Ok(())
            })
            .await
    }

    /// The audit log, newest first.
    pub async fn audit_entries(&self, page: PageRequest) -> Result<Page<(i64, AuditEntry)>> {
        self.cmdb
            .read(move |db| {
                let before: Option<i64> = match cursor::start(&page)? {
                    Some((row, _)) => Some(row.parse().map_err(|_| Error::Cursor)?),
                    None => None,
                };
                let sql = "SELECT row, at_ms, actor, act, subject, outcome FROM audit WHERE (?1 IS NULL OR row < ?1) ORDER BY row DESC LIMIT ?2";
                let mut statement = db.prepare_cached(sql)?;
                let rows = statement.query_map(params![before, cursor::fetch(&page)], entry)?;
                let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(cursor::page(rows, &page, |(row, _)| (row.to_string(), String::new())))
            })
            .await
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<(i64, AuditEntry)> {
    let entry = AuditEntry {
        at: moment(row.get(1)?),
        actor: row.get(2)?,
        act: row.get(3)?,
        subject: row.get(4)?,
        outcome: row.get(5)?,
    };
    Ok((row.get(0)?, entry))
}
