//! Pages moved between memory and disk, page faults, and processes ended for lack of memory.

use super::{Readings, Sampler};
use crate::platform::{PagingFigures, PagingReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

#[derive(Default)]
pub(super) struct Paging {
    reader: PagingReader,
}

impl Sampler for Paging {
    fn name(&self) -> &'static str {
        "paging"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        push_all(&self.reader.read()?, out);
        Ok(())
    }
}

fn push_all(figures: &PagingFigures, out: &mut Readings) {
    out.push(Metric::PagingOperations, "in", figures.swapped_in as f64);
    out.push(Metric::PagingOperations, "out", figures.swapped_out as f64);
    out.push(Metric::PagingFaults, "minor", figures.faults_minor as f64);
    out.push(Metric::PagingFaults, "major", figures.faults_major as f64);
    if let Some(kills) = figures.oom_kills {
        out.push(Metric::OomKills, "", kills as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_that_the_kernel_does_not_count_are_not_reported_as_none() {
        let mut readings = Readings::new();
        push_all(&PagingFigures { oom_kills: None, ..PagingFigures::default() }, &mut readings);
        assert!(readings.series().all(|(metric, _)| metric != Metric::OomKills));
        push_all(&PagingFigures { oom_kills: Some(0), ..PagingFigures::default() }, &mut readings);
        assert!(readings.series().any(|(metric, _)| metric == Metric::OomKills));
    }
}
