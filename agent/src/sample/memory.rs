//! Memory by state, what is available, and swap in use.

use super::{Readings, Sampler, ratio};
use crate::platform::{MemoryFigures, MemoryReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

#[derive(Default)]
pub(super) struct Memory {
    reader: MemoryReader,
}

impl Sampler for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        push_all(&self.reader.read()?, out);
        Ok(())
    }
}

fn push_all(figures: &MemoryFigures, out: &mut Readings) {
    let not_used = figures.free.saturating_add(figures.buffers).saturating_add(figures.cached);
    let states = [
        ("used", figures.total.saturating_sub(not_used)),
        ("free", figures.free),
        ("buffers", figures.buffers),
        ("cached", figures.cached),
    ];
    for (state, bytes) in states {
        out.push(Metric::MemoryUsage, state, bytes as f64);
    }
    let (total, available) = (figures.total as f64, figures.available as f64);
    out.push(Metric::MemoryLimit, "", total);
    out.push(Metric::MemoryAvailable, "", available);
    out.push(Metric::MemoryUtilization, "", ratio(total - available, total));
    out.push(Metric::MemoryCommitted, "", figures.committed as f64);
    let swap_used = figures.swap_total.saturating_sub(figures.swap_free) as f64;
    out.push(Metric::PagingUsage, "", swap_used);
    // No swap is no share of it, but zero keeps one shape of report on every machine.
    out.push(Metric::PagingUtilization, "", ratio(swap_used, (figures.swap_total as f64).max(1.0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(figures: &MemoryFigures, metric: Metric, object: &str) -> f64 {
        let mut readings = Readings::new();
        push_all(figures, &mut readings);
        let position = readings.series().position(|series| series == (metric, object)).unwrap();
        readings.values()[position]
    }

    const FIGURES: MemoryFigures = MemoryFigures {
        total: 8_000,
        available: 6_000,
        free: 1_000,
        buffers: 500,
        cached: 4_500,
        committed: 9_000,
        swap_total: 400,
        swap_free: 300,
    };

    #[test]
    fn the_states_add_up_to_all_memory() {
        let states = ["used", "free", "buffers", "cached"].map(|state| value(&FIGURES, Metric::MemoryUsage, state));
        assert_eq!(states, [2_000.0, 1_000.0, 500.0, 4_500.0]);
    }

    #[test]
    fn utilization_is_what_is_not_available() {
        assert_eq!(value(&FIGURES, Metric::MemoryUtilization, "").to_string(), "0.25");
        assert_eq!(value(&FIGURES, Metric::PagingUtilization, "").to_string(), "0.25");
    }

    #[test]
    fn a_machine_without_swap_uses_none() {
        let figures = MemoryFigures { swap_total: 0, swap_free: 0, ..FIGURES };
        assert_eq!(value(&figures, Metric::PagingUtilization, "").to_string(), "0");
    }
}
