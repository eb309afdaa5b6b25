//! Processes: how many, and the biggest by processor and memory. One small read a process; never a command line.

use super::parse::{hundredth, number, text, words};
use super::{Readings, Sampler};
use crate::platform::page_bytes;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;
use wacht_proto::catalog::Metric;

const TICKS_PER_S: f64 = 100.0;
const TOP: usize = 5;
/// Processes looked at in one cycle; the count is of all.
const PROCESSES_MAX: usize = 20_000;
const NAME_CHARS_MAX: usize = 64;

/// One of the biggest processes.
#[derive(Clone, Debug, PartialEq)]
pub struct TopProcess {
    /// Process id.
    pub pid: u32,
    /// Name of the executable.
    pub name: String,
    /// Resident bytes.
    pub memory_bytes: u64,
    /// Processors used, 0..count.
    pub cpu_utilization: f64,
}

/// What a process's stat file says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    ticks: u64,
    started: u64,
    memory_bytes: u64,
    cpu: f64,
    cycle: u32,
}

/// The sampler.
pub struct Process {
    page_bytes: u64,
    seen: HashMap<u32, Seen>,
    buffer: Vec<u8>,
    path: String,
    cycle: u32,
}

impl Process {
    /// Reads `/proc/*/stat`.
    pub fn new() -> Self {
        Self { page_bytes: page_bytes(), seen: HashMap::new(), buffer: Vec::with_capacity(512), path: String::new(), cycle: 0 }
    }

    /// The biggest of the last cycle.
    pub fn top(&mut self) -> Vec<TopProcess> {
        let mut by_cpu: Vec<(u32, Seen)> = self.seen.iter().map(|(pid, seen)| (*pid, *seen)).collect();
        let mut by_memory = by_cpu.clone();
        by_cpu.sort_by(|(_, left), (_, right)| right.cpu.total_cmp(&left.cpu));
        by_memory.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.memory_bytes));
        let mut chosen: Vec<(u32, Seen)> = by_cpu.into_iter().take(TOP).filter(|(_, seen)| seen.cpu > 0.0).collect();
        for candidate in by_memory.into_iter().take(TOP) {
            if chosen.iter().all(|(pid, _)| *pid != candidate.0) {
                chosen.push(candidate);
            }
        }
        chosen.into_iter().filter_map(|(pid, seen)| self.named(pid, seen)).collect()
    }

    fn named(&mut self, pid: u32, seen: Seen) -> Option<TopProcess> {
        let name = name(self.stat(pid)?)?;
        Some(TopProcess { pid, name, memory_bytes: seen.memory_bytes, cpu_utilization: seen.cpu })
    }

    fn stat(&mut self, pid: u32) -> Option<&[u8]> {
        use std::fmt::Write as _;
        self.path.clear();
        self.buffer.clear();
        // Writing into a String cannot fail.
        let _ = write!(self.path, "/proc/{pid}/stat");
        // A process may be gone by now.
        File::open(&self.path).ok()?.take(4_096).read_to_end(&mut self.buffer).ok()?;
        Some(&self.buffer)
    }

    fn look(&mut self, pid: u32, elapsed: Option<Duration>) {
        let cycle = self.cycle;
        let Some((ticks, started, pages)) = self.stat(pid).and_then(parse) else { return };
        let last = self.seen.get(&pid).filter(|seen| seen.started == started);
        let passed = last.map_or(0, |seen| ticks.saturating_sub(seen.ticks));
        let seconds = elapsed.map_or(0.0, |elapsed| elapsed.as_secs_f64());
        let cpu = if seconds > 0.0 { hundredth(passed as f64 / TICKS_PER_S / seconds) } else { 0.0 };
        self.seen.insert(pid, Seen { ticks, started, memory_bytes: pages * self.page_bytes, cpu, cycle });
    }
}

impl Sampler for Process {
    fn name(&self) -> &'static str {
        "process"
    }

    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        self.cycle = self.cycle.wrapping_add(1);
        let mut count = 0usize;
        for entry in std::fs::read_dir("/proc")? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Some(pid) = number(name.as_encoded_bytes()).and_then(|pid| u32::try_from(pid).ok()) else { continue };
            count += 1;
            if count <= PROCESSES_MAX {
                self.look(pid, elapsed);
            }
        }
        let cycle = self.cycle;
        self.seen.retain(|_, seen| seen.cycle == cycle);
        out.push(Metric::ProcessCount, "", count as f64);
        Ok(())
    }
}

/// Processor ticks, start time and resident pages. The name may hold anything, brackets too: what counts comes after
/// its last one.
fn parse(stat: &[u8]) -> Option<(u64, u64, u64)> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = words(stat.get(end + 1..)?).skip(11).map(|word| number(word.trim_ascii_end()));
    let (user, system) = (fields.next()??, fields.next()??);
    let started = fields.nth(6)??;
    let pages = fields.nth(1)??;
    Some((user + system, started, pages))
}

fn name(stat: &[u8]) -> Option<String> {
    let (start, end) = (stat.iter().position(|byte| *byte == b'(')?, stat.iter().rposition(|byte| *byte == b')')?);
    let name = text(stat.get(start + 1..end)?);
    Some(name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &[u8] = b"42 (a) b (c) S 1 42 42 0 -1 4194560 500 0 0 0 7 3 0 0 20 0 1 0 12345 9000000 250 18446744073709551615 1 1\n";

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        assert_eq!(parse(STAT), Some((10, 12_345, 250)));
        assert_eq!(name(STAT).as_deref(), Some("a) b (c"));
    }

    #[test]
    fn cut_off_and_empty_texts_are_no_process() {
        for length in 0..STAT.len() - 25 {
            let _ = (parse(&STAT[..length]), name(&STAT[..length]));
        }
        assert_eq!(parse(b""), None);
    }
}
