//! Space and inodes of each filesystem that people fill.

use super::{Readings, Sampler, ratio};
use crate::platform::{FilesystemReader, SpaceFigures};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

#[derive(Default)]
pub(super) struct Filesystem {
    reader: FilesystemReader,
}

impl Sampler for Filesystem {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        self.reader.each(|mount, space| push_all(mount, space, out))
    }
}

fn push_all(mount: &str, space: &SpaceFigures, out: &mut Readings) {
    let (used, available) = (space.used as f64, space.available as f64);
    out.push(Metric::FilesystemUsage, mount, used);
    // What is reserved for the administrator is no room for anybody else, so it is not counted: as df does it.
    out.push(Metric::FilesystemLimit, mount, used + available);
    out.push(Metric::FilesystemUtilization, mount, ratio(used, used + available));
    out.push(Metric::FilesystemAvailable, mount, available);
    if space.inodes_total > 0 {
        let share = ratio(space.inodes_used as f64, space.inodes_total as f64);
        out.push(Metric::FilesystemInodesUtilization, mount, share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utilization_is_used_of_what_users_can_fill() {
        let mut readings = Readings::new();
        let space = SpaceFigures { used: 900, available: 100, inodes_used: 1, inodes_total: 3 };
        push_all("/", &space, &mut readings);
        assert_eq!(readings.values(), [900.0, 1_000.0, 0.9, 100.0, 0.3333]);
    }

    #[test]
    fn a_filesystem_without_a_fixed_number_of_inodes_has_no_share_of_them() {
        let mut readings = Readings::new();
        push_all("/", &SpaceFigures { used: 1, available: 1, ..SpaceFigures::default() }, &mut readings);
        assert_eq!(readings.values().len(), 4);
    }
}
