//! The conservation ledger, read: collected = stored + spooled + dropped, a line for each incarnation of a host.

use super::row::{hex, moment, parse};
use super::{Claim, Result, Store};
use crate::model::{Counts, DroppedView, HostId, LedgerView};
use rusqlite::{Connection, params};

impl Store {
    /// Every incarnation of a host, newest ledger first.
    pub async fn ledger(&self, host: HostId) -> Result<Vec<LedgerView>> {
        self.history.read(move |db| lines(db, &host.0.into_bytes())).await
    }
}

struct Line {
    incarnation: Vec<u8>,
    contiguous: u64,
    last_sequence: u64,
    stored: Counts,
    claim: Claim,
    claim_ms: i64,
}

fn lines(db: &Connection, host: &[u8; 16]) -> Result<Vec<LedgerView>> {
    let mut statement = db.prepare_cached(
        "SELECT incarnation, contiguous, last_sequence, reports, samples, sections, events, claim, claim_ms
         FROM incarnation WHERE host = ?1 ORDER BY claim_ms DESC",
    )?;
    let rows = statement.query_map(params![host], |row| {
        let number = |index: usize| row.get::<_, i64>(index).map(|value| value as u64);
        let stored = Counts { reports: number(3)?, samples: number(4)?, sections: number(5)?, events: number(6)? };
        Ok((row.get::<_, Vec<u8>>(0)?, number(1)?, number(2)?, stored, row.get::<_, String>(7)?, row.get::<_, i64>(8)?))
    })?;
    let mut views = Vec::new();
    for row in rows {
        let (incarnation, contiguous, last_sequence, stored, claim, claim_ms) = row?;
        let line = Line { incarnation, contiguous, last_sequence, stored, claim: parse(&claim)?, claim_ms };
        views.push(view(db, host, line)?);
    }
    Ok(views)
}

fn view(db: &Connection, host: &[u8; 16], line: Line) -> Result<LedgerView> {
    let refused = refused(db, host, &line.incarnation)?;
    let gaps = gap_reports(db, host, &line.incarnation)?;
    let last = line.last_sequence.max(line.claim.last_sequence);
    let missing = last.saturating_sub(line.stored.reports + gaps);
    let explained = still_spooled(db, host, &line, last)?;
    let unexplained_reports = missing.saturating_sub(explained);
    let dropped = merged(&line.claim.dropped, refused, &overlap(db, host, &line.incarnation)?);
    let gone = dropped.iter().fold(Counts::default(), |sum, line| plus(sum, line.counts));
    let spooled = minus(line.claim.collected, plus(line.stored, gone));
    let balanced = unexplained_reports == 0
        && plus(plus(line.stored, spooled), gone) == line.claim.collected
        && (missing > 0 || spooled == Counts::default());
    Ok(LedgerView {
        id: hex(&line.incarnation),
        collected: line.claim.collected,
        stored: line.stored,
        spooled,
        dropped,
        unexplained_reports,
        balanced,
        last_sequence: last,
        as_of: moment(line.claim_ms),
    })
}

/// Missing sequences that the agent still held when it last said what it holds.
fn still_spooled(db: &Connection, host: &[u8; 16], line: &Line, last: u64) -> Result<u64> {
    let oldest = line.claim.oldest_sequence.max(line.contiguous + 1);
    if oldest > last {
        return Ok(0);
    }
    let sql = "SELECT count(*) FROM report WHERE host = ?1 AND incarnation = ?2 AND sequence >= ?3";
    let here: i64 =
        db.prepare_cached(sql)?.query_row(params![host, line.incarnation, oldest as i64], |row| row.get(0))?;
    let sql = "SELECT coalesce(sum(last - max(first, ?3) + 1), 0) FROM gap WHERE host = ?1 AND incarnation = ?2 AND last >= ?3";
    let given_up: i64 =
        db.prepare_cached(sql)?.query_row(params![host, line.incarnation, oldest as i64], |row| row.get(0))?;
    Ok((last + 1 - oldest).saturating_sub(here as u64 + given_up as u64))
}

/// Sequences covered by gap records and not stored.
fn gap_reports(db: &Connection, host: &[u8; 16], incarnation: &[u8]) -> Result<u64> {
    let sql = "SELECT coalesce(sum(g.last - g.first + 1 - (SELECT count(*) FROM report r WHERE r.host = g.host
                 AND r.incarnation = g.incarnation AND r.sequence BETWEEN g.first AND g.last)), 0)
               FROM gap g WHERE g.host = ?1 AND g.incarnation = ?2";
    let reports: i64 = db.prepare_cached(sql)?.query_row(params![host, incarnation], |row| row.get(0))?;
    Ok(reports as u64)
}

fn refused(db: &Connection, host: &[u8; 16], incarnation: &[u8]) -> Result<Vec<DroppedView>> {
    let sql = "SELECT reason, reports, samples, sections, events FROM refused WHERE host = ?1 AND incarnation = ?2";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![host, incarnation], |row| {
        let number = |index: usize| row.get::<_, i64>(index).map(|value| value as u64);
        let counts = Counts { reports: number(1)?, samples: number(2)?, sections: number(3)?, events: number(4)? };
        Ok(DroppedView { reason: row.get(0)?, counts })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reports that the agent gave up while they were on their way, and that arrived all the same: they count as stored.
fn overlap(db: &Connection, host: &[u8; 16], incarnation: &[u8]) -> Result<Vec<DroppedView>> {
    let mut statement = db.prepare_cached(
        "SELECT g.reason, r.block, r.events, (SELECT count(*) FROM section s WHERE s.report = r.row)
         FROM gap g JOIN report r ON r.host = g.host AND r.incarnation = g.incarnation
           AND r.sequence BETWEEN g.first AND g.last
         WHERE g.host = ?1 AND g.incarnation = ?2 LIMIT 10000",
    )?;
    let mut rows = statement.query(params![host, incarnation])?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        let block = row.get::<_, Option<Vec<u8>>>(1)?.unwrap_or_default();
        let values = wacht_proto::block::decode_whole(&block).unwrap_or_default();
        let events: Vec<serde_json::Value> = match row.get::<_, Option<String>>(2)? {
            Some(text) => parse(&text)?,
            None => Vec::new(),
        };
        let counts = Counts {
            reports: 1,
            samples: values.iter().filter(|value| !value.is_nan()).count() as u64,
            sections: row.get::<_, i64>(3)? as u64,
            events: events.len() as u64,
        };
        views.push(DroppedView { reason: row.get(0)?, counts });
    }
    Ok(views)
}

fn merged(claimed: &[DroppedView], refused: Vec<DroppedView>, overlap: &[DroppedView]) -> Vec<DroppedView> {
    let arrived = |reason: &str| {
        overlap.iter().filter(|view| view.reason == reason).fold(Counts::default(), |sum, view| plus(sum, view.counts))
    };
    claimed
        .iter()
        .map(|line| DroppedView { reason: line.reason.clone(), counts: minus(line.counts, arrived(&line.reason)) })
        .filter(|line| line.counts != Counts::default())
        .chain(refused)
        .collect()
}

fn plus(left: Counts, right: Counts) -> Counts {
    Counts {
        reports: left.reports.saturating_add(right.reports),
        samples: left.samples.saturating_add(right.samples),
        sections: left.sections.saturating_add(right.sections),
        events: left.events.saturating_add(right.events),
    }
}

fn minus(left: Counts, right: Counts) -> Counts {
    Counts {
        reports: left.reports.saturating_sub(right.reports),
        samples: left.samples.saturating_sub(right.samples),
        sections: left.sections.saturating_sub(right.sections),
        events: left.events.saturating_sub(right.events),
    }
}
