//! Network traffic, errors and drops by interface; loopback and one end of container pairs are left out.

use super::parse::{lines, number, text, words};
use super::{Readings, Sampler};
use crate::platform::HotFile;
use std::collections::HashMap;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

const INTERFACES_MAX: usize = 64;
const METRICS: [Metric; 4] = [Metric::NetworkIo, Metric::NetworkPackets, Metric::NetworkErrors, Metric::NetworkDropped];

/// The sampler.
pub struct Network {
    dev: HotFile,
    objects: HashMap<String, (String, String)>,
}

impl Network {
    /// Reads `/proc/net/dev`.
    pub fn new() -> Self {
        Self { dev: HotFile::new("/proc/net/dev"), objects: HashMap::new() }
    }
}

impl Sampler for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        for line in lines(self.dev.read()?) {
            let Some((name, received, sent)) = parse(line) else { continue };
            if !self.objects.contains_key(name) {
                if self.objects.len() >= INTERFACES_MAX {
                    continue;
                }
                self.objects.insert(name.to_owned(), (format!("{name}/receive"), format!("{name}/transmit")));
            }
            let Some((receive, transmit)) = self.objects.get(name) else { continue };
            for (metric, (into, outof)) in METRICS.into_iter().zip(received.iter().zip(sent)) {
                out.push(metric, receive, *into as f64);
                out.push(metric, transmit, outof as f64);
            }
        }
        Ok(())
    }
}

/// Name, and bytes, packets, errors, drops of each direction.
fn parse(line: &[u8]) -> Option<(&str, [u64; 4], [u64; 4])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = text(&line[..colon]).trim();
    if name.is_empty() || name == "lo" || name.starts_with("veth") || name.len() > 64 {
        return None;
    }
    let mut figures = [0u64; 16];
    let mut count = 0;
    for (figure, word) in figures.iter_mut().zip(words(&line[colon + 1..])) {
        *figure = number(word)?;
        count += 1;
    }
    let direction = |at: usize| [figures[at], figures[at + 1], figures[at + 2], figures[at + 3]];
    (count == 16).then(|| (name, direction(0), direction(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_read_and_headers_and_loopback_are_not() {
        let line = b"  eth0: 100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0";
        assert_eq!(parse(line), Some(("eth0", [100, 2, 3, 4], [500, 6, 7, 8])));
        assert_eq!(parse(b"    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0"), None);
        assert_eq!(parse(b" face |bytes packets"), None);
        assert_eq!(parse(b"eth1: 1 2"), None);
    }
}
