//! A report as the pipeline sees it: read from history, typed, dated by the collector.

use super::{CustomerId, GoodbyeReason, HostId, Scan};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One reading of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Metric name as in the catalogue.
    pub metric: &'static str,
    /// Mount point, device, mode; empty where the metric has one series a host.
    pub object: Arc<str>,
    /// Never NaN, never infinite.
    pub value: f64,
}

/// A committed report.
#[derive(Clone, Debug)]
pub struct StoredReport {
    /// Position in history: the pipeline's cursor moves over it.
    pub row: i64,
    /// From the certificate.
    pub host: HostId,
    /// From the certificate.
    pub customer: CustomerId,
    /// 32 hex digits.
    pub incarnation: String,
    /// Within the incarnation.
    pub sequence: u64,
    /// When it was collected, by the collector's clock.
    pub at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The agent's wall clock minus ours, in seconds.
    pub skew_s: f64,
    /// The agent's interval.
    pub interval_s: u32,
    /// Readings.
    pub samples: Vec<Sample>,
    /// Inventory sections that changed.
    pub scans: Vec<Scan>,
    /// The biggest processes.
    pub processes: Vec<ProcessTop>,
    /// Facts at a moment.
    pub events: Vec<HostEvent>,
    /// A goodbye, with the seconds until the expected return (0 = unknown).
    pub goodbye: Option<(GoodbyeReason, u64)>,
}

/// One of the biggest processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessTop {
    /// Process id.
    pub pid: u32,
    /// Name of the executable.
    pub name: String,
    /// Resident bytes.
    pub memory_bytes: u64,
    /// 0..cores.
    pub cpu_utilization: f64,
}

/// A fact at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostEvent {
    /// `agent_started`, `spool_damaged`, `section_failed`, `clock_stepped`, `oom_kill`.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// More.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}
