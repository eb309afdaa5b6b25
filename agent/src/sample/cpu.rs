//! Processor time by mode, utilization, load, and the number of logical processors; also processes started and
//! blocked, which stand in the same file.

use super::parse::{decimal, hundredth, lines, number, share, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// Ticks a second in `/proc/stat`; fixed on all that Linux runs on today.
const TICKS_PER_S: f64 = 100.0;
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "wait", "interrupt", "softirq", "steal"];

/// The sampler.
pub struct Cpu {
    stat: HotFile,
    load: HotFile,
    last: Option<[u64; 8]>,
}

/// What `/proc/stat` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stat {
    modes: [u64; 8],
    processors: u64,
    created: Option<u64>,
    blocked: Option<u64>,
}

impl Cpu {
    /// Reads `/proc`.
    pub fn new() -> Self {
        Self { stat: HotFile::new("/proc/stat"), load: HotFile::new("/proc/loadavg"), last: None }
    }
}

impl Sampler for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let stat = parse(self.stat.read()?);
        let used = self.last.replace(stat.modes).and_then(|last| utilization(&last, &stat.modes));
        out.push(Metric::CpuUtilization, "", used.unwrap_or(f64::NAN));
        for (mode, ticks) in MODES.iter().zip(stat.modes) {
            out.push(Metric::CpuTime, mode, hundredth(ticks as f64 / TICKS_PER_S));
        }
        out.push(Metric::CpuLogicalCount, "", stat.processors as f64);
        for (metric, value) in [(Metric::ProcessCreated, stat.created), (Metric::ProcessBlocked, stat.blocked)] {
            out.push(metric, "", value.map_or(f64::NAN, |value| value as f64));
        }
        let loads = words(self.load.read()?).map(decimal);
        for (metric, load) in [Metric::CpuLoad1m, Metric::CpuLoad5m, Metric::CpuLoad15m].into_iter().zip(loads) {
            out.push(metric, "", load.unwrap_or(f64::NAN));
        }
        Ok(())
    }
}

fn parse(text: &[u8]) -> Stat {
    let mut stat = Stat::default();
    for line in lines(text) {
        let mut words = words(line);
        match words.next() {
            Some(b"cpu") => {
                for (mode, word) in stat.modes.iter_mut().zip(words) {
                    *mode = number(word).unwrap_or(0);
                }
            }
            Some(b"processes") => stat.created = words.next().and_then(number),
            Some(b"procs_blocked") => stat.blocked = words.next().and_then(number),
            Some(name) if name.starts_with(b"cpu") => stat.processors += 1,
            _ => {}
        }
    }
    stat
}

/// The share that was neither idle nor waiting for a disk; none when no time passed or a counter went back.
fn utilization(last: &[u64; 8], now: &[u64; 8]) -> Option<f64> {
    let passed: Vec<u64> = last.iter().zip(now).map(|(last, now)| now.checked_sub(*last)).collect::<Option<_>>()?;
    let all: u64 = passed.iter().sum();
    let idle = passed[3] + passed[4];
    (all > 0).then(|| share((all - idle) as f64, all as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_counts_steal_as_busy_and_waiting_as_idle() {
        let stat = parse(b"cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nprocesses 99\nprocs_blocked 2\n");
        assert_eq!((stat.processors, stat.created, stat.blocked), (2, Some(99), Some(2)));
        let later = [20, 0, 20, 100, 20, 0, 0, 40];
        assert_eq!(utilization(&stat.modes, &later), Some(0.6));
    }

    #[test]
    fn a_counter_that_went_back_gives_no_share() {
        assert_eq!(utilization(&[5; 8], &[4; 8]), None);
        assert_eq!(utilization(&[5; 8], &[5; 8]), None);
        assert_eq!(parse(b"cpu nonsense\n\xff\xfe"), Stat::default());
    }
}
