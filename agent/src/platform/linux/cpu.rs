//! Processors: `/proc/stat` and `/proc/loadavg`. The counts of processes stand in the same file and come with it, since
//! that file is the most expensive one to ask for twice.

use super::procfile::ProcFile;
use super::sys;
use super::text::{fields, hundredths, lines, number};
use crate::platform::CpuFigures;
use std::io;

/// Keeps both files open.
pub struct CpuReader {
    stat: ProcFile,
    loadavg: ProcFile,
    ticks_per_second: f64,
}

impl CpuReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        let ticks_per_second = sys::ticks_per_second() as f64;
        CpuReader { stat: ProcFile::new("/proc/stat"), loadavg: ProcFile::new("/proc/loadavg"), ticks_per_second }
    }

    /// The figures now. Errors when a file cannot be read or understood.
    pub fn read(&mut self) -> io::Result<CpuFigures> {
        let figures = parse_stat(self.stat.read()?, self.ticks_per_second);
        let mut figures = figures.ok_or_else(|| self.stat.invalid())?;
        let load = parse_loadavg(self.loadavg.read()?);
        figures.load = load.ok_or_else(|| self.loadavg.invalid())?;
        Ok(figures)
    }
}

impl Default for CpuReader {
    fn default() -> Self {
        Self::new()
    }
}

fn parse_stat(text: &[u8], ticks_per_second: f64) -> Option<CpuFigures> {
    let mut figures = CpuFigures::default();
    let mut found = false;
    for line in lines(text) {
        if let Some(ticks) = line.strip_prefix(b"cpu ") {
            figures.mode_seconds = parse_modes(ticks)?.map(|ticks| ticks as f64 / ticks_per_second);
            found = true;
        } else if line.starts_with(b"cpu") {
            figures.logical_count += 1;
        } else if let Some(created) = line.strip_prefix(b"processes ") {
            figures.processes_created = number(created)?;
        } else if let Some(blocked) = line.strip_prefix(b"procs_blocked ") {
            figures.processes_blocked = number(blocked)?;
        }
    }
    found.then_some(figures)
}

/// Ticks in the order of `CPU_MODES`. Guest time is part of user time in the file, so it is not added again.
fn parse_modes(line: &[u8]) -> Option<[u64; 7]> {
    let mut ticks = [0u64; 8];
    let mut parts = fields(line);
    for (index, slot) in ticks.iter_mut().enumerate() {
        match parts.next() {
            Some(field) => *slot = number(field)?,
            // Kernels of old have no steal time.
            None if index >= 4 => break,
            None => return None,
        }
    }
    let [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
    Some([user, nice, system, idle, iowait, irq.saturating_add(softirq), steal])
}

fn parse_loadavg(text: &[u8]) -> Option<[f64; 3]> {
    let mut load = [0.0; 3];
    let mut parts = fields(text);
    for average in &mut load {
        *average = hundredths(parts.next()?)? as f64 / 100.0;
    }
    Some(load)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &[u8] = b"cpu  1000 20 300 40000 50 6 7 80 900 0\n\
        cpu0 500 10 150 20000 25 3 3 40 450 0\ncpu1 500 10 150 20000 25 3 4 40 450 0\n\
        intr 99 1 2 3 0 0\nctxt 12345\nbtime 1700000000\nprocesses 4321\nprocs_running 2\nprocs_blocked 3\nsoftirq 1 2 3\n";

    #[test]
    fn time_by_mode_is_in_seconds_and_guest_time_is_not_counted_twice() {
        let figures = parse_stat(STAT, 100.0).unwrap();
        assert_eq!(figures.mode_seconds, [10.0, 0.2, 3.0, 400.0, 0.5, 0.13, 0.8]);
    }

    #[test]
    fn processors_and_processes_are_counted() {
        let figures = parse_stat(STAT, 100.0).unwrap();
        assert_eq!((figures.logical_count, figures.processes_created, figures.processes_blocked), (2, 4_321, 3));
    }

    #[test]
    fn a_kernel_without_steal_time_is_understood() {
        assert_eq!(parse_modes(b" 1 2 3 4"), Some([1, 2, 3, 4, 0, 0, 0]));
        assert_eq!(parse_modes(b" 1 2 3"), None);
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(parse_stat(b"", 100.0), None);
        assert_eq!(parse_stat(b"cpu  a b c d\n", 100.0), None);
        assert_eq!(parse_loadavg(b"0.1 0.2"), None);
    }

    #[test]
    fn load_has_two_places() {
        assert_eq!(parse_loadavg(b"0.52 1.07 12.30 1/142 9876\n"), Some([0.52, 1.07, 12.3]));
    }
}
