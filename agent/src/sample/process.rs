//! The number of processes, and those few that use most processor time or memory. Each process is read once a cycle;
//! nothing of it is kept but its processor time.

use super::{Readings, Sampler, TopProcess, rounded};
use crate::platform::{ProcessFigures, ProcessReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// How many processes stand out by each measure.
const TOP_COUNT: usize = 5;
/// The contract's bound on a process name.
const NAME_BYTES_MAX: usize = 64;

/// Remembers each process's time from the last cycle, by rising id.
#[derive(Default)]
pub(super) struct Process {
    reader: ProcessReader,
    last: Vec<Known>,
    now: Vec<Known>,
    by_cpu: Top,
    by_memory: Top,
}

#[derive(Clone, Copy)]
struct Known {
    pid: u32,
    started: u64,
    cpu_seconds: f64,
}

impl Sampler for Process {
    fn name(&self) -> &'static str {
        "process"
    }

    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let Process { reader, last, now, by_cpu, by_memory } = self;
        let interval_seconds = elapsed.map(|elapsed| elapsed.as_secs_f64()).filter(|seconds| *seconds > 0.0);
        by_cpu.0.clear();
        by_memory.0.clear();
        now.clear();
        reader.each(|process| {
            let spent = spent_seconds(last, process);
            let cpu = interval_seconds.map_or(0.0, |seconds| rounded(spent / seconds, 1e4));
            by_cpu.offer(cpu, process, cpu);
            by_memory.offer(process.memory_bytes as f64, process, cpu);
            now.push(Known { pid: process.pid, started: process.started, cpu_seconds: process.cpu_seconds });
        })?;
        if !now.is_sorted_by_key(|known| known.pid) {
            now.sort_unstable_by_key(|known| known.pid);
        }
        std::mem::swap(last, now);
        out.push(Metric::ProcessCount, "", last.len() as f64);
        Ok(())
    }

    fn top_processes(&self) -> Vec<TopProcess> {
        let mut merged = self.by_cpu.processes();
        for process in self.by_memory.processes() {
            if merged.iter().all(|other| other.pid != process.pid) {
                merged.push(process);
            }
        }
        merged
    }
}

/// Processor time since the last cycle; all of it for a process that began since.
fn spent_seconds(last: &[Known], process: &ProcessFigures<'_>) -> f64 {
    let known = last.binary_search_by_key(&process.pid, |known| known.pid).ok().map(|index| &last[index]);
    // An id can be given to another process, which then has another start.
    let before = known.filter(|known| known.started == process.started).map_or(0.0, |known| known.cpu_seconds);
    (process.cpu_seconds - before).max(0.0)
}

/// The highest scores, highest first.
#[derive(Default)]
struct Top(Vec<(f64, TopProcess)>);

impl Top {
    fn offer(&mut self, score: f64, process: &ProcessFigures<'_>, cpu_utilization: f64) {
        let is_full = self.0.len() == TOP_COUNT;
        if score <= 0.0 || (is_full && self.0.last().is_some_and(|(lowest, _)| score <= *lowest)) {
            return;
        }
        let position = self.0.partition_point(|(other, _)| *other >= score);
        self.0.truncate(TOP_COUNT - 1);
        let (pid, memory_bytes) = (process.pid, process.memory_bytes);
        self.0.insert(position, (score, TopProcess { pid, name: plain(process.name), memory_bytes, cpu_utilization }));
    }

    fn processes(&self) -> Vec<TopProcess> {
        self.0.iter().map(|(_, process)| process.clone()).collect()
    }
}

/// A process chooses its own name, so it is made text without control characters.
fn plain(name: &[u8]) -> String {
    let mut plain = String::new();
    for character in String::from_utf8_lossy(name).chars() {
        let character = if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
        if plain.len() + character.len_utf8() > NAME_BYTES_MAX {
            break;
        }
        plain.push(character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pid: u32, started: u64, cpu_seconds: f64, memory_bytes: u64) -> ProcessFigures<'static> {
        ProcessFigures { pid, name: b"worker", started, cpu_seconds, memory_bytes }
    }

    #[test]
    fn time_is_counted_since_the_last_cycle_and_not_over_a_reused_id() {
        let last = [Known { pid: 7, started: 1, cpu_seconds: 10.0 }, Known { pid: 9, started: 2, cpu_seconds: 5.0 }];
        let spent = [(7, 1, 12.5), (9, 3, 0.5), (8, 1, 1.0), (7, 1, 9.0)]
            .map(|(pid, started, seconds)| spent_seconds(&last, &figures(pid, started, seconds, 0)).to_string());
        assert_eq!(spent, ["2.5", "0.5", "1", "0"]);
    }

    #[test]
    fn the_five_highest_are_kept_in_order() {
        let mut top = Top::default();
        for (pid, score) in [(1, 3.0), (2, 9.0), (3, 0.0), (4, 5.0), (5, 1.0), (6, 7.0), (7, 2.0), (8, 6.0)] {
            top.offer(score, &figures(pid, 0, 0.0, 0), 0.0);
        }
        let pids: Vec<u32> = top.processes().iter().map(|process| process.pid).collect();
        assert_eq!(pids, [2, 6, 8, 4, 1]);
    }

    #[test]
    fn a_process_that_stands_out_twice_is_listed_once() {
        let mut process = Process::default();
        process.by_cpu.offer(1.0, &figures(1, 0, 0.0, 50), 1.0);
        process.by_memory.offer(50.0, &figures(1, 0, 0.0, 50), 1.0);
        process.by_memory.offer(40.0, &figures(2, 0, 0.0, 40), 0.0);
        let pids: Vec<u32> = process.top_processes().iter().map(|process| process.pid).collect();
        assert_eq!(pids, [1, 2]);
    }

    #[test]
    fn a_hostile_name_becomes_short_plain_text() {
        assert_eq!(plain(b"a\x1b[2J\n\xff"), "a\u{fffd}[2J\u{fffd}\u{fffd}");
        assert_eq!(plain(&[b'x'; 200]).len(), 64);
        assert_eq!(plain("é".repeat(40).as_bytes()).len(), 64);
    }
}
