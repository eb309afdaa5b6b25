//! The books of a collector, audited from outside: the ledger of the API, and the rows of history read beside the
//! running collector.

use crate::house::House;
use crate::wait::wait_until;
use rusqlite::{Connection, OpenFlags, params};
use serde_json::Value;
use std::collections::BTreeMap;
use wacht_proto::v1::SectionKind;

/// What is stored of one incarnation.
#[derive(Debug, Default)]
pub struct Incarnation {
    /// Sequences of stored reports, as they stand in the rows.
    pub stored: Vec<u64>,
    /// Gap records: first, last, reason.
    pub gaps: Vec<(u64, u64, String)>,
}

impl Incarnation {
    /// Stored twice, or missing between 1 and the last without a gap record.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut sorted = self.stored.clone();
        sorted.sort_unstable();
        faults.extend(
            sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| format!("{} is stored twice", pair[0])),
        );
        let last = sorted.last().copied().unwrap_or(0).max(self.gaps.iter().map(|gap| gap.1).max().unwrap_or(0));
        let covered = |sequence: u64| self.gaps.iter().any(|(first, last, _)| (*first..=*last).contains(&sequence));
        let missing = (1..=last).filter(|sequence| sorted.binary_search(sequence).is_err() && !covered(*sequence));
        faults.extend(missing.map(|sequence| format!("{sequence} is neither stored nor covered")));
        faults
    }
}

/// The rows of a host's history, by incarnation in hex.
pub fn rows(house: &House, host: &str) -> BTreeMap<String, Incarnation> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(house.data().join("history.db"), flags).expect("history opens");
    let id = host.parse::<uuid::Uuid>().expect("a host id").into_bytes();
    let mut books: BTreeMap<String, Incarnation> = BTreeMap::new();
    let mut reports = db.prepare("SELECT hex(incarnation), sequence FROM report WHERE host = ?1").expect("SQL");
    let found =
        reports.query_map(params![id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).expect("rows");
    for (incarnation, sequence) in found.flatten() {
        books.entry(incarnation).or_default().stored.push(sequence as u64);
    }
    let mut gaps = db.prepare("SELECT hex(incarnation), first, last, reason FROM gap WHERE host = ?1").expect("SQL");
    let found = gaps.query_map(params![id], |row| {
        Ok((row.get::<_, String>(0)?, (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get(3)?)))
    });
    for (incarnation, (first, last, reason)) in found.expect("rows").flatten() {
        books.entry(incarnation).or_default().gaps.push((first as u64, last as u64, reason));
    }
    books
}

/// The ledger lines of a host.
pub fn ledger(house: &House, host: &str) -> Vec<Value> {
    house.api.list(&format!("/api/v1/hosts/{host}/ledger"))
}

/// How much the collector refused or clipped for a reason, over all incarnations: (reports, samples, sections).
pub fn refused(house: &House, host: &str, reason: &str) -> (u64, u64, u64) {
    let lines = ledger(house, host);
    let dropped = lines.iter().flat_map(|line| line["dropped"].as_array().into_iter().flatten());
    dropped.filter(|line| line["reason"] == reason).fold((0, 0, 0), |sum, line| {
        let count = |name: &str| line["counts"][name].as_u64().unwrap_or(0);
        (sum.0 + count("reports"), sum.1 + count("samples"), sum.2 + count("sections"))
    })
}

/// Waits until every line of the ledger is balanced with nothing unexplained, the backlog is in, and the rows behind it
/// have no hole. A ledger balances while a backlog is still on the agent, so both are waited for.
pub fn assert_balanced(house: &House, host: &str, seconds_max: u64) {
    let begin = std::time::Instant::now();
    wait_until("the ledger balances and the backlog is in", seconds_max, || {
        let lines = ledger(house, host);
        let balanced =
            !lines.is_empty() && lines.iter().all(|line| line["balanced"] == true && line["unexplained_reports"] == 0);
        let faults: Vec<String> = rows(house, host)
            .into_iter()
            .filter(|(_, rows)| !rows.faults().is_empty())
            .map(|(incarnation, rows)| format!("incarnation {incarnation}: {:?}; gaps {:?}", rows.faults(), rows.gaps))
            .collect();
        let settled = balanced && faults.is_empty();
        let late = begin.elapsed().as_secs() + 1 >= seconds_max;
        assert!(
            settled || !late,
            "the ledger does not settle: {} {faults:?}",
            serde_json::to_string_pretty(&lines).unwrap_or_default()
        );
        settled
    });
}

/// Reports stored of a host.
pub fn stored(house: &House, host: &str) -> usize {
    rows(house, host).values().map(|incarnation| incarnation.stored.len()).sum()
}

/// Sections stored of a host by kind, without those in which other programs of the machine, and other tests, are seen.
pub fn sections_at_rest(house: &House, host: &str) -> BTreeMap<i64, i64> {
    let moving = [SectionKind::Port, SectionKind::Neighbour, SectionKind::Interface].map(|kind| kind as i64);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(house.data().join("history.db"), flags).expect("history opens");
    let id = host.parse::<uuid::Uuid>().expect("a host id").into_bytes();
    let sql =
        "SELECT s.kind, count(*) FROM section s JOIN report r ON r.row = s.report WHERE r.host = ?1 GROUP BY s.kind";
    let mut counted = db.prepare(sql).expect("SQL");
    let rows = counted.query_map(params![id], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.flatten().filter(|(kind, _)| !moving.contains(kind)).collect()
}

/// The widest step between two neighbouring points of `system.uptime` since `from`, in seconds.
pub fn widest_step_s(house: &House, host: &str, from: jiff::Timestamp) -> i64 {
    let from = from.as_second();
    let path = format!("/api/v1/hosts/{host}/series?metric=system.uptime&from={from}&step=0");
    let items = house.api.list_once(&path);
    let points = items.first().and_then(|series| series["points"].as_array().cloned()).unwrap_or_default();
    let times: Vec<i64> = points.iter().filter_map(|point| point[0].as_i64()).collect();
    assert!(times.len() > 1, "a series with points was expected: {items:?}");
    times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}
