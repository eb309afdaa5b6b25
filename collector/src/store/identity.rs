//! Identities of agents: the pinned certificate of each host, and the generation that tells two
//! holders of one key apart.

use super::row::{column, from_word, millis, word};
use super::{Result, Store, recognition};
use crate::model::{Admission, CustomerId, HostId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// How the trade of a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trade {
    /// It is the one that was last given.
    Honest,
    /// None was given since a person, or an enrolment, said who the right holder is.
    First,
    /// It is another: a second holder of the identity exists.
    Fork,
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
    /// Serial that the last enrolment put out of use.
    pub replaced_serial: Option<String>,
}

impl Store {
    /// Every identity, for the registry in memory.
    pub async fn identities(&self) -> Result<Vec<Identity>> {
        self.cmdb
            .read(|db| {
                let sql = "SELECT i.host, h.customer, h.admission, i.serial, i.next_serial, i.replaced_serial
                           FROM identity i JOIN host h ON h.id = i.host";
                let mut statement = db.prepare_cached(sql)?;
                let rows = statement.query_map([], |row| {
                    Ok(Identity {
                        host: column(row, 0)?,
                        customer: column(row, 1)?,
                        admission: from_word(row, 2)?,
                        serial: row.get(3)?,
                        next_serial: row.get(4)?,
                        replaced_serial: row.get(5)?,
                    })
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Records a renewed certificate; the old one stays good until the new one is used. False where `present`, by which it
    /// was asked for, is out of use meanwhile: then nothing is recorded.
    pub async fn identity_renewed(
        &self,
        host: HostId,
        present: String,
        serial: String,
        not_after: Timestamp,
    ) -> Result<bool> {
        self.cmdb
            .write(move |db| {
                let sql = "UPDATE identity SET next_serial = ?3, not_after_ms = ?4
                           WHERE host = ?1 AND (serial = ?2 OR next_serial = ?2)";
                let kept =
                    db.prepare_cached(sql)?.execute(params![host.to_string(), present, serial, millis(not_after)])?;
                Ok(kept == 1)
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

    /// Trades the generation that an agent presents for a new one.
    pub async fn generation_offered(&self, host: HostId, presented: Option<String>, offer: String) -> Result<Trade> {
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
}

/// Writes a host's admission.
pub fn admit(db: &Connection, host: HostId, admission: Admission) -> Result<()> {
    db.prepare_cached("UPDATE host SET admission = ?2 WHERE id = ?1")?
        .execute(params![host.to_string(), word(&admission)?])?;
    recognition::settle(db, host, admission == Admission::Revoked)?;
    if admission == Admission::Active {
        // A person decided: the next holder is the right one, and a second will show itself again. Whoever still has a key
        // that was put out of use is refused from now on, and cannot hold the host a second time.
        db.prepare_cached(
            "UPDATE identity SET generation = NULL, offered = NULL, replaced_serial = NULL WHERE host = ?1",
        )?
        .execute(params![host.to_string()])?;
    }
    Ok(())
}

fn offer_generation(db: &Connection, host: HostId, presented: Option<&str>, offer: &str) -> Result<Trade> {
    let host = host.to_string();
    let known: Option<(Option<String>, Option<String>)> = db
        .prepare_cached("SELECT generation, offered FROM identity WHERE host = ?1")?
        .query_row(params![host], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let trade = match &known {
        None => Trade::Fork,
        Some((None, _)) => Trade::First,
        // The reply with the offer may have been lost before the agent stored it, or after: both are honest.
        Some((generation, _)) if presented == generation.as_deref() => Trade::Honest,
        Some((_, offered)) if presented.is_some() && presented == offered.as_deref() => Trade::Honest,
        Some(_) => Trade::Fork,
    };
    if trade != Trade::Fork {
        db.prepare_cached("UPDATE identity SET generation = ?2, offered = ?3 WHERE host = ?1")?
            .execute(params![host, presented, offer])?;
    }
    Ok(trade)
}
