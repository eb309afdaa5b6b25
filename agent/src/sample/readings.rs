//! The values of one cycle, by position in a dictionary of series that stays the same from cycle to cycle. Known
//! series cost no allocation.

use std::collections::HashMap;
use wacht_proto::block::{SERIES_MAX, dictionary_digest};
use wacht_proto::catalog::Metric;

/// A series that was absent for this many cycles may leave the dictionary.
const ABSENT_CYCLES: u32 = 60;

struct Series {
    metric: Metric,
    object: Box<str>,
    absent: u32,
}

/// Values by position.
#[derive(Default)]
pub struct Readings {
    series: Vec<Series>,
    index: HashMap<(Metric, Box<str>), usize>,
    values: Vec<f64>,
    cursor: usize,
    digest: Option<u64>,
    refused: u64,
}

impl Readings {
    /// No series yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a cycle: every value is missing until it is pushed.
    pub fn begin(&mut self) {
        for (series, value) in self.series.iter_mut().zip(&self.values) {
            series.absent = if value.is_nan() { series.absent.saturating_add(1) } else { 0 };
        }
        let gone = self.series.iter().filter(|series| series.absent >= ABSENT_CYCLES).count();
        if gone * 4 > self.series.len() {
            self.compact();
        }
        self.values.fill(f64::NAN);
        self.cursor = 0;
    }

    /// Adds a value. What is not finite is no value; beyond the bound of a dictionary it is refused and counted.
    pub fn push(&mut self, metric: Metric, object: &str, value: f64) {
        if !value.is_finite() {
            return;
        }
        let Some(position) = self.position(metric, object) else {
            self.refused += 1;
            return;
        };
        self.values[position] = value;
        self.cursor = position + 1;
    }

    /// The dictionary, in order.
    pub fn series(&self) -> impl Iterator<Item = (Metric, &str)> {
        self.series.iter().map(|series| (series.metric, &*series.object))
    }

    /// The values, in the dictionary's order; NaN = missing.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The dictionary's name.
    pub fn digest(&mut self) -> u64 {
        if let Some(digest) = self.digest {
            return digest;
        }
        let digest = dictionary_digest(self.series().map(|(metric, object)| (metric.number(), object)));
        self.digest = Some(digest);
        digest
    }

    /// Values of this cycle.
    pub fn filled(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// Values that found no room, since the start.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Series come in the same order each cycle, so the next position is nearly always the right one.
    fn position(&mut self, metric: Metric, object: &str) -> Option<usize> {
        if let Some(series) = self.series.get(self.cursor) {
            if series.metric == metric && *series.object == *object {
                return Some(self.cursor);
            }
        }
        let key = (metric, Box::from(object));
        if let Some(position) = self.index.get(&key) {
            return Some(*position);
        }
        if self.series.len() >= SERIES_MAX {
            return None;
        }
        let position = self.series.len();
        self.series.push(Series { metric, object: Box::from(object), absent: 0 });
        self.index.insert(key, position);
        self.values.push(f64::NAN);
        self.digest = None;
        Some(position)
    }

    fn compact(&mut self) {
        self.series.retain(|series| series.absent < ABSENT_CYCLES);
        self.index = self.series.iter().enumerate().map(|(at, series)| ((series.metric, series.object.clone()), at)).collect();
        self.values = vec![f64::NAN; self.series.len()];
        self.digest = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_series_keeps_its_place_and_the_digest() {
        let mut readings = Readings::new();
        for cycle in 0..3 {
            readings.begin();
            readings.push(Metric::Uptime, "", f64::from(cycle));
            readings.push(Metric::FilesystemUtilization, "/", 0.5);
            readings.push(Metric::FilesystemUtilization, "/srv", f64::NAN);
            assert_eq!((readings.values().len(), readings.filled()), (2, 2));
        }
        let digest = readings.digest();
        readings.begin();
        readings.push(Metric::FilesystemUtilization, "/", 0.6);
        readings.push(Metric::Uptime, "", 9.0);
        assert_eq!(readings.digest(), digest, "order of pushing does not matter");
        assert_eq!(readings.values(), [9.0, 0.6]);
    }

    #[test]
    fn the_dictionary_is_bounded_and_what_is_over_is_counted() {
        let mut readings = Readings::new();
        readings.begin();
        for number in 0..SERIES_MAX + 5 {
            readings.push(Metric::DiskBusy, &number.to_string(), 1.0);
        }
        assert_eq!((readings.values().len(), readings.refused()), (SERIES_MAX, 5));
    }

    #[test]
    fn series_that_are_long_gone_leave() {
        let mut readings = Readings::new();
        readings.begin();
        readings.push(Metric::DiskBusy, "gone", 1.0);
        for _ in 0..=ABSENT_CYCLES + 1 {
            readings.begin();
            readings.push(Metric::Uptime, "", 1.0);
        }
        assert_eq!(readings.series().collect::<Vec<_>>(), [(Metric::Uptime, "")]);
    }
}
