//! Movement between memory and disk: `/proc/vmstat`. How much swap is in use stands with memory.

use super::procfile::ProcFile;
use super::text::{lines, number};
use crate::platform::PagingFigures;
use std::io;

/// Keeps the file open.
pub struct PagingReader {
    vmstat: ProcFile,
}

impl PagingReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        PagingReader { vmstat: ProcFile::new("/proc/vmstat") }
    }

    /// The figures now. Errors when the file cannot be read or understood.
    pub fn read(&mut self) -> io::Result<PagingFigures> {
        let figures = parse(self.vmstat.read()?);
        figures.ok_or_else(|| self.vmstat.invalid())
    }
}

impl Default for PagingReader {
    fn default() -> Self {
        Self::new()
    }
}

fn parse(text: &[u8]) -> Option<PagingFigures> {
    let mut figures = PagingFigures::default();
    let mut faults = None;
    for line in lines(text) {
        // Most of the file's many lines are told apart by their first letter.
        if !matches!(line.first(), Some(b'p' | b'o')) {
            continue;
        }
        if let Some(pages) = line.strip_prefix(b"pswpin ") {
            figures.swapped_in = number(pages)?;
        } else if let Some(pages) = line.strip_prefix(b"pswpout ") {
            figures.swapped_out = number(pages)?;
        } else if let Some(all) = line.strip_prefix(b"pgfault ") {
            faults = Some(number(all)?);
        } else if let Some(major) = line.strip_prefix(b"pgmajfault ") {
            figures.faults_major = number(major)?;
        } else if let Some(kills) = line.strip_prefix(b"oom_kill ") {
            figures.oom_kills = Some(number(kills)?);
        }
    }
    figures.faults_minor = faults?.saturating_sub(figures.faults_major);
    Some(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_faults_are_those_that_are_not_major() {
        let text = b"nr_free_pages 5\npgpgin 9\npswpin 11\npswpout 12\npgfault 1000\npgmajfault 30\noom_kill 2\n";
        let expected =
            PagingFigures { swapped_in: 11, swapped_out: 12, faults_minor: 970, faults_major: 30, oom_kills: Some(2) };
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn a_kernel_that_does_not_count_its_kills_says_nothing_of_them() {
        assert_eq!(parse(b"pgfault 5\npgmajfault 1\n").unwrap().oom_kills, None);
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(parse(b"nr_free_pages 5\n"), None);
        assert_eq!(parse(b"pgfault many\n"), None);
    }
}
