//! What the agent itself costs.

use super::parse::thousandth;
use super::{Readings, Sampler};
use crate::platform::self_usage;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// The sampler.
pub struct Own;

impl Own {
    /// Reads our own usage.
    pub fn new() -> Self {
        Self
    }
}

impl Sampler for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let (cpu_s, resident_bytes) = self_usage();
        out.push(Metric::AgentCpuTime, "", thousandth(cpu_s));
        out.push(Metric::AgentMemory, "", resident_bytes as f64);
        Ok(())
    }
}
