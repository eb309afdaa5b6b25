//! Pages moved to and from swap, page faults, and processes ended for lack of memory.

use super::parse::{lines, number, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// The sampler.
pub struct Paging {
    vmstat: HotFile,
}

impl Paging {
    /// Reads `/proc/vmstat`.
    pub fn new() -> Self {
        Self { vmstat: HotFile::new("/proc/vmstat") }
    }
}

impl Sampler for Paging {
    fn name(&self) -> &'static str {
        "paging"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let (mut faults, mut major) = (None, None);
        for line in lines(self.vmstat.read()?) {
            let mut words = words(line);
            let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) else { continue };
            match name {
                b"pswpin" => out.push(Metric::PagingOperations, "in", value as f64),
                b"pswpout" => out.push(Metric::PagingOperations, "out", value as f64),
                b"pgfault" => faults = Some(value),
                b"pgmajfault" => major = Some(value),
                b"oom_kill" => out.push(Metric::OomKills, "", value as f64),
                _ => {}
            }
        }
        if let (Some(faults), Some(major)) = (faults, major) {
            out.push(Metric::PagingFaults, "minor", faults.saturating_sub(major) as f64);
            out.push(Metric::PagingFaults, "major", major as f64);
        }
        Ok(())
    }
}
