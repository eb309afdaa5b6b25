//! How much tasks waited for processor, memory and disks in the last minute, where the kernel tells.

use super::{Readings, Sampler};
use crate::platform::PressureReader;
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

#[derive(Default)]
pub(super) struct Pressure {
    reader: PressureReader,
}

impl Sampler for Pressure {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        self.reader.each(|resource, figures| {
            if let Some(share) = figures.some {
                out.push(Metric::PressureSome, resource, share);
            }
            if let Some(share) = figures.full {
                out.push(Metric::PressureFull, resource, share);
            }
        })
    }
}
