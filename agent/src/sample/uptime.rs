//! Time since start, sleep counted.

use super::{Readings, Sampler};
use crate::platform::boottime_ms;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

pub(super) struct Uptime;

impl Sampler for Uptime {
    fn name(&self) -> &'static str {
        "uptime"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        out.push(Metric::Uptime, "", (boottime_ms() / 10) as f64 / 100.0);
        Ok(())
    }
}
