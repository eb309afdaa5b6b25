//! Reports going in: one row each, exactly once, with the ledger's counts in the same commit.

use super::row::document;
use super::{Result, Store};
use crate::model::{Counts, DroppedView, HostId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// The most ranges that an acknowledgement names.
const RANGES_MAX: usize = 32;

/// A validated report at the store's door.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// From the certificate.
    pub host: HostId,
    /// Life of the agent's spool.
    pub incarnation: [u8; 16],
    /// Within the incarnation, from 1.
    pub sequence: u64,
    /// Over the report as the agent spooled it.
    pub checksum: u32,
    /// The agent had it on its disk when it sent it, so that it cannot forget its sequence.
    pub is_durable: bool,
    /// When it was collected, by our clock, in milliseconds since 1970.
    pub at_ms: i64,
    /// When it was received.
    pub received_ms: i64,
    /// Which boot, and that boot's wall clock minus its boot-time clock.
    pub boot: ([u8; 16], i64),
    /// The agent's interval.
    pub interval_s: u32,
    /// The agent's wall clock minus ours.
    pub skew_ms: i64,
    /// 0 = an ordinary report, else the wire's number of the goodbye.
    pub presence: u8,
    /// With a goodbye.
    pub expected_return_s: u64,
    /// Digest and series of the block; none without a block.
    pub dictionary: Option<(u64, Vec<(u32, String)>)>,
    /// The whole column block.
    pub block: Vec<u8>,
    /// Inventory sections.
    pub sections: Vec<NewSection>,
    /// The biggest processes, as JSON.
    pub processes: Option<String>,
    /// Events, as JSON.
    pub events: Option<String>,
    /// What is stored by this row.
    pub counts: Counts,
    /// What was clipped off it, by reason.
    pub clipped: Vec<(String, Counts)>,
    /// The agent's ledger at sending.
    pub claim: Claim,
}

/// A section of a report.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// The wire's number.
    pub kind: i32,
    /// As the agent named it.
    pub digest: u64,
    /// A `model::Scan` as zstd JSON.
    pub scan: Vec<u8>,
}

/// What an agent's ledger said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Claim {
    /// Counted at its spool's commit.
    pub collected: Counts,
    /// Not yet acknowledged at sending.
    pub spooled: Counts,
    /// Given up, by reason.
    pub dropped: Vec<DroppedView>,
    /// Oldest sequence it still held.
    pub oldest_sequence: u64,
    /// Newest it ever spooled.
    pub last_sequence: u64,
}

/// Sequences that will never come.
#[derive(Clone, Debug)]
pub struct NewGap {
    /// Whose.
    pub host: HostId,
    /// Of which spool.
    pub incarnation: [u8; 16],
    /// From.
    pub first: u64,
    /// To, inclusive.
    pub last: u64,
    /// Why.
    pub reason: String,
    /// Refused by this collector: counted here, since the agent's ledger cannot know.
    pub refused: Option<Counts>,
}

/// How an append ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Durable now, or before.
    Stored {
        /// All up to here are stored or covered by a gap.
        contiguous: u64,
        /// Ranges stored above it.
        ranges: Vec<(u64, u64)>,
        /// This very report was there already.
        duplicate: bool,
    },
    /// The same sequence was stored with another content: two holders of one identity.
    Fork,
}

impl Store {
    /// Stores a report; answers after the commit that made it durable.
    pub async fn append(&self, report: NewReport) -> Result<Appended> {
        self.history.write(move |db| append(db, &report)).await
    }

    /// Stores a gap record.
    pub async fn append_gap(&self, gap: NewGap) -> Result<Appended> {
        self.history
            .write(move |db| {
                insert_gap(db, &gap)?;
                let contiguous = advance(db, &gap.host.0.into_bytes(), &gap.incarnation)?;
                stored(db, &gap.host.0.into_bytes(), &gap.incarnation, contiguous, false)
            })
            .await
    }

    /// The contiguous mark of an incarnation; 0 when it is new.
    pub async fn contiguous(&self, host: HostId, incarnation: [u8; 16]) -> Result<u64> {
        self.history.read(move |db| Ok(mark(db, &host.0.into_bytes(), &incarnation)?.unwrap_or(0))).await
    }

    /// The highest sequence of an incarnation that the agent had on its disk when it sent it; 0 when it is new.
    pub async fn durable_sequence(&self, host: HostId, incarnation: [u8; 16]) -> Result<u64> {
        self.history
            .read(move |db| {
                let sql = "SELECT durable FROM incarnation WHERE host = ?1 AND incarnation = ?2";
                let found = db
                    .prepare_cached(sql)?
                    .query_row(params![host.0.into_bytes(), incarnation], |row| row.get::<_, i64>(0))
                    .optional()?;
                Ok(found.unwrap_or(0) as u64)
            })
            .await
    }

    /// Wall clock minus boot-time clock of an earlier boot, where known.
    pub async fn boot_offset(&self, host: HostId, boot: [u8; 16]) -> Result<Option<i64>> {
        self.history
            .read(move |db| {
                let sql = "SELECT offset_ms FROM boot WHERE host = ?1 AND boot = ?2";
                Ok(db
                    .prepare_cached(sql)?
                    .query_row(params![host.0.into_bytes(), boot], |row| row.get(0))
                    .optional()?)
            })
            .await
    }

    /// The series of a dictionary that the host sent before.
    pub async fn dictionary(&self, host: HostId, digest: u64) -> Result<Option<Vec<(u32, String)>>> {
        self.history
            .read(move |db| {
                let sql = "SELECT series FROM dictionary WHERE host = ?1 AND digest = ?2";
                let text: Option<String> = db
                    .prepare_cached(sql)?
                    .query_row(params![host.0.into_bytes(), digest as i64], |row| row.get(0))
                    .optional()?;
                text.map(|text| super::row::parse(&text)).transpose()
            })
            .await
    }

    /// Reports in history, of all hosts.
    pub async fn report_count(&self) -> Result<u64> {
        self.history
            .read(|db| {
                let sql = "SELECT coalesce(sum(reports), 0) FROM incarnation";
                Ok(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))? as u64)
            })
            .await
    }

    /// Removes reports older than `before_ms`, at most `rows_max`; tells how many went.
    pub async fn prune(&self, before_ms: i64, rows_max: u32) -> Result<usize> {
        self.history
            .write(move |db| {
                let sql = "DELETE FROM report WHERE row IN
                             (SELECT row FROM (SELECT row, at_ms FROM report ORDER BY row LIMIT ?2) WHERE at_ms < ?1)";
                let gone = db.prepare_cached(sql)?.execute(params![before_ms, rows_max])?;
                db.prepare_cached("DELETE FROM section WHERE report < (SELECT coalesce(min(row), 0) FROM report)")?
                    .execute([])?;
                Ok(gone)
            })
            .await
    }
}

fn append(db: &Connection, report: &NewReport) -> Result<Appended> {
    let host = report.host.0.into_bytes();
    if let Some(checksum) = stored_checksum(db, &host, report)? {
        if checksum != i64::from(report.checksum) {
            return Ok(Appended::Fork);
        }
        let contiguous = mark(db, &host, &report.incarnation)?.unwrap_or(0);
        return stored(db, &host, &report.incarnation, contiguous, true);
    }
    let row = insert_report(db, &host, report)?;
    for section in &report.sections {
        db.prepare_cached(
            "INSERT INTO section (report, kind, digest, scan) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![row, section.kind, section.digest as i64, section.scan])?;
    }
    for (reason, counts) in &report.clipped {
        count_refused(db, &host, &report.incarnation, reason, *counts)?;
    }
    db.prepare_cached(
        "INSERT INTO boot (host, boot, offset_ms) VALUES (?1, ?2, ?3) ON CONFLICT (host, boot) DO UPDATE SET offset_ms = ?3",
    )?
    .execute(params![host, report.boot.0, report.boot.1])?;
    count_stored(db, &host, report)?;
    let contiguous = advance(db, &host, &report.incarnation)?;
    stored(db, &host, &report.incarnation, contiguous, false)
}

fn stored_checksum(db: &Connection, host: &[u8; 16], report: &NewReport) -> Result<Option<i64>> {
    let sql = "SELECT checksum FROM report WHERE host = ?1 AND incarnation = ?2 AND sequence = ?3";
    Ok(db
        .prepare_cached(sql)?
        .query_row(params![host, report.incarnation, report.sequence as i64], |row| row.get(0))
        .optional()?)
}

fn insert_report(db: &Connection, host: &[u8; 16], report: &NewReport) -> Result<i64> {
    let dictionary = match &report.dictionary {
        Some((digest, series)) => Some(dictionary_row(db, host, *digest, series)?),
        None => None,
    };
    db.prepare_cached(
        "INSERT INTO report (host, incarnation, sequence, checksum, at_ms, received_ms, interval_s, skew_ms, presence,
           expected_return_s, dictionary, block, processes, events)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        host,
        report.incarnation,
        report.sequence as i64,
        report.checksum,
        report.at_ms,
        report.received_ms,
        report.interval_s,
        report.skew_ms,
        report.presence,
        report.expected_return_s as i64,
        dictionary,
        report.block,
        report.processes,
        report.events
    ])?;
    Ok(db.last_insert_rowid())
}

fn dictionary_row(db: &Connection, host: &[u8; 16], digest: u64, series: &[(u32, String)]) -> Result<i64> {
    let known = db
        .prepare_cached("SELECT id FROM dictionary WHERE host = ?1 AND digest = ?2")?
        .query_row(params![host, digest as i64], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO dictionary (host, digest, series) VALUES (?1, ?2, ?3)")?.execute(params![
        host,
        digest as i64,
        document(&series)?
    ])?;
    Ok(db.last_insert_rowid())
}

fn count_stored(db: &Connection, host: &[u8; 16], report: &NewReport) -> Result<()> {
    let counts = report.counts;
    db.prepare_cached(
        "INSERT INTO incarnation (host, incarnation, contiguous, last_sequence, reports, samples, sections, events, claim, claim_ms, durable)
         VALUES (?1, ?2, 0, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (host, incarnation) DO UPDATE SET
           last_sequence = max(last_sequence, ?3), reports = reports + 1, samples = samples + ?4,
           sections = sections + ?5, events = events + ?6, durable = max(durable, ?9)",
    )?
    .execute(params![
        host,
        report.incarnation,
        report.sequence as i64,
        counts.samples as i64,
        counts.sections as i64,
        counts.events as i64,
        document(&report.claim)?,
        report.received_ms,
        if report.is_durable { report.sequence as i64 } else { 0 }
    ])?;
    // A ledger that is older than the one we have (a retransmission) says nothing new.
    db.prepare_cached(
        "UPDATE incarnation SET claim = ?3, claim_ms = ?4
         WHERE host = ?1 AND incarnation = ?2 AND json_extract(claim, '$.last_sequence') <= ?5",
    )?
    .execute(params![
        host,
        report.incarnation,
        document(&report.claim)?,
        report.received_ms,
        report.claim.last_sequence as i64
    ])?;
    Ok(())
}

fn insert_gap(db: &Connection, gap: &NewGap) -> Result<()> {
    let host = gap.host.0.into_bytes();
    let fresh = db
        .prepare_cached(
            "INSERT INTO gap (host, incarnation, first, last, reason) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (host, incarnation, first) DO UPDATE SET last = max(last, ?4) WHERE last < ?4",
        )?
        .execute(params![host, gap.incarnation, gap.first as i64, gap.last as i64, gap.reason])?;
    db.prepare_cached(
        "INSERT INTO incarnation (host, incarnation, contiguous, last_sequence, reports, samples, sections, events, claim, claim_ms)
         VALUES (?1, ?2, 0, ?3, 0, 0, 0, 0, ?4, 0)
         ON CONFLICT (host, incarnation) DO UPDATE SET last_sequence = max(last_sequence, ?3)",
    )?
    .execute(params![host, gap.incarnation, gap.last as i64, document(&Claim::default())?])?;
    match gap.refused {
        Some(counts) if fresh > 0 => count_refused(db, &host, &gap.incarnation, &gap.reason, counts),
        _ => Ok(()),
    }
}

fn count_refused(db: &Connection, host: &[u8; 16], incarnation: &[u8; 16], reason: &str, counts: Counts) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO refused (host, incarnation, reason, reports, samples, sections, events) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (host, incarnation, reason) DO UPDATE SET
           reports = reports + ?4, samples = samples + ?5, sections = sections + ?6, events = events + ?7",
    )?
    .execute(params![
        host,
        incarnation,
        reason,
        counts.reports as i64,
        counts.samples as i64,
        counts.sections as i64,
        counts.events as i64
    ])?;
    Ok(())
}

/// Moves the contiguous mark over all that is stored or covered by a gap, and answers it.
fn advance(db: &Connection, host: &[u8; 16], incarnation: &[u8; 16]) -> Result<u64> {
    let before = mark(db, host, incarnation)?.unwrap_or(0);
    let mut contiguous = before;
    let mut is_stored =
        db.prepare_cached("SELECT 1 FROM report WHERE host = ?1 AND incarnation = ?2 AND sequence = ?3")?;
    let mut gap_end = db.prepare_cached(
        "SELECT max(last) FROM gap WHERE host = ?1 AND incarnation = ?2 AND first <= ?3 AND last >= ?3",
    )?;
    loop {
        let next = (contiguous + 1) as i64;
        if is_stored.exists(params![host, incarnation, next])? {
            contiguous += 1;
            continue;
        }
        match gap_end.query_row(params![host, incarnation, next], |row| row.get::<_, Option<i64>>(0))? {
            Some(last) => contiguous = last as u64,
            None => break,
        }
    }
    if contiguous != before {
        db.prepare_cached("UPDATE incarnation SET contiguous = ?3 WHERE host = ?1 AND incarnation = ?2")?
            .execute(params![host, incarnation, contiguous as i64])?;
    }
    Ok(contiguous)
}

fn mark(db: &Connection, host: &[u8; 16], incarnation: &[u8; 16]) -> Result<Option<u64>> {
    let sql = "SELECT contiguous FROM incarnation WHERE host = ?1 AND incarnation = ?2";
    let mark: Option<i64> =
        db.prepare_cached(sql)?.query_row(params![host, incarnation], |row| row.get(0)).optional()?;
    Ok(mark.map(|mark| mark as u64))
}

fn stored(
    db: &Connection,
    host: &[u8; 16],
    incarnation: &[u8; 16],
    contiguous: u64,
    duplicate: bool,
) -> Result<Appended> {
    let mut above =
        db.prepare_cached("SELECT sequence FROM report WHERE host = ?1 AND incarnation = ?2 AND sequence > ?3 ORDER BY sequence DESC LIMIT 4096")?;
    let mut rows = above.query(params![host, incarnation, contiguous as i64])?;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    while let Some(row) = rows.next()? {
        let sequence = row.get::<_, i64>(0)? as u64;
        let full = ranges.len() == RANGES_MAX;
        match ranges.last_mut() {
            Some((first, _)) if *first == sequence + 1 => *first = sequence,
            _ if full => break,
            _ => ranges.push((sequence, sequence)),
        }
    }
    ranges.reverse();
    Ok(Appended::Stored { contiguous, ranges, duplicate })
}
