//! Whole disks, arrays and mapped volumes: `/proc/diskstats`, sorted out by `/sys/block`. Partitions, loop and memory
//! devices, optical drives and slots without a medium are left out.

use super::clock::boottime_ms;
use super::procfile::ProcFile;
use super::text::{fields, lines, number};
use crate::platform::DiskFigures;
use std::io;
use std::path::Path;

/// How long the list of block devices is believed.
const LIST_AGE_MS_MAX: u64 = 60_000;
/// The kernel's unit in this file, whatever the disk's own sectors are.
const SECTOR_BYTES: u64 = 512;
const LEFT_OUT: [&str; 5] = ["loop", "ram", "zram", "sr", "fd"];

/// Keeps the file open and remembers which devices are whole disks.
pub struct DiskReader {
    diskstats: ProcFile,
    devices: Vec<Device>,
    listed_ms: Option<u64>,
}

/// A line's device, by the line's position.
struct Device {
    name: Box<str>,
    is_whole: bool,
}

impl DiskReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        DiskReader { diskstats: ProcFile::new("/proc/diskstats"), devices: Vec::new(), listed_ms: None }
    }

    /// Visits each whole disk with its figures. Errors when the file cannot be read.
    pub fn each(&mut self, mut visit: impl FnMut(&str, &DiskFigures)) -> io::Result<()> {
        let now_ms = boottime_ms();
        let text = self.diskstats.read()?;
        let is_old = self.listed_ms.is_none_or(|listed| now_ms.saturating_sub(listed) >= LIST_AGE_MS_MAX);
        if is_old || !matches_devices(text, &self.devices) {
            self.devices = classify(text, is_whole_disk);
            self.listed_ms = Some(now_ms);
        }
        for (line, device) in lines(text).zip(&self.devices) {
            if let (true, Some(figures)) = (device.is_whole, parse_line(line)) {
                visit(&device.name, &figures);
            }
        }
        Ok(())
    }
}

impl Default for DiskReader {
    fn default() -> Self {
        Self::new()
    }
}

fn matches_devices(text: &[u8], devices: &[Device]) -> bool {
    let mut known = devices.iter();
    lines(text).all(|line| known.next().is_some_and(|device| name(line) == Some(device.name.as_bytes())))
        && known.next().is_none()
}

fn classify(text: &[u8], is_whole: impl Fn(&str) -> bool) -> Vec<Device> {
    let device = |line| {
        let name = name(line).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let left_out = name.is_empty() || LEFT_OUT.iter().any(|prefix| is_numbered(name, prefix));
        Device { name: name.into(), is_whole: !left_out && is_whole(name) }
    };
    lines(text).map(device).collect()
}

fn is_numbered(name: &str, prefix: &str) -> bool {
    let number = name.strip_prefix(prefix);
    number.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_whole_disk(name: &str) -> bool {
    // sysfs writes a `/` of a device name as `!`.
    let folder = Path::new("/sys/block").join(name.replace('/', "!"));
    let size = std::fs::read_to_string(folder.join("size"));
    size.is_ok_and(|sectors| sectors.trim() != "0")
}

fn name(line: &[u8]) -> Option<&[u8]> {
    fields(line).nth(2)
}

fn parse_line(line: &[u8]) -> Option<DiskFigures> {
    let mut columns = [0u64; 10];
    let mut parts = fields(line).skip(3);
    for column in &mut columns {
        *column = number(parts.next()?)?;
    }
    let [reads, _, read_sectors, read_ms, writes, _, write_sectors, write_ms, _, busy_ms] = columns;
    Some(DiskFigures {
        read_bytes: read_sectors.saturating_mul(SECTOR_BYTES),
        read_operations: reads,
        read_ms,
        write_bytes: write_sectors.saturating_mul(SECTOR_BYTES),
        write_operations: writes,
        write_ms,
        busy_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"   7       0 loop0 1 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n \
        259       0 nvme0n1 100 5 2000 30 200 6 4000 50 0 70 80 0 0 0 0 0 0\n \
        259       1 nvme0n1p1 90 5 1000 30 200 6 4000 50 0 70 80 0 0 0 0 0 0\n   9     127 md127 1 2 3 4 5 6 7 8 9 10 11\n";

    fn whole(text: &[u8]) -> Vec<Box<str>> {
        let devices = classify(text, |name| !name.ends_with("p1"));
        devices.into_iter().filter(|device| device.is_whole).map(|device| device.name).collect()
    }

    #[test]
    fn disks_and_arrays_are_kept_and_partitions_and_loops_are_not() {
        assert_eq!(whole(TEXT), ["nvme0n1".into(), "md127".into()]);
    }

    #[test]
    fn a_disk_whose_name_starts_like_a_memory_device_is_kept() {
        assert_eq!(whole(b"1 0 ramsan0 1 0 8 0 0 0 0 0 0 0 0\n"), ["ramsan0".into()]);
    }

    #[test]
    fn sectors_become_bytes() {
        let figures = parse_line(lines(TEXT).nth(1).unwrap()).unwrap();
        assert_eq!((figures.read_bytes, figures.write_bytes), (1_024_000, 2_048_000));
        assert_eq!((figures.read_operations, figures.read_ms), (100, 30));
        assert_eq!((figures.write_operations, figures.write_ms, figures.busy_ms), (200, 50, 70));
    }

    #[test]
    fn a_new_or_lost_device_is_noticed() {
        let devices = classify(TEXT, |_| true);
        assert!(matches_devices(TEXT, &devices));
        assert!(!matches_devices(&TEXT[..TEXT.len() - 45], &devices));
        assert!(!matches_devices(b"8 0 sda 1\n", &devices));
    }

    #[test]
    fn a_short_line_is_no_disk() {
        assert_eq!(parse_line(b"8 1 sda1 1 2 3 4"), None);
        assert_eq!(name(b"8 1"), None);
    }
}
