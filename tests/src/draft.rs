//! Reports built by hand for the wire-level agent: honest ones in one line, and every part open to be spoiled.

use crate::wire::{Refusal, Stream, WireAgent};
use prost::Message as _;
use wacht_proto::v1::agent_message::Kind;
use wacht_proto::{block, v1};

/// Number of `system.cpu.utilization`.
pub const CPU: u32 = 1;
/// Number of `system.filesystem.utilization`.
pub const FILESYSTEM: u32 = 32;
/// Number of `system.uptime`.
pub const UPTIME: u32 = 60;

/// A report before it goes, with the dictionary that it names.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The report.
    pub report: v1::Report,
    /// Its dictionary.
    pub dictionary: v1::Dictionary,
}

impl WireAgent {
    /// The next report over these series; the ledger counts it.
    pub fn draft(&mut self, series: &[(u32, &str, f64)]) -> Draft {
        self.sequence += 1;
        let values: Vec<f64> = series.iter().map(|(_, _, value)| *value).collect();
        self.collected.reports += 1;
        self.collected.samples += values.iter().filter(|value| !value.is_nan()).count() as u64;
        let mut encoded = Vec::new();
        block::encode_whole(&values, &mut encoded);
        let digest = block::dictionary_digest(series.iter().map(|(metric, object, _)| (*metric, *object)));
        let report = v1::Report {
            incarnation: Some(self.incarnation),
            sequence: self.sequence,
            boot: Some(self.boot),
            boottime_ms: self.boottime_ms(),
            wall_unix_ms: jiff::Timestamp::now().as_millisecond(),
            dictionary: digest,
            block: encoded,
            interval_s: 10,
            ..v1::Report::default()
        };
        let series =
            series.iter().map(|(metric, object, _)| v1::Series { metric: *metric, object: (*object).to_owned() });
        Draft { report, dictionary: v1::Dictionary { digest, series: series.collect() } }
    }

    /// An ordinary report of a machine in good health.
    pub fn good(&mut self) -> Draft {
        let uptime = self.boottime_ms() as f64 / 1_000.0;
        self.draft(&[(CPU, "", 0.1), (UPTIME, "", uptime.floor())])
    }

    /// The report as a delivery, with the present ledger.
    pub fn delivery(&self, report: &v1::Report) -> v1::Delivery {
        let ledger = v1::Ledger {
            collected: Some(self.collected),
            spooled: None,
            dropped: Vec::new(),
            oldest_sequence: report.sequence,
            last_sequence: self.sequence,
        };
        let report = report.encode_to_vec();
        v1::Delivery {
            boottime_ms: self.boottime_ms(),
            report,
            base_sequence: 0,
            block_delta: Vec::new(),
            ledger: Some(ledger),
            in_memory: false,
        }
    }

    /// Sends dictionary and report, and waits for the acknowledgement of its sequence.
    pub fn deliver(&self, stream: &mut Stream, draft: &Draft) -> Result<v1::Ack, Refusal> {
        stream.send(Kind::Dictionary(draft.dictionary.clone()))?;
        self.deliver_alone(stream, draft)
    }

    /// Sends the report without its dictionary.
    pub fn deliver_alone(&self, stream: &mut Stream, draft: &Draft) -> Result<v1::Ack, Refusal> {
        stream.send(Kind::Delivery(self.delivery(&draft.report)))?;
        for _ in 0..3 {
            let ack = stream.ack()?;
            // An answer that carries a policy alone may come in between.
            if ack.contiguous_sequence >= draft.report.sequence || ack.policy.is_none() {
                return Ok(ack);
            }
        }
        panic!("sequence {} was never acknowledged", draft.report.sequence)
    }
}

/// A section as it would stand in a report.
pub fn section(kind: v1::SectionKind, body: &v1::SectionBody) -> v1::Section {
    let bytes = body.encode_to_vec();
    let digest = block::content_digest(&bytes);
    v1::Section { kind: kind.into(), digest, body_zstd: zstd::bulk::compress(&bytes, 3).expect("it compresses") }
}
