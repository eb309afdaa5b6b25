//! Values that identify nobody: written with who learned them, and forgotten. What is one is judged elsewhere.

use super::row::millis;
use super::{Result, Store};
use crate::model::SharedMark;
use jiff::Timestamp;
use rusqlite::{Connection, params};

impl Store {
    /// Forgets that values identify nobody where fewer than two machines with a sign of life since `heard_since` still
    /// have them; answers how many.
    pub async fn forget_shared_marks(&self, heard_since: Timestamp, now: Timestamp) -> Result<usize> {
        self.cmdb.write(move |db| forget_shared(db, heard_since, now)).await
    }
}

/// Marks that identify nobody from now on, each with a line in the audit log.
pub fn insert_shared(db: &Connection, marks: &[SharedMark]) -> Result<()> {
    let mut insert = db
        .prepare_cached("INSERT INTO shared_mark (kind, value, customer) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    for SharedMark { mark, customer, learned_at } in marks {
        let customer = customer.map(|customer| customer.to_string()).unwrap_or_default();
        if insert.execute(params![mark.kind.word(), mark.value, customer])? > 0 {
            note(db, "mark_shared", (mark.kind.word(), &mark.value, &customer), *learned_at)?;
        }
    }
    Ok(())
}

/// Forgets values that fewer than two machines with a sign of life since `heard_since` have.
fn forget_shared(db: &Connection, heard_since: Timestamp, now: Timestamp) -> Result<usize> {
    let mut forget = db.prepare_cached(
        "DELETE FROM shared_mark AS s WHERE 2 > (
           SELECT count(DISTINCT m.host) FROM mark m JOIN host h ON h.id = m.host
           WHERE m.kind = s.kind AND m.value = s.value AND h.admission = 'active'
             AND coalesce(h.last_heard_ms, h.enrolled_ms) >= ?1 AND s.customer IN ('', h.customer))
         RETURNING kind, value, customer",
    )?;
    let rows = forget.query_map(params![millis(heard_since)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let forgotten = rows.collect::<rusqlite::Result<Vec<(String, String, String)>>>()?;
    for (kind, value, customer) in &forgotten {
        note(db, "mark_forgotten", (kind, value, customer), now)?;
    }
    Ok(forgotten.len())
}

fn note(db: &Connection, act: &str, (kind, value, customer): (&str, &str, &str), now: Timestamp) -> Result<()> {
    let place = if customer.is_empty() { "all customers".to_owned() } else { format!("customer {customer}") };
    let subject = format!("{kind} {value}: {place}");
    db.prepare_cached(
        "INSERT INTO audit (at_ms, actor, act, subject, outcome) VALUES (?1, 'recognition', ?2, ?3, 'done')",
    )?
    .execute(params![millis(now), act, subject])?;
    Ok(())
}
