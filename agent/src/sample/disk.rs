//! Traffic, latency and busy time of each whole disk.

use super::{Readings, Sampler, ratio, rounded};
use crate::platform::{DiskFigures, DiskReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

/// Remembers the last figures by name for latency and busy time.
#[derive(Default)]
pub(super) struct Disk {
    reader: DiskReader,
    last: Vec<(String, DiskFigures)>,
    object: String,
}

impl Sampler for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn sample(&mut self, elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let Disk { reader, last, object } = self;
        let mut seen = 0;
        reader.each(|name, figures| {
            push_totals(name, figures, object, out);
            out.declare(Metric::DiskLatency, name);
            out.declare(Metric::DiskBusy, name);
            let position = remembered(last, seen, name);
            if let (Some(elapsed), Some((_, before))) = (elapsed, position.and_then(|position| last.get(position))) {
                push_differences(name, before, figures, elapsed, out);
            }
            remember(last, seen, position, name, *figures);
            seen += 1;
        })?;
        last.truncate(seen);
        Ok(())
    }
}

fn push_totals(name: &str, figures: &DiskFigures, object: &mut String, out: &mut Readings) {
    let directions = [
        ("/read", figures.read_bytes, figures.read_operations, figures.read_ms),
        ("/write", figures.write_bytes, figures.write_operations, figures.write_ms),
    ];
    for (direction, bytes, operations, ms) in directions {
        object.clear();
        object.push_str(name);
        object.push_str(direction);
        out.push(Metric::DiskIo, object, bytes as f64);
        out.push(Metric::DiskOperations, object, operations as f64);
        out.push(Metric::DiskOperationTime, object, ms as f64 / 1e3);
    }
    out.push(Metric::DiskIoTime, name, figures.busy_ms as f64 / 1e3);
}

fn push_differences(name: &str, before: &DiskFigures, now: &DiskFigures, elapsed: Duration, out: &mut Readings) {
    if let Some(seconds) = latency_seconds(before, now) {
        out.push(Metric::DiskLatency, name, seconds);
    }
    if let Some(busy_ms) = now.busy_ms.checked_sub(before.busy_ms) {
        out.push(Metric::DiskBusy, name, ratio(busy_ms as f64 / 1e3, elapsed.as_secs_f64()));
    }
}

/// `None` when nothing was done, or when the counters began anew.
fn latency_seconds(before: &DiskFigures, now: &DiskFigures) -> Option<f64> {
    let reads = now.read_operations.checked_sub(before.read_operations)?;
    let writes = now.write_operations.checked_sub(before.write_operations)?;
    let read_ms = now.read_ms.checked_sub(before.read_ms)?;
    let write_ms = now.write_ms.checked_sub(before.write_ms)?;
    let operations = reads + writes;
    // Flash answers in well under a millisecond, hence five places.
    (operations > 0).then(|| rounded((read_ms + write_ms) as f64 / 1e3 / operations as f64, 1e5))
}

/// Where `name` was remembered: nearly always at the position that it has now.
fn remembered(last: &[(String, DiskFigures)], position: usize, name: &str) -> Option<usize> {
    let same = |(known, _): &(String, DiskFigures)| known == name;
    if last.get(position).is_some_and(same) { Some(position) } else { last.iter().position(same) }
}

/// Puts the figures at the position that the disk has now; the others keep theirs or move back.
fn remember(
    last: &mut Vec<(String, DiskFigures)>,
    position: usize,
    before: Option<usize>,
    name: &str,
    figures: DiskFigures,
) {
    match before {
        Some(old) => {
            last[old].1 = figures;
            // Only a name that is there twice has a position past the end.
            let end = last.len() - 1;
            last.swap(old, position.min(end));
        }
        None => last.insert(position.min(last.len()), (name.to_owned(), figures)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(operations: u64, ms: u64, busy_ms: u64) -> DiskFigures {
        DiskFigures {
            read_operations: operations,
            read_ms: ms,
            write_operations: operations,
            write_ms: 2 * ms,
            busy_ms,
            ..DiskFigures::default()
        }
    }

    #[test]
    fn latency_is_the_mean_over_reads_and_writes() {
        assert_eq!(
            latency_seconds(&figures(100, 10, 0), &figures(110, 110, 0)).map(|s| s.to_string()),
            Some("0.015".into())
        );
    }

    #[test]
    fn an_idle_disk_has_no_latency_and_a_counter_that_began_anew_gives_none() {
        assert_eq!(latency_seconds(&figures(5, 5, 0), &figures(5, 5, 0)), None);
        assert_eq!(latency_seconds(&figures(5, 5, 0), &figures(1, 1, 0)), None);
    }

    #[test]
    fn busy_is_the_share_of_the_time_between() {
        let mut readings = Readings::new();
        push_differences("vda", &figures(0, 0, 1_000), &figures(0, 0, 3_500), Duration::from_secs(10), &mut readings);
        assert_eq!(readings.values(), [0.25]);
        assert_eq!(readings.series().collect::<Vec<_>>(), [(Metric::DiskBusy, "vda")]);
    }

    #[test]
    fn disks_are_remembered_by_name_when_others_come_and_go() {
        let mut last = Vec::new();
        let mut cycle = |names: &[&str], value: u64| {
            let mut before = Vec::new();
            for (seen, name) in names.iter().enumerate() {
                let position = remembered(&last, seen, name);
                before.push(position.map(|position| last[position].1.busy_ms));
                remember(&mut last, seen, position, name, figures(0, 0, value));
            }
            last.truncate(names.len());
            before
        };
        assert_eq!(cycle(&["a", "b", "c"], 1), [None, None, None]);
        assert_eq!(cycle(&["new", "c", "a"], 2), [None, Some(1), Some(1)]);
        assert_eq!(cycle(&["new", "c", "a", "b"], 3), [Some(2), Some(2), Some(2), None]);
        assert_eq!(cycle(&["c", "c", "c", "c", "c"], 4), [Some(3), Some(4), Some(4), Some(4), Some(4)]);
    }
}
