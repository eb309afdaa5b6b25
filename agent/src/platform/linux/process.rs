//! Processes: `/proc/PID/stat`, one read each and nothing else. Names are as the kernel gives them.

use super::sys;
use super::text::{fields, number};
use crate::platform::ProcessFigures;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;

/// More than the longest line that the kernel writes, so that one read takes all of it.
const LINE_BYTES_MAX: usize = 2_048;

/// One reused buffer.
pub struct ProcessReader {
    buffer: [u8; LINE_BYTES_MAX],
    ticks_per_second: f64,
    page_bytes: u64,
}

impl ProcessReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        let ticks_per_second = sys::ticks_per_second() as f64;
        ProcessReader { buffer: [0; LINE_BYTES_MAX], ticks_per_second, page_bytes: sys::page_bytes() }
    }

    /// Visits each process; those that end meanwhile are passed over. Errors when `/proc` cannot be listed.
    pub fn each(&mut self, mut visit: impl FnMut(&ProcessFigures<'_>)) -> io::Result<()> {
        for entry in std::fs::read_dir("/proc")? {
            let Some(pid) = number(entry?.file_name().as_bytes()).and_then(|pid| u32::try_from(pid).ok()) else {
                continue;
            };
            let Some(length) = read_stat(pid, &mut self.buffer) else { continue };
            if let Some(stat) = parse(&self.buffer[..length]) {
                visit(&ProcessFigures {
                    pid,
                    name: stat.name,
                    started: stat.started,
                    cpu_seconds: stat.ticks as f64 / self.ticks_per_second,
                    memory_bytes: stat.resident_pages.saturating_mul(self.page_bytes),
                });
            }
        }
        Ok(())
    }
}

impl Default for ProcessReader {
    fn default() -> Self {
        Self::new()
    }
}

fn read_stat(pid: u32, buffer: &mut [u8]) -> Option<usize> {
    // The path is written on the stack: hundreds of these are read in a cycle.
    let mut path = [0u8; 32];
    let mut rest = &mut path[..];
    write!(rest, "/proc/{pid}/stat").ok()?;
    let length = 32 - rest.len();
    let file = File::open(std::str::from_utf8(&path[..length]).ok()?).ok()?;
    file.read_at(buffer, 0).ok()
}

struct Stat<'a> {
    name: &'a [u8],
    ticks: u64,
    started: u64,
    resident_pages: u64,
}

fn parse(text: &[u8]) -> Option<Stat<'_>> {
    // A name may hold blanks and brackets, so it ends at the last bracket.
    let start = text.iter().position(|byte| *byte == b'(')? + 1;
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let name = text.get(start..end)?;
    let mut parts = fields(&text[end + 1..]);
    // Counted from the state, which is the third field of the line.
    let user = number(parts.nth(11)?)?;
    let system = number(parts.next()?)?;
    let started = number(parts.nth(6)?)?;
    let resident_pages = number(parts.nth(1)?)?;
    Some(Stat { name, ticks: user.saturating_add(system), started, resident_pages })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str =
        " S 1 2 3 0 -1 4194560 10 20 30 40 500 60 7 8 20 0 1 0 98765 1000000 250 18446744073709551615 1 1";

    #[test]
    fn time_start_and_memory_are_read() {
        let line = format!("42 (worker){REST}");
        let stat = parse(line.as_bytes()).unwrap();
        assert_eq!((stat.name, stat.ticks, stat.started, stat.resident_pages), (&b"worker"[..], 560, 98_765, 250));
    }

    #[test]
    fn a_name_with_blanks_and_brackets_does_not_shift_the_fields() {
        let line = format!("42 (a) R (1 2){REST}");
        let stat = parse(line.as_bytes()).unwrap();
        assert_eq!((stat.name, stat.ticks), (&b"a) R (1 2"[..], 560));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "42", "42 )(", "42 (x", "42 (x) S 1 2", ") ("] {
            assert!(parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn this_process_is_among_them() {
        let mut found = false;
        ProcessReader::new().each(|process| found |= process.pid == std::process::id()).unwrap();
        assert!(found);
    }
}
