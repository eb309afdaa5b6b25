//! Builds one report: values, changed sections, events, evidence. Plain code over what the samplers and the inventory
//! read; it knows neither the spool nor the wire's other end.

use crate::sample::{Readings, TopProcess};
use prost::Message;
use std::collections::{BTreeMap, VecDeque};
use wacht_proto::block;
use wacht_proto::catalog::Metric;
use wacht_proto::v1::{self, Event, EventKind, Presence, Report, Section, SectionBody, SectionKind};

const EVENTS_MAX: usize = 256;
const DETAIL_BYTES_MAX: usize = 1_024;
const PROCESSES_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 64;
/// Sections of one report together; what does not fit goes with the next.
const SECTION_BYTES_MAX: usize = 900 << 10;
/// The process table is evidence for load; without load a sample of it now and then is enough.
const PROCESSES_EVERY: u64 = 5;
const CPU_BUSY: f64 = 0.8;
const MEMORY_BUSY: f64 = 0.85;
const ZSTD_LEVEL: i32 = 6;

/// Digests of the sections that the collector has or will have.
pub type Digests = BTreeMap<i32, u64>;

/// What goes into reports beside values, and has not gone yet.
#[derive(Default)]
pub struct Pending {
    sections: VecDeque<Section>,
    events: VecDeque<Event>,
}

impl Pending {
    /// Takes a finished inventory in: what differs from `known` is to be sent. A newer section replaces a waiting one.
    pub fn take_inventory(&mut self, inventory: Vec<(SectionKind, SectionBody)>, known: &Digests, boottime_ms: u64) {
        for (kind, body) in inventory {
            let body = body.encode_to_vec();
            let digest = block::content_digest(&body);
            self.sections.retain(|waiting| waiting.kind != kind as i32);
            if known.get(&(kind as i32)) == Some(&digest) {
                continue;
            }
            match zstd::bulk::compress(&body, ZSTD_LEVEL) {
                Ok(body_zstd) if body_zstd.len() <= SECTION_BYTES_MAX => {
                    self.sections.push_back(Section { kind: kind as i32, digest, body_zstd });
                }
                _ => self.event(EventKind::SectionFailed, kind.as_str_name(), "too large to send", boottime_ms),
            }
        }
    }

    /// Adds an event; beyond the bound the oldest goes.
    pub fn event(&mut self, kind: EventKind, object: &str, detail: &str, boottime_ms: u64) {
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        let (object, detail) = (clip(object, 256), clip(detail, DETAIL_BYTES_MAX));
        self.events.push_back(Event { kind: kind as i32, boottime_ms, object, detail });
    }

    fn fill(&mut self, report: &mut Report) {
        let mut room = SECTION_BYTES_MAX;
        while let Some(section) = self.sections.pop_front_if(|section| section.body_zstd.len() <= room) {
            room -= section.body_zstd.len();
            report.sections.push(section);
        }
        report.events = self.events.drain(..).collect();
    }
}

/// What is true of every report of this process.
#[derive(Clone, Copy)]
pub struct Origin {
    /// The spool's life.
    pub incarnation: u128,
    /// The kernel's boot.
    pub boot: u128,
}

/// The moment and rhythm of one report.
#[derive(Clone, Copy)]
pub struct Moment {
    /// The sequence that the spool will give.
    pub sequence: u64,
    /// Boot-time clock.
    pub boottime_ms: u64,
    /// The claimed time.
    pub wall_unix_ms: i64,
    /// Seconds between reports now.
    pub interval_s: u64,
    /// A goodbye, or none.
    pub presence: Presence,
}

/// Puts a report together. Without `readings` it is a heartbeat with whatever is pending.
pub fn build(
    origin: Origin,
    moment: Moment,
    readings: Option<&Readings>,
    top: Vec<TopProcess>,
    pending: &mut Pending,
) -> Report {
    let id = |value: u128| v1::Id128 { high: (value >> 64) as u64, low: value as u64 };
    let mut report = Report {
        incarnation: Some(id(origin.incarnation)),
        sequence: moment.sequence,
        boot: Some(id(origin.boot)),
        boottime_ms: moment.boottime_ms,
        wall_unix_ms: moment.wall_unix_ms,
        presence: moment.presence as i32,
        interval_s: moment.interval_s,
        ..Report::default()
    };
    if let Some(readings) = readings.filter(|readings| !readings.values().is_empty()) {
        report.dictionary = readings.digest();
        block::encode_whole(readings.values(), &mut report.block);
        report.processes = top.into_iter().take(PROCESSES_MAX).map(process).collect();
    }
    pending.fill(&mut report);
    report
}

/// The dictionary of the readings, for the spool and the wire.
pub fn dictionary(readings: &Readings) -> v1::Dictionary {
    let digest = readings.digest();
    let series =
        readings.series().map(|(metric, object)| v1::Series { metric: metric.number(), object: object.to_owned() });
    v1::Dictionary { digest, series: series.collect() }
}

/// Is the process table wanted with this cycle?
pub fn wants_processes(cycle: u64, readings: &Readings) -> bool {
    let busy = readings.series().zip(readings.values()).any(|((metric, _), value)| match metric {
        Metric::CpuUtilization => *value > CPU_BUSY,
        Metric::MemoryUtilization => *value > MEMORY_BUSY,
        _ => false,
    });
    busy || cycle.is_multiple_of(PROCESSES_EVERY)
}

fn process(top: TopProcess) -> v1::ProcessTop {
    let name = clip(&top.name, NAME_BYTES_MAX);
    v1::ProcessTop { pid: top.pid, name, memory_bytes: top.memory_bytes, cpu_utilization: top.cpu_utilization }
}

fn clip(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::{SystemSection, section_body};

    fn section(hostname: &str) -> (SectionKind, SectionBody) {
        let system = SystemSection { hostname: hostname.to_owned(), ..Default::default() };
        (
            SectionKind::System,
            SectionBody { kind: Some(section_body::Kind::System(system)), notes: Vec::new(), ..Default::default() },
        )
    }

    fn moment() -> Moment {
        Moment { sequence: 3, boottime_ms: 5, wall_unix_ms: 7, interval_s: 60, presence: Presence::Unspecified }
    }

    fn heartbeat(pending: &mut Pending) -> Report {
        build(Origin { incarnation: 1, boot: 2 }, moment(), None, Vec::new(), pending)
    }

    #[test]
    fn a_section_goes_once_and_again_when_it_changes() {
        let (mut pending, mut known) = (Pending::default(), Digests::new());
        pending.take_inventory(vec![section("a")], &known, 0);
        let report = heartbeat(&mut pending);
        let body = zstd::bulk::decompress(&report.sections[0].body_zstd, 1 << 16).unwrap();
        assert_eq!((block::content_digest(&body), body), (report.sections[0].digest, section("a").1.encode_to_vec()));
        known.insert(report.sections[0].kind, report.sections[0].digest);
        pending.take_inventory(vec![section("a")], &known, 0);
        assert!(heartbeat(&mut pending).sections.is_empty());
        pending.take_inventory(vec![section("b")], &known, 0);
        pending.take_inventory(vec![section("c")], &known, 0);
        assert_eq!(heartbeat(&mut pending).sections.len(), 1, "the newer replaces the waiting one");
    }

    #[test]
    fn what_does_not_fit_waits_for_the_next_report() {
        let mut pending = Pending::default();
        for kind in 1..=3 {
            pending.sections.push_back(Section { kind, digest: 1, body_zstd: vec![0; 500 << 10] });
        }
        assert_eq!([0, 1, 2].map(|_| heartbeat(&mut pending).sections.len()), [1, 1, 1]);
    }

    #[test]
    fn a_heartbeat_has_no_block_and_events_are_bounded_and_clipped() {
        let mut pending = Pending::default();
        (0..300).for_each(|n| pending.event(EventKind::SectionFailed, "x", &"é".repeat(600), n));
        let report = heartbeat(&mut pending);
        assert_eq!((report.dictionary, report.events.len(), report.events[0].boottime_ms), (0, 256, 44));
        assert!(report.events[0].detail.len() <= DETAIL_BYTES_MAX);
    }

    #[test]
    fn the_process_table_comes_now_and_then_and_with_load() {
        let mut readings = Readings::new();
        readings.begin();
        readings.push(Metric::CpuUtilization, "", 0.1);
        assert_eq!([0, 1, 5].map(|cycle| wants_processes(cycle, &readings)), [true, false, true]);
        readings.begin();
        readings.push(Metric::CpuUtilization, "", 0.9);
        assert!(wants_processes(1, &readings));
        let report =
            build(Origin { incarnation: 1, boot: 2 }, moment(), Some(&readings), Vec::new(), &mut Pending::default());
        assert_eq!(report.dictionary, dictionary(&readings).digest);
        assert_eq!(block::decode_whole(&report.block).unwrap(), [0.9]);
    }
}
