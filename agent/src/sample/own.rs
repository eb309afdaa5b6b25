//! What the agent itself costs the machine. The spool's share is pushed by the core, which owns the spool.

use super::{Readings, Sampler, rounded};
use crate::platform::OwnReader;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

#[derive(Default)]
pub(super) struct Own {
    reader: OwnReader,
}

impl Sampler for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let (cpu_seconds, resident_bytes) = self.reader.read()?;
        out.push(Metric::AgentCpuTime, "", rounded(cpu_seconds, 1e3));
        out.push(Metric::AgentMemory, "", resident_bytes as f64);
        Ok(())
    }
}
