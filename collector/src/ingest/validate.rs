//! Wire -> model: a report is bounded, dated by our clock and typed, or refused with a reason that is counted. Pure:
//! what it needs of the stream and the store comes in as arguments.

use super::delta::Dictionaries;
use super::section;
use crate::model::{Counts, DroppedView, HostEvent, HostId, ProcessTop};
use crate::store::{Claim, NewReport, NewSection};
use jiff::Timestamp;
use prost::Message as _;
use wacht_proto::{block, catalog, v1};

const REPORT_BYTES_MAX: usize = 1024 * 1024;
const BLOCK_BYTES_MAX: usize = 64 * 1024;
const SECTIONS_MAX: usize = 32;
const EVENTS_MAX: usize = 256;
const PROCESSES_MAX: usize = 16;
const DROPPED_MAX: usize = 16;
const OBJECT_BYTES_MAX: usize = 256;
const DETAIL_BYTES_MAX: usize = 1_024;
const NAME_BYTES_MAX: usize = 64;
/// Older than this is not history any more.
const AGE_MS_MAX: i64 = 35 * 86_400_000;
const RETURN_S_MAX: u64 = 30 * 86_400;
const SEQUENCE_MAX: u64 = 1 << 53;

/// A report that is not stored; its sequence is covered by a gap record instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which spool.
    pub incarnation: [u8; 16],
    /// Which report.
    pub sequence: u64,
    /// Counted under this word.
    pub reason: &'static str,
    /// What stood in it, as far as it can be read.
    pub counts: Counts,
}

/// How a report is dated.
#[derive(Clone, Copy, Debug)]
pub enum Dating {
    /// It is of the boot that the stream named: age by the agent's boot-time clock.
    Age,
    /// It is of an earlier boot, whose wall clock minus boot-time clock is known.
    Offset(i64),
    /// Nothing is known of its boot: the agent's claim, held within bounds.
    Claim,
}

/// Decodes the spooled bytes; `None` when they are not a report at all.
pub fn decode(delivery: &v1::Delivery) -> Option<v1::Report> {
    if delivery.report.len() > REPORT_BYTES_MAX || delivery.block_delta.len() > BLOCK_BYTES_MAX {
        return None;
    }
    let report = v1::Report::decode(delivery.report.as_slice()).ok()?;
    (report.incarnation.is_some() && report.sequence > 0 && report.sequence < SEQUENCE_MAX).then_some(report)
}

/// Types a decoded report.
pub fn report(
    host: HostId,
    delivery: &v1::Delivery,
    mut report: v1::Report,
    dictionaries: &mut Dictionaries,
    dating: Dating,
    received_ms: i64,
) -> Result<NewReport, Refused> {
    let incarnation = id(report.incarnation);
    let sequence = report.sequence;
    let fixed = fixed_counts(&report);
    let refuse = |reason| Refused { incarnation, sequence, reason, counts: fixed };
    if report.sections.len() > SECTIONS_MAX
        || report.events.len() > EVENTS_MAX
        || report.processes.len() > PROCESSES_MAX
    {
        return Err(refuse("too_many"));
    }
    let (at_ms, offset_ms) = date(delivery, &report, dating, received_ms).ok_or_else(|| refuse("time"))?;
    let mut clipped = Vec::new();
    let mut counts = Counts { reports: 1, ..Counts::default() };
    let dictionary = columns(delivery, &mut report, dictionaries, &mut counts, &mut clipped).map_err(refuse)?;
    let checksum = crc32fast::hash(&report.encode_to_vec());
    let block = block_of(&mut report, &clipped, dictionary.as_ref());
    let sections = sections(&report, &mut counts, &mut clipped);
    counts.events = report.events.len() as u64;
    Ok(NewReport {
        host,
        incarnation,
        sequence,
        checksum,
        is_durable: !delivery.in_memory,
        at_ms,
        received_ms,
        boot: (id(report.boot), offset_ms),
        interval_s: report.interval_s.clamp(1, 3_600) as u32,
        skew_ms: report.wall_unix_ms.saturating_sub(at_ms),
        presence: u8::try_from(report.presence).unwrap_or(0).min(4),
        expected_return_s: report.expected_return_s.min(RETURN_S_MAX),
        dictionary: dictionary.map(|columns| (columns.digest, columns.series)),
        block,
        sections,
        processes: json_list(report.processes.iter().map(process)),
        events: json_list(report.events.iter().map(|event| self::event(event, &report, at_ms))),
        counts,
        clipped,
        claim: claim(delivery.ledger.as_ref()),
    })
}

/// 16 bytes of an id; nothing = zeros.
pub fn id(id: Option<v1::Id128>) -> [u8; 16] {
    let id = id.unwrap_or_default();
    ((u128::from(id.high) << 64) | u128::from(id.low)).to_be_bytes()
}

/// The id of 16 bytes.
pub fn to_wire(bytes: [u8; 16]) -> v1::Id128 {
    let value = u128::from_be_bytes(bytes);
    v1::Id128 { high: (value >> 64) as u64, low: value as u64 }
}

fn fixed_counts(report: &v1::Report) -> Counts {
    let samples =
        block::decode_whole(&report.block).map_or(0, |values| values.iter().filter(|value| !value.is_nan()).count());
    Counts {
        reports: 1,
        samples: samples as u64,
        sections: report.sections.len() as u64,
        events: report.events.len() as u64,
    }
}

fn date(delivery: &v1::Delivery, report: &v1::Report, dating: Dating, received_ms: i64) -> Option<(i64, i64)> {
    let boottime = i64::try_from(report.boottime_ms).ok()?;
    let offset = match dating {
        Dating::Age => received_ms.checked_sub(i64::try_from(delivery.boottime_ms).ok()?)?,
        Dating::Offset(offset) => offset,
        Dating::Claim => report.wall_unix_ms.clamp(received_ms - AGE_MS_MAX, received_ms).checked_sub(boottime)?,
    };
    let at = boottime.checked_add(offset)?;
    // Nothing is collected after it was received, nor so long before that nobody asks for it.
    (received_ms - AGE_MS_MAX..=received_ms + 1).contains(&at).then_some((at.min(received_ms), offset))
}

struct Columns {
    digest: u64,
    series: Vec<(u32, String)>,
    values: Vec<f64>,
}

/// Restores the whole block into the report, counts its samples and clips what this build does not know.
fn columns(
    delivery: &v1::Delivery,
    report: &mut v1::Report,
    dictionaries: &mut Dictionaries,
    counts: &mut Counts,
    clipped: &mut Vec<(String, Counts)>,
) -> Result<Option<Columns>, &'static str> {
    if report.dictionary == 0 {
        return if report.block.is_empty() && delivery.block_delta.is_empty() {
            Ok(None)
        } else {
            Err("malformed_block")
        };
    }
    if report.block.len() > BLOCK_BYTES_MAX {
        return Err("too_long");
    }
    let digest = report.dictionary;
    let mut values =
        dictionaries.restore(digest, report.sequence, &report.block, &delivery.block_delta, delivery.base_sequence)?;
    report.block.clear();
    block::encode_whole(&values, &mut report.block);
    let series = dictionaries.get(digest).map(|entry| entry.series.clone()).unwrap_or_default();
    let (mut unknown, mut infinite) = (0, 0);
    for (value, (metric, _)) in values.iter_mut().zip(&series) {
        if value.is_nan() {
            continue;
        }
        if catalog::by_number(*metric).is_none() {
            unknown += 1;
            *value = f64::NAN;
        } else if value.is_infinite() {
            infinite += 1;
            *value = f64::NAN;
        } else {
            counts.samples += 1;
        }
    }
    for (reason, samples) in [("clipped:unknown_series", unknown), ("clipped:not_finite", infinite)] {
        if samples > 0 {
            clipped.push((reason.to_owned(), Counts { samples, ..Counts::default() }));
        }
    }
    Ok(Some(Columns { digest, series, values }))
}

/// The block to keep: as received, or without the values that were clipped.
fn block_of(report: &mut v1::Report, clipped: &[(String, Counts)], columns: Option<&Columns>) -> Vec<u8> {
    match columns {
        Some(columns) if !clipped.is_empty() => {
            let mut block = Vec::new();
            block::encode_whole(&columns.values, &mut block);
            block
        }
        _ => std::mem::take(&mut report.block),
    }
}

fn sections(report: &v1::Report, counts: &mut Counts, clipped: &mut Vec<(String, Counts)>) -> Vec<NewSection> {
    let mut kept: Vec<NewSection> = Vec::new();
    for wire in &report.sections {
        match section::scan(wire).map_err(|error| error.to_string()).and_then(|scan| packed(&scan)) {
            Ok(scan) if kept.iter().all(|other| other.kind != wire.kind) => {
                counts.sections += 1;
                kept.push(NewSection { kind: wire.kind, digest: wire.digest, scan });
            }
            outcome => {
                if let Err(error) = outcome {
                    tracing::warn!(section = wire.kind, %error, "inventory section refused");
                }
                clipped.push(("clipped:section".to_owned(), Counts { sections: 1, ..Counts::default() }));
            }
        }
    }
    kept
}

fn packed(scan: &crate::model::Scan) -> Result<Vec<u8>, String> {
    let json = serde_json::to_vec(scan).map_err(|error| error.to_string())?;
    zstd::bulk::compress(&json, 1).map_err(|error| error.to_string())
}

fn process(top: &v1::ProcessTop) -> ProcessTop {
    ProcessTop {
        pid: top.pid,
        name: text(&top.name, NAME_BYTES_MAX),
        memory_bytes: top.memory_bytes,
        cpu_utilization: if top.cpu_utilization.is_finite() { top.cpu_utilization.clamp(0.0, 4_096.0) } else { 0.0 },
    }
}

fn event(event: &v1::Event, report: &v1::Report, at_ms: i64) -> HostEvent {
    let kind = match event.kind() {
        v1::EventKind::AgentStarted => "agent_started",
        v1::EventKind::SpoolDamaged => "spool_damaged",
        v1::EventKind::SectionFailed => "section_failed",
        v1::EventKind::ClockStepped => "clock_stepped",
        v1::EventKind::OomKill => "oom_kill",
        v1::EventKind::Unspecified => "unknown",
    };
    let before_ms = report.boottime_ms.saturating_sub(event.boottime_ms).min(AGE_MS_MAX as u64) as i64;
    HostEvent {
        kind: kind.to_owned(),
        object: text(&event.object, OBJECT_BYTES_MAX),
        detail: text(&event.detail, DETAIL_BYTES_MAX),
        at: Timestamp::from_millisecond(at_ms - before_ms).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

fn json_list<T: serde::Serialize>(items: impl Iterator<Item = T>) -> Option<String> {
    let items: Vec<T> = items.collect();
    if items.is_empty() { None } else { serde_json::to_string(&items).ok() }
}

/// Text of a machine: no control characters, cut at a character before the bound.
pub fn text(text: &str, bytes_max: usize) -> String {
    let mut clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.len() > bytes_max {
        clean.truncate(clean.floor_char_boundary(bytes_max));
    }
    clean
}

fn claim(ledger: Option<&v1::Ledger>) -> Claim {
    let Some(ledger) = ledger else { return Claim::default() };
    Claim {
        collected: counts(ledger.collected.as_ref()),
        spooled: counts(ledger.spooled.as_ref()),
        dropped: ledger.dropped.iter().take(DROPPED_MAX).map(dropped).collect(),
        oldest_sequence: ledger.oldest_sequence.min(SEQUENCE_MAX),
        last_sequence: ledger.last_sequence.min(SEQUENCE_MAX),
    }
}

fn dropped(line: &v1::Dropped) -> DroppedView {
    DroppedView { reason: reason(line.reason()).to_owned(), counts: counts(line.counts.as_ref()) }
}

/// The word of a reason on the wire.
pub fn reason(reason: v1::DropReason) -> &'static str {
    match reason {
        v1::DropReason::Thinned => "thinned",
        v1::DropReason::Cap => "cap",
        v1::DropReason::Damaged => "damaged",
        v1::DropReason::DiskFull => "disk_full",
        v1::DropReason::Refused => "refused",
        v1::DropReason::Unspecified => "unknown",
    }
}

/// Counts within what a store of 64-bit signed numbers can add up.
fn counts(counts: Option<&v1::Counts>) -> Counts {
    let counts = counts.copied().unwrap_or_default();
    Counts {
        reports: counts.reports.min(SEQUENCE_MAX),
        samples: counts.samples.min(SEQUENCE_MAX),
        sections: counts.sections.min(SEQUENCE_MAX),
        events: counts.events.min(SEQUENCE_MAX),
    }
}

/// Types a dictionary; the digest must be that of its content.
pub fn dictionary(wire: &v1::Dictionary) -> Result<Vec<(u32, String)>, &'static str> {
    if wire.series.len() > block::SERIES_MAX {
        return Err("too_many_series");
    }
    if wire
        .series
        .iter()
        .any(|series| series.object.len() > OBJECT_BYTES_MAX || series.object.chars().any(char::is_control))
    {
        return Err("malformed_series");
    }
    let digest = block::dictionary_digest(wire.series.iter().map(|series| (series.metric, series.object.as_str())));
    if digest != wire.digest {
        return Err("wrong_digest");
    }
    Ok(wire.series.iter().map(|series| (series.metric, series.object.clone())).collect())
}
