//! Disk I/O of whole disks and arrays: totals, mean time an operation took, share of time that the disk was busy.

use super::parse::{lines, number, share, text, thousandth, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;
use wacht_proto::catalog::Metric;

const SECTOR_BYTES: f64 = 512.0;
/// Devices that hold nothing of their own or only mirror others.
const IGNORED: [&str; 5] = ["loop", "ram", "zram", "sr", "fd"];
const DISKS_MAX: usize = 64;

/// The sampler.
pub struct Disk {
    diskstats: HotFile,
    known: HashMap<String, Option<Known>>,
}

/// A whole disk, its series' objects and its last figures.
struct Known {
    read: String,
    write: String,
    last: Option<Figures>,
}

/// A line of `/proc/diskstats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    reads: u64,
    sectors_read: u64,
    read_ms: u64,
    writes: u64,
    sectors_written: u64,
    write_ms: u64,
    busy_ms: u64,
}

impl Disk {
    /// Reads `/proc/diskstats`.
    pub fn new() -> Self {
        Self { diskstats: HotFile::new("/proc/diskstats"), known: HashMap::new() }
    }
}

impl Sampler for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        for line in lines(self.diskstats.read()?) {
            let Some((name, figures)) = parse(line) else { continue };
            if !self.known.contains_key(name) {
                if self.known.len() >= DISKS_MAX * 16 {
                    continue;
                }
                let known = is_whole_disk(name).then(|| Known { read: format!("{name}/read"), write: format!("{name}/write"), last: None });
                self.known.insert(name.to_owned(), known);
            }
            if let Some(Some(disk)) = self.known.get_mut(name) {
                push(out, name, disk, &figures, elapsed);
                disk.last = Some(figures);
            }
        }
        Ok(())
    }
}

fn is_whole_disk(name: &str) -> bool {
    !IGNORED.iter().any(|prefix| name.starts_with(prefix)) && Path::new("/sys/block").join(name.replace('/', "!")).exists()
}

fn parse(line: &[u8]) -> Option<(&str, Figures)> {
    let mut words = words(line).skip(2);
    let name = text(words.next()?);
    let mut next = || words.next().and_then(number);
    let (reads, _merged, sectors_read, read_ms) = (next()?, next()?, next()?, next()?);
    let (writes, _merged, sectors_written, write_ms) = (next()?, next()?, next()?, next()?);
    let (_in_flight, busy_ms) = (next()?, next()?);
    let figures = Figures { reads, sectors_read, read_ms, writes, sectors_written, write_ms, busy_ms };
    (!name.is_empty() && name.len() <= 64).then_some((name, figures))
}

fn push(out: &mut Readings, name: &str, disk: &Known, figures: &Figures, elapsed: Option<Duration>) {
    let both = [
        (&disk.read, figures.sectors_read, figures.reads, figures.read_ms),
        (&disk.write, figures.sectors_written, figures.writes, figures.write_ms),
    ];
    for (object, sectors, operations, ms) in both {
        out.push(Metric::DiskIo, object, sectors as f64 * SECTOR_BYTES);
        out.push(Metric::DiskOperations, object, operations as f64);
        out.push(Metric::DiskOperationTime, object, ms as f64 / 1e3);
    }
    out.push(Metric::DiskIoTime, name, figures.busy_ms as f64 / 1e3);
    let (Some(last), Some(elapsed)) = (&disk.last, elapsed) else { return };
    out.push(Metric::DiskLatency, name, latency(last, figures).unwrap_or(f64::NAN));
    let busy_ms = figures.busy_ms.saturating_sub(last.busy_ms);
    out.push(Metric::DiskBusy, name, share(busy_ms as f64, elapsed.as_millis() as f64));
}

/// Mean seconds an operation took; zero when there was none.
fn latency(last: &Figures, now: &Figures) -> Option<f64> {
    let operations = (now.reads + now.writes).checked_sub(last.reads + last.writes)?;
    let ms = (now.read_ms + now.write_ms).checked_sub(last.read_ms + last.write_ms)?;
    Some(if operations == 0 { 0.0 } else { thousandth(ms as f64 / operations as f64) / 1e3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_a_short_one_is_not() {
        let (name, figures) = parse(b"   8       0 sda 10 1 80 40 20 2 160 60 0 90 100 0 0 0 0").unwrap();
        assert_eq!((name, figures.reads, figures.sectors_written, figures.busy_ms), ("sda", 10, 160, 90));
        assert_eq!(parse(b"8 0 sda 1 2 3"), None);
    }

    #[test]
    fn latency_is_the_mean_of_the_interval() {
        let last = Figures { reads: 10, read_ms: 40, ..Figures::default() };
        let now = Figures { reads: 14, read_ms: 60, ..Figures::default() };
        assert_eq!(latency(&last, &now), Some(0.005));
        assert_eq!(latency(&now, &last), None, "a counter that went back gives nothing");
        assert_eq!(latency(&now, &now), Some(0.0));
    }
}
