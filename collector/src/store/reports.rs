//! Committed reports coming out, for the pipeline: everything after its cursor, in the order of commit.

use super::row::{hex, moment};
use super::{Error, Result, Store};
use crate::model::{CustomerId, GoodbyeReason, HostEvent, HostId, ProcessTop, Sample, Scan, StoredReport};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;
use wacht_proto::{block, catalog};

/// A decompressed scan is never larger than what ingest let in.
const SCAN_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The series of a dictionary, by position; `None` where this build does not know the metric.
pub type Dictionary = Arc<[Option<(&'static str, Arc<str>)>]>;

impl Store {
    /// Reports after `cursor`, oldest commit first, at most `limit`. A row that cannot be read is logged and skipped:
    /// it was acknowledged, so it must not stop those behind it.
    pub async fn reports_after(&self, cursor: i64, limit: usize) -> Result<Vec<StoredReport>> {
        self.history.read(move |db| reports_after(db, cursor, limit)).await
    }
}

fn reports_after(db: &Connection, cursor: i64, limit: usize) -> Result<Vec<StoredReport>> {
    let mut statement = db.prepare_cached(
        "SELECT row, host, incarnation, sequence, at_ms, received_ms, skew_ms, interval_s, presence, expected_return_s,
           dictionary, block, processes, events
         FROM report WHERE row > ?1 ORDER BY row LIMIT ?2",
    )?;
    let mut dictionaries = HashMap::new();
    let mut rows = statement.query(params![cursor, limit as i64])?;
    let mut reports = Vec::new();
    while let Some(row) = rows.next()? {
        reports.push(report(db, row, &mut dictionaries)?);
    }
    Ok(reports)
}

fn report(db: &Connection, row: &Row<'_>, dictionaries: &mut HashMap<i64, Dictionary>) -> Result<StoredReport> {
    let number: i64 = row.get(0)?;
    let samples = match row.get::<_, Option<i64>>(10)? {
        Some(id) => samples(&dictionary(db, id, dictionaries)?, &row.get::<_, Vec<u8>>(11)?).unwrap_or_else(|error| {
            tracing::error!(report = number, %error, "a stored block is not readable and is skipped");
            Vec::new()
        }),
        None => Vec::new(),
    };
    Ok(StoredReport {
        row: number,
        host: HostId(Uuid::from_bytes(row.get(1)?)),
        // The pipeline knows each host's customer; history does not repeat it.
        customer: CustomerId(Uuid::nil()),
        incarnation: hex(&row.get::<_, Vec<u8>>(2)?),
        sequence: row.get::<_, i64>(3)? as u64,
        at: moment(row.get(4)?),
        received_at: moment(row.get(5)?),
        skew_s: row.get::<_, i64>(6)? as f64 / 1e3,
        interval_s: row.get(7)?,
        samples,
        scans: scans(db, number)?,
        processes: parsed::<ProcessTop>(row, 12, number)?,
        events: parsed::<HostEvent>(row, 13, number)?,
        goodbye: goodbye(row.get(8)?)
            .map(|reason| Ok::<_, Error>((reason, row.get::<_, i64>(9)? as u64)))
            .transpose()?,
    })
}

/// The dictionary of a row id, from the cache of this read.
pub fn dictionary(db: &Connection, id: i64, cache: &mut HashMap<i64, Dictionary>) -> Result<Dictionary> {
    if let Some(known) = cache.get(&id) {
        return Ok(Arc::clone(known));
    }
    let text: String =
        db.prepare_cached("SELECT series FROM dictionary WHERE id = ?1")?.query_row(params![id], |row| row.get(0))?;
    let series: Vec<(u32, String)> = super::row::parse(&text)?;
    let dictionary: Dictionary = series
        .into_iter()
        .map(|(metric, object)| catalog::by_number(metric).map(|metric| (metric.name(), Arc::from(object.as_str()))))
        .collect();
    cache.insert(id, Arc::clone(&dictionary));
    Ok(dictionary)
}

fn samples(dictionary: &Dictionary, bytes: &[u8]) -> std::result::Result<Vec<Sample>, block::Error> {
    let values = block::decode_whole(bytes)?;
    Ok(values
        .into_iter()
        .zip(dictionary.iter())
        .filter(|(value, _)| value.is_finite())
        .filter_map(|(value, series)| {
            series.as_ref().map(|(metric, object)| Sample { metric, object: Arc::clone(object), value })
        })
        .collect())
}

fn scans(db: &Connection, report: i64) -> Result<Vec<Scan>> {
    let mut statement = db.prepare_cached("SELECT scan FROM section WHERE report = ?1 ORDER BY kind")?;
    let rows = statement.query_map(params![report], |row| row.get::<_, Vec<u8>>(0))?;
    let mut scans = Vec::new();
    for row in rows {
        match read_scan(&row?) {
            Ok(scan) => scans.push(scan),
            Err(error) => tracing::error!(report, %error, "a stored section is not readable and is skipped"),
        }
    }
    Ok(scans)
}

fn read_scan(bytes: &[u8]) -> std::result::Result<Scan, String> {
    let json = zstd::bulk::decompress(bytes, SCAN_BYTES_MAX).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

fn parsed<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize, number: i64) -> Result<Vec<T>> {
    let Some(text) = row.get::<_, Option<String>>(index)? else { return Ok(Vec::new()) };
    Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
        tracing::error!(report = number, %error, "a stored list is not readable and is skipped");
        Vec::new()
    }))
}

fn goodbye(presence: u8) -> Option<GoodbyeReason> {
    match presence {
        1 => Some(GoodbyeReason::ServiceStop),
        2 => Some(GoodbyeReason::Shutdown),
        3 => Some(GoodbyeReason::Sleep),
        4 => Some(GoodbyeReason::UpdateReboot),
        _ => None,
    }
}

impl StoredReport {
    /// The name of this report in the CMDB's history.
    pub fn scan_name(&self) -> String {
        format!("{}/{}", self.incarnation, self.sequence)
    }
}
