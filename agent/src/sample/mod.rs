//! Sampling: fast numbers of this machine, one file a subject. A sampler reads and converts; when it runs, how long
//! it took and that its failure stops no other is decided here.

mod cpu;
mod disk;
mod filesystem;
mod memory;
mod mounts;
mod network;
mod own;
mod paging;
mod parse;
mod pressure;
mod process;
mod readings;
mod uptime;

pub use mounts::{Mount, mounts};
pub use process::TopProcess;
pub use readings::Readings;

use std::io;
use std::time::Duration;

/// One subject.
pub trait Sampler: Send {
    /// Its name, for failures.
    fn name(&self) -> &'static str;

    /// Reads now. `elapsed` is the time since its last reading by the boot-time clock; none at the first.
    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()>;
}

/// A sampler that could not read.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which.
    pub sampler: &'static str,
    /// Why.
    pub error: String,
}

/// Every sampler, in the order of the dictionary.
fn registry() -> Vec<Box<dyn Sampler>> {
    vec![
        Box::new(cpu::Cpu::new()),
        Box::new(memory::Memory::new()),
        Box::new(paging::Paging::new()),
        Box::new(filesystem::Filesystem::new()),
        Box::new(disk::Disk::new()),
        Box::new(network::Network::new()),
        Box::new(uptime::Uptime::new()),
        Box::new(pressure::Pressure::new()),
        Box::new(own::Own::new()),
    ]
}

/// Runs all samplers, cycle by cycle.
pub struct Schedule {
    samplers: Vec<Box<dyn Sampler>>,
    processes: process::Process,
    last_ms: Option<u64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule {
    /// The samplers of this machine.
    pub fn new() -> Self {
        Self { samplers: registry(), processes: process::Process::new(), last_ms: None }
    }

    /// Reads everything once; one that fails never stops the others.
    pub fn cycle(&mut self, boottime_ms: u64, out: &mut Readings) -> Vec<Failure> {
        let elapsed = self.last_ms.map(|last| Duration::from_millis(boottime_ms.saturating_sub(last)));
        self.last_ms = Some(boottime_ms);
        out.begin();
        let mut failures = Vec::new();
        let all = self.samplers.iter_mut().map(|sampler| &mut **sampler).chain([&mut self.processes as &mut dyn Sampler]);
        for sampler in all {
            if let Err(error) = sampler.sample(elapsed, out) {
                failures.push(Failure { sampler: sampler.name(), error: error.to_string() });
            }
        }
        failures
    }

    /// The biggest processes of the last cycle: at most five by processor and five by memory.
    pub fn top_processes(&mut self) -> Vec<TopProcess> {
        self.processes.top()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::boottime_ms;
    use wacht_proto::catalog::Metric;

    fn value(readings: &Readings, metric: Metric, object: &str) -> Option<f64> {
        readings.series().zip(readings.values()).find(|((m, o), _)| *m == metric && *o == object).map(|(_, value)| *value)
    }

    #[test]
    fn this_machine_yields_its_main_figures_and_keeps_its_dictionary() {
        let (mut schedule, mut readings) = (Schedule::new(), Readings::new());
        let failures = schedule.cycle(boottime_ms(), &mut readings);
        assert!(failures.is_empty(), "{failures:?}");
        std::thread::sleep(Duration::from_millis(60));
        schedule.cycle(boottime_ms(), &mut readings);
        let digest = readings.digest();
        for (metric, object) in
            [(Metric::CpuUtilization, ""), (Metric::MemoryLimit, ""), (Metric::FilesystemUtilization, "/"), (Metric::ProcessCount, "")]
        {
            assert!(value(&readings, metric, object).is_some_and(f64::is_finite), "{metric:?}");
        }
        let uptime = value(&readings, Metric::Uptime, "").unwrap();
        assert!((uptime - boottime_ms() as f64 / 1e3).abs() < 2.0, "{uptime}");
        std::thread::sleep(Duration::from_millis(60));
        schedule.cycle(boottime_ms(), &mut readings);
        assert_eq!(readings.digest(), digest);
        assert!(!schedule.top_processes().is_empty());
    }
}
