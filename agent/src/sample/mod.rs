//! Fast numbers: the samplers, the registry that names them all, and the schedule that runs them once a cycle.
//! Samplers know metrics and what is made of two readings; they know no kernel file, no report and no spool.

mod cpu;
mod disk;
mod filesystem;
mod memory;
mod network;
mod own;
mod paging;
mod pressure;
mod process;
mod readings;
mod uptime;

pub use readings::Readings;

use std::time::Duration;

/// One subject's numbers.
pub trait Sampler: Send {
    /// Its name in logs and failures.
    fn name(&self) -> &'static str;

    /// Reads now and pushes into `out`. `elapsed` is the time since its last call by the boot-time clock; `None` at
    /// the first call and after one that failed, when no difference can be made. Errors are the operating system's.
    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> std::io::Result<()>;

    /// The processes that stood out in the last call; only the process sampler knows any.
    fn top_processes(&self) -> Vec<TopProcess> {
        Vec::new()
    }
}

/// THE registry: a new sampler is a file beside this one and a line here. Those whose series can be many come last, so
/// that a flood of them never crowds out the rest.
fn registry() -> Vec<Box<dyn Sampler>> {
    vec![
        Box::new(cpu::Cpu::default()),
        Box::new(memory::Memory::default()),
        Box::new(paging::Paging::default()),
        Box::new(uptime::Uptime),
        Box::new(process::Process::default()),
        Box::new(pressure::Pressure::default()),
        Box::new(own::Own::default()),
        Box::new(filesystem::Filesystem::default()),
        Box::new(disk::Disk::default()),
        Box::new(network::Network::default()),
    ]
}

/// A sampler that could not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The sampler's name.
    pub sampler: &'static str,
    /// What the operating system said.
    pub error: String,
}

/// A process that stands out by processor time or memory: evidence for load, never history.
#[derive(Clone, Debug, PartialEq)]
pub struct TopProcess {
    /// Process id.
    pub pid: u32,
    /// Short name of the executable, at most 64 bytes, without control characters; never its command line.
    pub name: String,
    /// Resident bytes.
    pub memory_bytes: u64,
    /// Processors' worth of time since the last cycle: 0 to the number of processors.
    pub cpu_utilization: f64,
}

/// All samplers, in registry order, with the time of their last call.
pub struct Schedule {
    slots: Vec<Slot>,
}

struct Slot {
    sampler: Box<dyn Sampler>,
    last_ms: Option<u64>,
}

impl Schedule {
    /// The samplers of this machine; nothing is read yet.
    pub fn new() -> Self {
        Self::with(registry())
    }

    /// Begins `out` anew and runs every sampler; one that fails never stops the others. `boottime_ms` is the boot-time
    /// clock now. What the caller adds itself it pushes after this.
    pub fn cycle(&mut self, boottime_ms: u64, out: &mut Readings) -> Vec<Failure> {
        out.begin();
        let failures = self.slots.iter_mut().filter_map(|slot| slot.run(boottime_ms, out));
        failures.collect()
    }

    /// At most five processes by processor time and five by memory, merged, from the last cycle.
    pub fn top_processes(&mut self) -> Vec<TopProcess> {
        self.slots.iter().flat_map(|slot| slot.sampler.top_processes()).collect()
    }

    fn with(samplers: Vec<Box<dyn Sampler>>) -> Self {
        let slot = |sampler| Slot { sampler, last_ms: None };
        Schedule { slots: samplers.into_iter().map(slot).collect() }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new()
    }
}

impl Slot {
    fn run(&mut self, now_ms: u64, out: &mut Readings) -> Option<Failure> {
        let elapsed_ms = self.last_ms.and_then(|last| now_ms.checked_sub(last));
        let outcome = self.sampler.sample(elapsed_ms.map(Duration::from_millis), out);
        self.last_ms = outcome.is_ok().then_some(now_ms);
        let error = outcome.err()?;
        Some(Failure { sampler: self.sampler.name(), error: error.to_string() })
    }
}

/// `value` to the nearest `1 / steps_per_unit`, so that it stays a short decimal on the wire.
fn rounded(value: f64, steps_per_unit: f64) -> f64 {
    (value * steps_per_unit).round() / steps_per_unit
}

/// `part` of `whole` as a ratio in steps of 1e-4; not finite when the whole is nothing.
fn ratio(part: f64, whole: f64) -> f64 {
    rounded((part / whole).clamp(0.0, 1.0), 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::catalog::{ENTRIES, Metric};

    fn values_of(readings: &Readings, metric: Metric) -> Vec<(String, f64)> {
        let series = readings.series().zip(readings.values());
        let of_metric = series.filter(|((found, _), value)| *found == metric && !value.is_nan());
        of_metric.map(|((_, object), value)| (object.to_owned(), *value)).collect()
    }

    fn object_value(readings: &Readings, metric: Metric, object: &str) -> Option<f64> {
        values_of(readings, metric).into_iter().find(|(found, _)| found == object).map(|(_, value)| value)
    }

    fn two_cycles() -> (Schedule, Readings, [u64; 2]) {
        let (mut schedule, mut readings) = (Schedule::new(), Readings::new());
        assert_eq!(schedule.cycle(crate::platform::boottime_ms(), &mut readings), []);
        let first = readings.digest();
        std::thread::sleep(Duration::from_millis(120));
        assert_eq!(schedule.cycle(crate::platform::boottime_ms(), &mut readings), []);
        let second = readings.digest();
        (schedule, readings, [first, second])
    }

    #[test]
    fn one_cycle_reads_this_machine() {
        let (mut schedule, mut readings) = (Schedule::new(), Readings::new());
        assert_eq!(schedule.cycle(crate::platform::boottime_ms(), &mut readings), []);
        assert!(object_value(&readings, Metric::CpuTime, "user").unwrap() > 0.0);
        assert!(object_value(&readings, Metric::MemoryLimit, "").unwrap() > 1e6);
        let root = object_value(&readings, Metric::FilesystemUtilization, "/").unwrap();
        assert!((0.0..=1.0).contains(&root));
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let expected: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        assert!((object_value(&readings, Metric::Uptime, "").unwrap() - expected).abs() < 1.0);
        assert_eq!(readings.refused(), 0);
    }

    #[test]
    fn two_cycles_keep_the_digest() {
        let (_, readings, digests) = two_cycles();
        assert_eq!(digests[0], digests[1]);
        assert!(object_value(&readings, Metric::CpuUtilization, "").is_some());
    }

    #[test]
    fn every_metric_of_the_catalogue_has_a_sampler() {
        let (_, readings, _) = two_cycles();
        // The core pushes the spool's; the kernel of a test machine may lack pressure, and its disks may be nowhere.
        let elsewhere = |metric: Metric| {
            metric == Metric::AgentSpoolUtilization
                || (matches!(metric, Metric::PressureSome | Metric::PressureFull)
                    && !std::path::Path::new("/proc/pressure").exists())
                || metric.name().starts_with("system.disk.")
                || metric.name().starts_with("system.network.")
        };
        for entry in ENTRIES.iter().filter(|entry| !elsewhere(entry.metric)) {
            assert!(readings.series().any(|(metric, _)| metric == entry.metric), "{} is never pushed", entry.name);
        }
    }

    #[test]
    fn a_process_that_appears_is_in_the_top_list() {
        let (mut schedule, mut readings) = (Schedule::new(), Readings::new());
        schedule.cycle(crate::platform::boottime_ms(), &mut readings);
        let mut child = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        schedule.cycle(crate::platform::boottime_ms(), &mut readings);
        let top = schedule.top_processes();
        child.kill().unwrap();
        child.wait().unwrap();
        let found = top.iter().find(|process| process.pid == child.id()).unwrap();
        assert!(found.cpu_utilization > 0.1 && found.memory_bytes > 0, "{found:?}");
        assert!(top.len() <= 10);
    }

    struct Scripted {
        outcomes: Vec<bool>,
        elapsed: std::sync::Arc<std::sync::Mutex<Vec<Option<Duration>>>>,
    }

    impl Sampler for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> std::io::Result<()> {
            self.elapsed.lock().unwrap().push(elapsed);
            if self.outcomes.remove(0) {
                out.push(Metric::Uptime, "", 1.0);
                Ok(())
            } else {
                Err(std::io::Error::other("no"))
            }
        }
    }

    #[test]
    fn one_failing_sampler_never_stops_the_others_and_starts_over() {
        let elapsed = std::sync::Arc::default();
        let failing = Scripted { outcomes: vec![true, false, true, true], elapsed: std::sync::Arc::clone(&elapsed) };
        let working = Scripted { outcomes: vec![true; 4], elapsed: std::sync::Arc::default() };
        let mut schedule = Schedule::with(vec![Box::new(failing), Box::new(working)]);
        let mut readings = Readings::new();
        assert_eq!(schedule.cycle(1_000, &mut readings), []);
        let failure = Failure { sampler: "scripted", error: "no".to_owned() };
        assert_eq!(schedule.cycle(2_000, &mut readings), [failure]);
        assert_eq!(readings.filled(), 1);
        schedule.cycle(3_000, &mut readings);
        schedule.cycle(4_500, &mut readings);
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        assert_eq!(*elapsed.lock().unwrap(), [None, seconds(1.0), None, seconds(1.5)]);
    }

    #[test]
    fn a_ratio_has_four_places_and_stays_within_its_bounds() {
        assert_eq!(ratio(1.0, 3.0).to_string(), "0.3333");
        assert_eq!(ratio(5.0, 3.0).to_string(), "1");
        assert!(ratio(0.0, 0.0).is_nan());
    }
}
