//! Pressure stall information: the share of the last minute in which tasks waited. Absent on kernels without it.

use super::parse::{decimal, lines, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

const RESOURCES: [&str; 3] = ["cpu", "memory", "io"];

/// The sampler.
pub struct Pressure {
    files: Vec<(&'static str, HotFile)>,
}

impl Pressure {
    /// Reads `/proc/pressure`.
    pub fn new() -> Self {
        let there = |name: &&str| std::path::Path::new("/proc/pressure").join(name).exists();
        let files = RESOURCES.into_iter().filter(there).map(|name| (name, HotFile::new(format!("/proc/pressure/{name}"))));
        Self { files: files.collect() }
    }
}

impl Sampler for Pressure {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        for (resource, file) in &mut self.files {
            // A kernel may have the file and refuse to read it until it is switched on: then there is no figure.
            let Ok(text) = file.read() else { continue };
            for line in lines(text) {
                match parse(line) {
                    Some((b"some", share)) => out.push(Metric::PressureSome, resource, share),
                    Some((b"full", share)) => out.push(Metric::PressureFull, resource, share),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// Kind and one-minute share of a line such as `some avg10=0.00 avg60=1.50 avg300=0.20 total=7`.
fn parse(line: &[u8]) -> Option<(&[u8], f64)> {
    let mut words = words(line);
    let kind = words.next()?;
    let minute = words.find_map(|word| word.strip_prefix(b"avg60="))?;
    Some((kind, (decimal(minute)? * 100.0).round() / 1e4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_the_last_minute_is_read() {
        assert_eq!(parse(b"some avg10=0.00 avg60=1.50 avg300=0.20 total=7"), Some((&b"some"[..], 0.015)));
        assert_eq!(parse(b"some avg10=0.00"), None);
    }
}
