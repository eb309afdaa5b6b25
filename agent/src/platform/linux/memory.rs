//! Memory and swap: `/proc/meminfo`.

use super::procfile::ProcFile;
use super::text::{fields, lines, number};
use crate::platform::MemoryFigures;
use std::io;

/// Keeps the file open.
pub struct MemoryReader {
    meminfo: ProcFile,
}

impl MemoryReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        MemoryReader { meminfo: ProcFile::new("/proc/meminfo") }
    }

    /// The figures now. Errors when the file cannot be read or understood.
    pub fn read(&mut self) -> io::Result<MemoryFigures> {
        let figures = parse(self.meminfo.read()?);
        figures.ok_or_else(|| self.meminfo.invalid())
    }
}

impl Default for MemoryReader {
    fn default() -> Self {
        Self::new()
    }
}

fn parse(text: &[u8]) -> Option<MemoryFigures> {
    let mut figures = MemoryFigures::default();
    let mut available = None;
    let mut reclaimable = 0;
    for line in lines(text) {
        let mut parts = fields(line);
        let (Some(key), Some(kibibytes)) = (parts.next(), parts.next()) else { continue };
        let slot = match key {
            b"MemTotal:" => &mut figures.total,
            b"MemFree:" => &mut figures.free,
            b"MemAvailable:" => available.insert(0),
            b"Buffers:" => &mut figures.buffers,
            b"Cached:" => &mut figures.cached,
            b"SReclaimable:" => &mut reclaimable,
            b"Committed_AS:" => &mut figures.committed,
            b"SwapTotal:" => &mut figures.swap_total,
            b"SwapFree:" => &mut figures.swap_free,
            _ => continue,
        };
        *slot = number(kibibytes)?.checked_mul(1024)?;
    }
    figures.cached = figures.cached.saturating_add(reclaimable);
    // Kernels before 3.14 do not say what is available.
    let estimate = figures.free.saturating_add(figures.buffers).saturating_add(figures.cached);
    figures.available = available.unwrap_or(estimate).min(figures.total);
    (figures.total > 0).then_some(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &[u8] = b"MemTotal:        8000 kB\nMemFree:         1000 kB\nMemAvailable:    5000 kB\n\
        Buffers:          200 kB\nCached:          3000 kB\nSwapCached:         7 kB\nSwapTotal:       4000 kB\n\
        SwapFree:        3500 kB\nSReclaimable:     300 kB\nCommitted_AS:   12000 kB\nHugePages_Total:       0\n";

    #[test]
    fn memory_is_in_bytes_and_the_cache_holds_what_the_kernel_can_reclaim() {
        let figures = parse(MEMINFO).unwrap();
        assert_eq!(figures.total, 8_000 * 1024);
        assert_eq!(figures.available, 5_000 * 1024);
        assert_eq!(figures.cached, 3_300 * 1024);
        assert_eq!(figures.committed, 12_000 * 1024);
        assert_eq!((figures.swap_total, figures.swap_free), (4_000 * 1024, 3_500 * 1024));
    }

    #[test]
    fn an_old_kernel_gets_an_estimate_of_what_is_available() {
        let figures = parse(b"MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n").unwrap();
        assert_eq!(figures.available, 35 * 1024);
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"MemTotal: lots kB\n"), None);
        assert_eq!(parse(b"MemTotal: 18446744073709551615 kB\n"), None);
    }
}
