//! Processors: time by mode, utilization, load and number; and the counts of processes that come from the same source.

use super::{Readings, Sampler, ratio};
use crate::platform::{CPU_MODES, CpuFigures, CpuReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// Remembers the last figures for the utilization.
#[derive(Default)]
pub(super) struct Cpu {
    reader: CpuReader,
    last: CpuFigures,
}

impl Sampler for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let figures = self.reader.read()?;
        out.declare(Metric::CpuUtilization, "");
        if elapsed.is_some() {
            out.push(Metric::CpuUtilization, "", utilization(&self.last, &figures));
        }
        for (mode, seconds) in CPU_MODES.into_iter().zip(figures.mode_seconds) {
            out.push(Metric::CpuTime, mode, seconds);
        }
        let [load_1m, load_5m, load_15m] = figures.load;
        out.push(Metric::CpuLoad1m, "", load_1m);
        out.push(Metric::CpuLoad5m, "", load_5m);
        out.push(Metric::CpuLoad15m, "", load_15m);
        out.push(Metric::CpuLogicalCount, "", f64::from(figures.logical_count));
        out.push(Metric::ProcessCreated, "", figures.processes_created as f64);
        out.push(Metric::ProcessBlocked, "", figures.processes_blocked as f64);
        self.last = figures;
        Ok(())
    }
}

/// The busy share of all time between two readings. Waiting for a disk and time taken by the hypervisor are not busy.
fn utilization(last: &CpuFigures, now: &CpuFigures) -> f64 {
    let (mut busy, mut all) = (0.0, 0.0);
    for (index, mode) in CPU_MODES.into_iter().enumerate() {
        // Some modes step back a little on some kernels.
        let spent = (now.mode_seconds[index] - last.mode_seconds[index]).max(0.0);
        all += spent;
        if !matches!(mode, "idle" | "iowait" | "steal") {
            busy += spent;
        }
    }
    ratio(busy, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(mode_seconds: [f64; 7]) -> CpuFigures {
        CpuFigures { mode_seconds, ..CpuFigures::default() }
    }

    #[test]
    fn idle_iowait_and_steal_are_not_busy() {
        let last = figures([10.0; 7]);
        let now = figures([11.0, 10.5, 10.25, 15.0, 12.0, 10.25, 11.0]);
        assert_eq!(utilization(&last, &now).to_string(), "0.2");
    }

    #[test]
    fn a_mode_that_steps_back_counts_as_no_time() {
        let last = figures([10.0, 0.0, 0.0, 50.0, 5.0, 0.0, 0.0]);
        let now = figures([11.0, 0.0, 0.0, 51.0, 4.0, 0.0, 0.0]);
        assert_eq!(utilization(&last, &now).to_string(), "0.5");
    }

    #[test]
    fn no_time_between_is_no_utilization() {
        assert!(utilization(&figures([1.0; 7]), &figures([1.0; 7])).is_nan());
    }
}
