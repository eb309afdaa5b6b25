//! Memory by state.

use super::parse::{lines, number, share, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// The sampler.
pub struct Memory {
    meminfo: HotFile,
}

/// `/proc/meminfo`, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Meminfo {
    total: u64,
    free: u64,
    available: u64,
    buffers: u64,
    cached: u64,
    reclaimable: u64,
    committed: u64,
    swap_total: u64,
    swap_free: u64,
}

impl Memory {
    /// Reads `/proc/meminfo`.
    pub fn new() -> Self {
        Self { meminfo: HotFile::new("/proc/meminfo") }
    }
}

impl Sampler for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let info = parse(self.meminfo.read()?);
        let cached = info.cached + info.reclaimable;
        let used = info.total.saturating_sub(info.free + info.buffers + cached);
        for (state, bytes) in [("used", used), ("free", info.free), ("cached", cached), ("buffers", info.buffers)] {
            out.push(Metric::MemoryUsage, state, bytes as f64);
        }
        out.push(Metric::MemoryLimit, "", info.total as f64);
        out.push(Metric::MemoryAvailable, "", info.available as f64);
        let taken = info.total.saturating_sub(info.available);
        out.push(Metric::MemoryUtilization, "", share(taken as f64, info.total as f64));
        out.push(Metric::MemoryCommitted, "", info.committed as f64);
        let swapped = info.swap_total.saturating_sub(info.swap_free);
        if info.swap_total > 0 {
            out.push(Metric::PagingUsage, "", swapped as f64);
            out.push(Metric::PagingUtilization, "", share(swapped as f64, info.swap_total as f64));
        }
        Ok(())
    }
}

fn parse(text: &[u8]) -> Meminfo {
    let mut info = Meminfo::default();
    for line in lines(text) {
        let mut words = words(line);
        let Some(name) = words.next() else { continue };
        let field = match name {
            b"MemTotal:" => &mut info.total,
            b"MemFree:" => &mut info.free,
            b"MemAvailable:" => &mut info.available,
            b"Buffers:" => &mut info.buffers,
            b"Cached:" => &mut info.cached,
            b"SReclaimable:" => &mut info.reclaimable,
            b"Committed_AS:" => &mut info.committed,
            b"SwapTotal:" => &mut info.swap_total,
            b"SwapFree:" => &mut info.swap_free,
            _ => continue,
        };
        *field = words.next().and_then(number).unwrap_or(0).saturating_mul(1024);
    }
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_bytes_and_unknown_ones_are_passed_over() {
        let info = parse(b"MemTotal:  100 kB\nMemFree: 10 kB\nNew_Thing: 7 kB\nMemAvailable:   40 kB\nSwapTotal: x kB\n");
        assert_eq!((info.total, info.free, info.available, info.swap_total), (102_400, 10_240, 40_960, 0));
    }
}
