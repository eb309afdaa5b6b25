//! The agent's state as one small file, for `wacht-agent status` and for scripts. Written by the crank, believed by
//! nobody but people.

use super::dropped_text;
use crate::clock::Clock;
use crate::spool::REASONS;
use crate::transport::Link;
use crate::transport::identity::{Enrolment, State};
use serde::{Deserialize, Serialize};
use std::io;

const FILE: &str = "status.json";

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Status {
    /// Version of the agent that wrote it.
    pub agent_version: String,
    /// When it was written, Unix milliseconds by this machine's clock.
    pub written_unix_ms: i64,
    /// The collector's id of this host.
    pub host_id: String,
    /// Where reports go.
    pub collector: String,
    /// A stream is open.
    pub connected: bool,
    /// Why not; empty while connected.
    pub trouble: String,
    /// Seconds since the last acknowledgement; absent before the first of this process.
    pub last_ack_age_s: Option<u64>,
    /// This machine's clock minus the collector's, milliseconds; absent before the first word.
    pub clock_skew_ms: Option<i64>,
    /// End of the certificate, Unix seconds.
    pub certificate_not_after_unix_s: i64,
    /// Bytes of the spool.
    pub spool_bytes: u64,
    /// Reports since the spool's life began.
    pub reports_collected: u64,
    /// Of these, not yet acknowledged.
    pub reports_spooled: u64,
    /// Of these, given up, with the reason.
    pub reports_dropped: Vec<String>,
}

impl Status {
    /// The state now.
    pub fn of(link: &Link, clock: Clock, enrolment: &Enrolment) -> Status {
        let (state, spool) = (link.state.borrow(), link.spool.borrow());
        let (boottime_ms, wall_unix_ms) = ((clock.boottime_ms)(), (clock.wall_unix_ms)());
        let ledger = spool.ledger();
        let collector_now =
            state.collector_unix_ms.saturating_add_unsigned(boottime_ms.saturating_sub(state.heard_boottime_ms));
        Status {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            written_unix_ms: wall_unix_ms,
            host_id: enrolment.host_id.clone(),
            collector: enrolment.grpc.clone(),
            connected: state.is_connected,
            trouble: state.trouble.clone(),
            last_ack_age_s: (state.acked_boottime_ms > 0)
                .then(|| boottime_ms.saturating_sub(state.acked_boottime_ms) / 1_000),
            clock_skew_ms: (state.collector_unix_ms > 0).then(|| wall_unix_ms.saturating_sub(collector_now)),
            certificate_not_after_unix_s: state.certificate_not_after_unix_s,
            spool_bytes: spool.bytes(),
            reports_collected: ledger.collected.reports,
            reports_spooled: ledger.spooled.reports,
            reports_dropped: REASONS
                .into_iter()
                .filter_map(|reason| dropped_text(ledger.dropped.of(reason), reason))
                .collect(),
        }
    }

    /// Replaces the file, without waiting for the disk.
    pub fn store(&self, state: &State) -> io::Result<()> {
        let temporary = state.file("status.partial");
        std::fs::write(&temporary, serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        std::fs::rename(temporary, state.file(FILE))
    }

    /// Reads the file.
    pub fn load(state: &State) -> io::Result<Status> {
        serde_json::from_slice(&std::fs::read(state.file(FILE))?).map_err(io::Error::other)
    }

    /// The state in one line.
    pub fn sentence(&self) -> String {
        let spooled = self.reports_spooled;
        match (self.connected, self.trouble.as_str()) {
            (true, _) => format!("connected to {}, {spooled} reports wait", self.collector),
            (false, "") => format!("connecting to {}, {spooled} reports wait", self.collector),
            (false, trouble) => format!("not connected, {spooled} reports wait: {trouble}"),
        }
    }
}
