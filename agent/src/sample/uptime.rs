//! How long the machine runs, sleep counted.

use super::{Readings, Sampler};
use crate::platform::boottime_ms;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// The sampler.
pub struct Uptime;

impl Uptime {
    /// Reads the boot-time clock.
    pub fn new() -> Self {
        Self
    }
}

impl Sampler for Uptime {
    fn name(&self) -> &'static str {
        "uptime"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        out.push(Metric::Uptime, "", (boottime_ms() as f64 / 1e3).round());
        Ok(())
    }
}
