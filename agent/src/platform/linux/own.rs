//! What the agent itself uses: processor time and resident memory.

use super::procfile::ProcFile;
use super::sys;
use super::text::{fields, number};
use std::io;

/// Keeps its file open.
pub struct OwnReader {
    statm: ProcFile,
    page_bytes: u64,
}

impl OwnReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        OwnReader { statm: ProcFile::new("/proc/self/statm"), page_bytes: sys::page_bytes() }
    }

    /// Processor seconds since this process started, and its resident bytes.
    pub fn read(&mut self) -> io::Result<(f64, u64)> {
        let pages = parse_resident(self.statm.read()?);
        let pages = pages.ok_or_else(|| self.statm.invalid())?;
        Ok((sys::own_cpu_seconds(), pages.saturating_mul(self.page_bytes)))
    }
}

impl Default for OwnReader {
    fn default() -> Self {
        Self::new()
    }
}

/// Processor seconds since this process started, and its resident bytes; 0 where it cannot be read.
pub fn self_usage() -> (f64, u64) {
    OwnReader::new().read().unwrap_or_else(|_| (sys::own_cpu_seconds(), 0))
}

/// Gives back what the heap holds without use, after work that needed much for a moment.
pub fn give_back_memory() {
    sys::trim_heap();
}

fn parse_resident(text: &[u8]) -> Option<u64> {
    number(fields(text).nth(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_pages_are_the_second_field() {
        assert_eq!(parse_resident(b"5000 1200 800 100 0 900 0\n"), Some(1_200));
        assert_eq!(parse_resident(b"5000\n"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let (seconds, bytes) = self_usage();
        assert!(seconds >= 0.0);
        assert!(bytes > 100_000);
    }
}
