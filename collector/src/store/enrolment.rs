//! Enrolment: tokens, what one says to a machine, and the host that it becomes, in the commit that spends it.

use super::row::{column, document, millis, word};
use super::{Result, Store, recognition};
use crate::model::{Admission, CustomerId, Duplicate, DuplicateId, DuplicateState, Host, Marks, Recognised, SiteId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// An enrolment token; only the hash of its secret is kept.
#[derive(Clone, Debug)]
pub struct EnrolmentToken {
    /// Public part.
    pub id: String,
    /// SHA-256 of the secret part, hex.
    pub secret_hash: String,
    /// New hosts belong to it.
    pub customer: CustomerId,
    /// And stand there.
    pub site: SiteId,
    /// Hosts expected.
    pub uses: u32,
    /// Not valid from then on.
    pub expires_at: Timestamp,
    /// Only from this network.
    pub cidr: Option<String>,
}

/// What a token said to a new host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// Enrolled.
    Enrolled(Admission),
    /// No such token, or the wrong secret.
    Unknown,
    /// All uses are spent.
    Used,
    /// Its time is over.
    Expired,
    /// The request came from elsewhere.
    Network,
    /// The books changed under the request: it is to come again.
    Changed,
}

/// A machine that wants to be a host.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// Id and hash of the secret.
    pub token: (String, String),
    /// As it would be as a new host; its id is that of the known host where it was recognised.
    pub host: Host,
    /// Serial, and the end of its validity.
    pub certificate: (String, Timestamp),
    /// By what it will be known again.
    pub marks: Marks,
    /// Who it was found to be.
    pub recognised: Recognised,
    /// The last sign of life of the known host when it was recognised.
    pub known_heard_at: Option<Timestamp>,
    /// How the audit log tells that it was recognised.
    pub evidence: String,
}

#[cfg(test)]
impl Enrolment {
    /// A machine that was never seen before.
    pub fn of_new(host: Host, token: (String, String), valid_until: Timestamp) -> Self {
        Self {
            token,
            certificate: (host.id.to_string(), valid_until),
            host,
            marks: Marks::new(),
            recognised: Recognised::default(),
            known_heard_at: None,
            evidence: String::new(),
        }
    }
}

impl Store {
    /// Spends one use of a token and adds the host with its certificate, or gives the known host a new one, in one
    /// commit. `within` tells whether the request came from the token's network.
    pub async fn enrol(
        &self,
        enrolment: Enrolment,
        within: impl Fn(&str) -> bool + Send + 'static,
        now: Timestamp,
    ) -> Result<(TokenUse, Option<Host>)> {
        self.cmdb.write(move |db| enrol(db, enrolment, &within, now)).await
    }

    /// The customer of a token with this secret, whatever its state, and whether its expected uses are spent.
    pub async fn token_customer(&self, id: String, secret_hash: String) -> Result<Option<(CustomerId, bool)>> {
        self.cmdb
            .read(move |db| {
                let sql = "SELECT customer, used >= uses FROM enrolment_token WHERE id = ?1 AND secret_hash = ?2";
                let found = |row: &rusqlite::Row<'_>| Ok((column(row, 0)?, row.get(1)?));
                Ok(db.prepare_cached(sql)?.query_row(params![id, secret_hash], found).optional()?)
            })
            .await
    }
}

/// Writes a token.
pub fn insert_token(db: &Connection, token: &EnrolmentToken) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO enrolment_token (id, secret_hash, customer, site, uses, used, expires_ms, cidr)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
    )?
    .execute(params![
        token.id,
        token.secret_hash,
        token.customer.to_string(),
        token.site.to_string(),
        token.uses,
        millis(token.expires_at),
        token.cidr
    ])?;
    Ok(())
}

fn enrol(
    db: &Connection,
    enrolment: Enrolment,
    within: &dyn Fn(&str) -> bool,
    now: Timestamp,
) -> Result<(TokenUse, Option<Host>)> {
    let (admission, customer, site) = match spend(db, &enrolment.token, within, now)? {
        Ok(spent) => spent,
        Err(refused) => return Ok((refused, None)),
    };
    let mut host = enrolment.host.clone();
    (host.customer, host.site, host.admission) = (customer, site, admission);
    if enrolment.recognised.same.is_some() {
        // What was surplus only now, or lived up meanwhile, is judged anew; nothing is spent.
        let renewed = admission == Admission::Active && renew(db, &enrolment, site, now)?;
        if !renewed {
            return Ok((TokenUse::Changed, None));
        }
    } else {
        insert_host(db, &host)?;
        let (serial, not_after) = &enrolment.certificate;
        db.prepare_cached("INSERT INTO identity (host, serial, not_after_ms) VALUES (?1, ?2, ?3)")?
            .execute(params![host.id.to_string(), serial, millis(*not_after)])?;
        propose(db, &host, &enrolment.recognised, now)?;
    }
    db.prepare_cached("UPDATE enrolment_token SET used = used + 1 WHERE id = ?1")?
        .execute(params![enrolment.token.0])?;
    recognition::set_marks(db, host.id, &enrolment.marks, now)?;
    recognition::insert_shared(db, &enrolment.recognised.shared)?;
    Ok((TokenUse::Enrolled(admission), Some(host)))
}

/// The new certificate takes the place of the known host's, which stands where the token says; false when the host is no longer what it was judged by.
fn renew(db: &Connection, enrolment: &Enrolment, site: SiteId, now: Timestamp) -> Result<bool> {
    let host = enrolment.host.id.to_string();
    let heard_ms = enrolment.known_heard_at.map(millis);
    let unchanged = db
        .prepare_cached(
            "UPDATE host SET enrolled_ms = ?2, agent_version = ?3, site = ?5
             WHERE id = ?1 AND admission = 'active' AND max(coalesce(last_heard_ms, enrolled_ms), enrolled_ms) <= ?4",
        )?
        .execute(params![host, millis(now), enrolment.host.agent_version, heard_ms, site.to_string()])?;
    if unchanged != 1 {
        return Ok(false);
    }
    let (serial, not_after) = &enrolment.certificate;
    db.prepare_cached(
        "UPDATE identity SET replaced_serial = serial, serial = ?2, not_after_ms = ?3, next_serial = NULL,
           generation = NULL, offered = NULL WHERE host = ?1",
    )?
    .execute(params![host, serial, millis(*not_after)])?;
    db.prepare_cached("INSERT INTO audit (at_ms, actor, act, subject, outcome) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
        params![millis(now), "enrolment", "host_re_enrolled", format!("{host}: {}", enrolment.evidence), "done"],
    )?;
    Ok(true)
}

/// Asks a person about those that the new host may be.
fn propose(db: &Connection, host: &Host, recognised: &Recognised, now: Timestamp) -> Result<()> {
    for (older, kind, resemblance) in &recognised.possible {
        let task = Duplicate {
            id: DuplicateId::new(),
            customer: host.customer,
            kind: *kind,
            newer: host.id,
            older: Some(*older),
            resemblance: resemblance.clone(),
            sign: None,
            state: DuplicateState::Open,
            found_at: now,
            decided: None,
        };
        recognition::upsert_duplicate(db, &task)?;
    }
    Ok(())
}

/// What a token allows now.
type Spent = std::result::Result<(Admission, CustomerId, SiteId), TokenUse>;

fn spend(
    db: &Connection,
    (id, secret_hash): &(String, String),
    within: &dyn Fn(&str) -> bool,
    now: Timestamp,
) -> Result<Spent> {
    let sql =
        "SELECT customer, site, uses, used, expires_ms, cidr FROM enrolment_token WHERE id = ?1 AND secret_hash = ?2";
    let found = db
        .prepare_cached(sql)?
        .query_row(params![id, secret_hash], |row| {
            let uses: (u32, u32) = (row.get(2)?, row.get(3)?);
            Ok((column(row, 0)?, column(row, 1)?, uses, row.get::<_, i64>(4)?, row.get::<_, Option<String>>(5)?))
        })
        .optional()?;
    let Some((customer, site, (uses, used), expires_ms, cidr)) = found else { return Ok(Err(TokenUse::Unknown)) };
    if expires_ms <= millis(now) {
        return Ok(Err(TokenUse::Expired));
    }
    if cidr.is_some_and(|cidr| !within(&cidr)) {
        return Ok(Err(TokenUse::Network));
    }
    Ok(match (uses, used) {
        (uses, used) if used < uses => Ok((Admission::Active, customer, site)),
        // A mass roll-out may meet more machines than expected: as many again wait for a person.
        (uses, used) if uses > 1 && used < uses.saturating_mul(2) => Ok((Admission::Pending, customer, site)),
        _ => Err(TokenUse::Used),
    })
}

fn insert_host(db: &Connection, host: &Host) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO host (id, customer, site, name, role, admission, presence, enrolled_ms, agent_version, interval_s)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        host.id.to_string(),
        host.customer.to_string(),
        host.site.to_string(),
        host.name,
        word(&host.role)?,
        word(&host.admission)?,
        document(&host.presence)?,
        millis(host.enrolled_at),
        host.agent_version,
        host.interval_s
    ])?;
    Ok(())
}
