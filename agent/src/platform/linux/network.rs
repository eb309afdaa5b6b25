//! Network interfaces: `/proc/net/dev`. Loopback and the host's ends of container links are left out.

use super::procfile::ProcFile;
use super::text::{fields, lines, number};
use crate::platform::InterfaceFigures;
use std::io;

/// Keeps the file open.
pub struct NetworkReader {
    dev: ProcFile,
}

impl NetworkReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        NetworkReader { dev: ProcFile::new("/proc/net/dev") }
    }

    /// Visits each interface with its figures. Errors when the file cannot be read.
    pub fn each(&mut self, mut visit: impl FnMut(&str, &InterfaceFigures)) -> io::Result<()> {
        for (name, figures) in lines(self.dev.read()?).filter_map(parse_line) {
            visit(name, &figures);
        }
        Ok(())
    }
}

impl Default for NetworkReader {
    fn default() -> Self {
        Self::new()
    }
}

fn parse_line(line: &[u8]) -> Option<(&str, InterfaceFigures)> {
    // An alias holds a colon of its own, so the last one ends the name.
    let end = line.iter().rposition(|byte| *byte == b':')?;
    let name = std::str::from_utf8(line[..end].trim_ascii()).ok()?;
    if name == "lo" || name.starts_with("veth") {
        return None;
    }
    let mut columns = [0u64; 12];
    let mut parts = fields(&line[end + 1..]);
    for column in &mut columns {
        *column = number(parts.next()?)?;
    }
    let pair = |index: usize| [columns[index], columns[index + 8]];
    Some((name, InterfaceFigures { bytes: pair(0), packets: pair(1), errors: pair(2), dropped: pair(3) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_read() {
        let line = b"  eth0: 1000 10 1 2 0 0 0 3 2000 20 4 5 0 0 0 0";
        let expected = InterfaceFigures { bytes: [1000, 2000], packets: [10, 20], errors: [1, 4], dropped: [2, 5] };
        assert_eq!(parse_line(line), Some(("eth0", expected)));
    }

    #[test]
    fn a_counter_that_touches_the_colon_is_read() {
        let (name, figures) = parse_line(b"wlp0s20f3:99 1 0 0 0 0 0 0 88 1 0 0 0 0 0 0").unwrap();
        assert_eq!((name, figures.bytes), ("wlp0s20f3", [99, 88]));
    }

    #[test]
    fn loopback_container_links_and_headings_are_left_out() {
        assert_eq!(parse_line(b"    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0"), None);
        assert_eq!(parse_line(b"veth12ab: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0"), None);
        assert_eq!(parse_line(b" face |bytes    packets errs drop fifo frame"), None);
        assert_eq!(parse_line(b"eth0: 1 2 3"), None);
    }
}
