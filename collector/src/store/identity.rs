//! Identities of agents: enrolment tokens, the pinned certificate of each host, and the generation that tells two
//! holders of one key apart.

use super::row::{column, from_word, millis, word};
use super::{Result, Store};
use crate::model::{Admission, CustomerId, Host, HostId, SiteId};
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
}

/// The certificate that a host may use, and the one that it fetched and has not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whose.
    pub host: HostId,
    /// From the certificate's name.
    pub customer: CustomerId,
    /// May it report?
    pub admission: Admission,
    /// Serial, hex.
    pub serial: String,
    /// Serial of the renewed one.
    pub next_serial: Option<String>,
}

impl Store {
    /// Spends one use of a token and adds the host with its certificate, in one commit. `within` tells whether the
    /// request came from the token's network.
    pub async fn enrol(
        &self,
        token: (String, String),
        within: impl Fn(&str) -> bool + Send + 'static,
        host: Host,
        certificate: (String, Timestamp),
        now: Timestamp,
    ) -> Result<(TokenUse, Option<Host>)> {
        self.cmdb.write(move |db| enrol(db, &token, &within, host, &certificate, now)).await
    }

    /// The customer of a token with this secret, whatever its state.
    pub async fn token_customer(&self, id: String, secret_hash: String) -> Result<Option<CustomerId>> {
        self.cmdb
            .read(move |db| {
                let sql = "SELECT customer FROM enrolment_token WHERE id = ?1 AND secret_hash = ?2";
                Ok(db.prepare_cached(sql)?.query_row(params![id, secret_hash], |row| column(row, 0)).optional()?)
            })
            .await
    }

    /// Every identity, for the registry in memory.
    pub async fn identities(&self) -> Result<Vec<Identity>> {
        self.cmdb
            .read(|db| {
                let sql = "SELECT i.host, h.customer, h.admission, i.serial, i.next_serial FROM identity i JOIN host h ON h.id = i.host";
                let mut statement = db.prepare_cached(sql)?;
                let rows = statement.query_map([], |row| {
                    Ok(Identity {
                        host: column(row, 0)?,
                        customer: column(row, 1)?,
                        admission: from_word(row, 2)?,
                        serial: row.get(3)?,
                        next_serial: row.get(4)?,
                    })
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Records a renewed certificate; the old one stays good until the new one is used.
    pub async fn identity_renewed(&self, host: HostId, serial: String, not_after: Timestamp) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached("UPDATE identity SET next_serial = ?2, not_after_ms = ?3 WHERE host = ?1")?
                    .execute(params![host.to_string(), serial, millis(not_after)])?;
                Ok(())
            })
            .await
    }

    /// The renewed certificate was used: the one before is no longer good.
    pub async fn identity_promoted(&self, host: HostId, serial: String) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached(
                    "UPDATE identity SET serial = ?2, next_serial = NULL WHERE host = ?1 AND next_serial = ?2",
                )?
                .execute(params![host.to_string(), serial])?;
                Ok(())
            })
            .await
    }

    /// Trades the generation that an agent presents for a new one. False = it is not the one that this host was last
    /// given: a second holder of the identity exists.
    pub async fn generation_offered(&self, host: HostId, presented: Option<String>, offer: String) -> Result<bool> {
        self.cmdb.write(move |db| offer_generation(db, host, presented.as_deref(), &offer)).await
    }

    /// The agent stored the offered generation.
    pub async fn generation_confirmed(&self, host: HostId, generation: String) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached(
                    "UPDATE identity SET generation = ?2, offered = NULL WHERE host = ?1 AND offered = ?2",
                )?
                .execute(params![host.to_string(), generation])?;
                Ok(())
            })
            .await
    }

    /// What the agent said of itself when its stream opened.
    pub async fn stream_opened(&self, host: HostId, agent_version: String) -> Result<()> {
        self.cmdb
            .write(move |db| {
                db.prepare_cached("UPDATE host SET agent_version = ?2 WHERE id = ?1 AND agent_version <> ?2")?
                    .execute(params![host.to_string(), agent_version])?;
                Ok(())
            })
            .await
    }

    /// Holds an active host; one that was revoked meanwhile stays revoked.
    pub async fn quarantine(&self, host: HostId) -> Result<()> {
        self.cmdb
            .write(move |db| {
                let sql = "UPDATE host SET admission = 'quarantined' WHERE id = ?1 AND admission = 'active'";
                db.prepare_cached(sql)?.execute(params![host.to_string()])?;
                Ok(())
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

/// Writes a host's admission.
pub fn admit(db: &Connection, host: HostId, admission: Admission) -> Result<()> {
    db.prepare_cached("UPDATE host SET admission = ?2 WHERE id = ?1")?
        .execute(params![host.to_string(), word(&admission)?])?;
    if admission == Admission::Active {
        // A person decided: the next holder is the right one, and a second will show itself again.
        db.prepare_cached("UPDATE identity SET generation = NULL, offered = NULL WHERE host = ?1")?
            .execute(params![host.to_string()])?;
    }
    Ok(())
}

fn enrol(
    db: &Connection,
    (id, secret_hash): &(String, String),
    within: &dyn Fn(&str) -> bool,
    mut host: Host,
    (serial, not_after): &(String, Timestamp),
    now: Timestamp,
) -> Result<(TokenUse, Option<Host>)> {
    let sql =
        "SELECT customer, site, uses, used, expires_ms, cidr FROM enrolment_token WHERE id = ?1 AND secret_hash = ?2";
    let found = db
        .prepare_cached(sql)?
        .query_row(params![id, secret_hash], |row| {
            let uses: (u32, u32) = (row.get(2)?, row.get(3)?);
            Ok((column(row, 0)?, column(row, 1)?, uses, row.get::<_, i64>(4)?, row.get::<_, Option<String>>(5)?))
        })
        .optional()?;
    let Some((customer, site, (uses, used), expires_ms, cidr)) = found else { return Ok((TokenUse::Unknown, None)) };
    if expires_ms <= millis(now) {
        return Ok((TokenUse::Expired, None));
    }
    if cidr.is_some_and(|cidr| !within(&cidr)) {
        return Ok((TokenUse::Network, None));
    }
    let admission = match (uses, used) {
        (uses, used) if used < uses => Admission::Active,
        // A mass roll-out may meet more machines than expected: as many again wait for a person.
        (uses, used) if uses > 1 && used < uses.saturating_mul(2) => Admission::Pending,
        _ => return Ok((TokenUse::Used, None)),
    };
    db.prepare_cached("UPDATE enrolment_token SET used = used + 1 WHERE id = ?1")?.execute(params![id])?;
    (host.customer, host.site, host.admission) = (customer, site, admission);
    insert_host(db, &host)?;
    db.prepare_cached("INSERT INTO identity (host, serial, not_after_ms) VALUES (?1, ?2, ?3)")?.execute(params![
        host.id.to_string(),
        serial,
        millis(*not_after)
    ])?;
    Ok((TokenUse::Enrolled(admission), Some(host)))
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
        super::row::document(&host.presence)?,
        millis(host.enrolled_at),
        host.agent_version,
        host.interval_s
    ])?;
    Ok(())
}

fn offer_generation(db: &Connection, host: HostId, presented: Option<&str>, offer: &str) -> Result<bool> {
    let host = host.to_string();
    let known: Option<(Option<String>, Option<String>)> = db
        .prepare_cached("SELECT generation, offered FROM identity WHERE host = ?1")?
        .query_row(params![host], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((generation, offered)) = known else { return Ok(false) };
    // The reply with the offer may have been lost before the agent stored it, or after: both are honest.
    let honest = generation.is_none()
        || presented == generation.as_deref()
        || (presented.is_some() && presented == offered.as_deref());
    if honest {
        db.prepare_cached("UPDATE identity SET generation = ?2, offered = ?3 WHERE host = ?1")?
            .execute(params![host, presented, offer])?;
    }
    Ok(honest)
}
