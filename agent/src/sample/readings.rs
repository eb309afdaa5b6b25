//! The values of one cycle, by position in a dictionary of series that stays the same from cycle to cycle. It knows no
//! sampler and no wire format beyond the digest that names the dictionary.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use wacht_proto::block;
use wacht_proto::catalog::Metric;

/// After so many cycles without a value a series is long absent.
const ABSENT_CYCLES: u64 = 60;
/// The contract's bound on an object.
const OBJECT_BYTES_MAX: usize = 256;

/// Series and their values. A series keeps its position until `compact` drops those that are long absent.
pub struct Readings {
    series: Vec<Series>,
    values: Vec<f64>,
    positions: HashMap<Metric, HashMap<Arc<str>, usize>>,
    digest: OnceLock<u64>,
    cursor: usize,
    cycle: u64,
    refused: u64,
}

struct Series {
    metric: Metric,
    object: Arc<str>,
    seen: u64,
}

impl Readings {
    /// No series and no values.
    pub fn new() -> Self {
        Readings {
            series: Vec::new(),
            values: Vec::new(),
            positions: HashMap::new(),
            digest: OnceLock::new(),
            cursor: 0,
            cycle: 0,
            refused: 0,
        }
    }

    /// Starts a cycle: no series has a value. Compacts first when more than a quarter of the series is long absent, or
    /// when the absent ones keep new ones out.
    pub fn begin(&mut self) {
        self.cycle += 1;
        let absent = self.series.iter().filter(|series| self.is_long_absent(series)).count();
        if absent * 4 > self.series.len() || (absent > 0 && self.series.len() == block::SERIES_MAX) {
            self.compact();
        }
        self.values.fill(f64::NAN);
        self.cursor = 0;
    }

    /// Sets the value of a series, which is added when it is new; the last value of a cycle counts. Values that are not
    /// finite are ignored; series over 2,000 and objects over 256 bytes are counted in `refused`.
    pub fn push(&mut self, metric: Metric, object: &str, value: f64) {
        if !value.is_finite() {
            return;
        }
        if let Some(position) = self.locate(metric, object) {
            // A negative zero would cost nine bytes on the wire.
            self.values[position] = value + 0.0;
        }
    }

    /// Makes a series known that has no value yet, such as a difference at the first reading, so that the dictionary is
    /// whole from the first cycle. Refuses as `push` does.
    pub fn declare(&mut self, metric: Metric, object: &str) {
        self.locate(metric, object);
    }

    /// The series by position.
    pub fn series(&self) -> impl Iterator<Item = (Metric, &str)> {
        self.series.iter().map(|series| (series.metric, &*series.object))
    }

    /// The values by position; NaN where there is none.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The name of the dictionary: `block::dictionary_digest`, computed only when the series changed.
    pub fn digest(&self) -> u64 {
        let entries = || self.series().map(|(metric, object)| (metric.number(), object));
        *self.digest.get_or_init(|| block::dictionary_digest(entries()))
    }

    /// How many series have a value.
    pub fn filled(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// How many pushes were refused since this was made.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Drops the series that had no value for 60 cycles; the others move up.
    pub fn compact(&mut self) {
        let keep: Vec<bool> = self.series.iter().map(|series| !self.is_long_absent(series)).collect();
        if keep.iter().all(|keep| *keep) {
            return;
        }
        let mut flags = keep.iter().copied();
        self.values.retain(|_| flags.next().unwrap_or(true));
        let mut flags = keep.iter().copied();
        self.series.retain(|_| flags.next().unwrap_or(true));
        self.positions.clear();
        for (position, series) in self.series.iter().enumerate() {
            self.positions.entry(series.metric).or_default().insert(Arc::clone(&series.object), position);
        }
        self.digest = OnceLock::new();
        self.cursor = 0;
    }

    fn is_long_absent(&self, series: &Series) -> bool {
        self.cycle.saturating_sub(series.seen) > ABSENT_CYCLES
    }

    /// The position of a series, seen in this cycle from now on; `None` when it is refused.
    fn locate(&mut self, metric: Metric, object: &str) -> Option<usize> {
        let position = self.position(metric, object).or_else(|| self.add(metric, object));
        let Some(position) = position else {
            self.refused += 1;
            return None;
        };
        self.series[position].seen = self.cycle;
        self.cursor = position + 1;
        Some(position)
    }

    fn position(&self, metric: Metric, object: &str) -> Option<usize> {
        // Samplers push in the same order every time, so the next position is nearly always the one.
        let next = self.series.get(self.cursor);
        if next.is_some_and(|series| series.metric == metric && &*series.object == object) {
            return Some(self.cursor);
        }
        self.positions.get(&metric)?.get(object).copied()
    }

    fn add(&mut self, metric: Metric, object: &str) -> Option<usize> {
        if self.series.len() >= block::SERIES_MAX || object.len() > OBJECT_BYTES_MAX {
            return None;
        }
        let (position, object) = (self.series.len(), Arc::<str>::from(object));
        self.positions.entry(metric).or_default().insert(Arc::clone(&object), position);
        self.series.push(Series { metric, object, seen: self.cycle });
        self.values.push(f64::NAN);
        self.digest = OnceLock::new();
        Some(position)
    }
}

impl Default for Readings {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(readings: &Readings) -> Vec<&str> {
        readings.series().map(|(_, object)| object).collect()
    }

    fn cycle(readings: &mut Readings, objects: &[&str]) {
        readings.begin();
        for object in objects {
            readings.push(Metric::NetworkIo, object, 1.0);
        }
    }

    #[test]
    fn a_series_keeps_its_position_and_its_digest_in_any_order() {
        let mut readings = Readings::new();
        cycle(&mut readings, &["a", "b", "c"]);
        let digest = readings.digest();
        readings.begin();
        for (object, value) in [("c", 3.0), ("a", 1.0), ("b", 2.0)] {
            readings.push(Metric::NetworkIo, object, value);
        }
        assert_eq!(readings.values(), [1.0, 2.0, 3.0]);
        assert_eq!(readings.digest(), digest);
        assert_eq!(digest, block::dictionary_digest([(50, "a"), (50, "b"), (50, "c")]));
    }

    #[test]
    fn a_new_series_changes_the_digest() {
        let mut readings = Readings::new();
        cycle(&mut readings, &["a"]);
        let digest = readings.digest();
        readings.push(Metric::DiskIo, "a", 1.0);
        assert_ne!(readings.digest(), digest);
    }

    #[test]
    fn a_series_without_a_value_is_missing_and_not_last_cycles_value() {
        let mut readings = Readings::new();
        cycle(&mut readings, &["a", "b"]);
        cycle(&mut readings, &["b"]);
        assert!(readings.values()[0].is_nan());
        assert_eq!((readings.values()[1].to_bits(), readings.filled()), (1.0f64.to_bits(), 1));
    }

    #[test]
    fn values_that_are_not_finite_are_ignored() {
        let mut readings = Readings::new();
        readings.begin();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            readings.push(Metric::Uptime, "", value);
        }
        assert_eq!((readings.series().count(), readings.filled()), (0, 0));
        readings.push(Metric::Uptime, "", -0.0);
        assert_eq!(readings.values()[0].to_bits(), 0);
    }

    #[test]
    fn a_declared_series_is_known_without_a_value() {
        let mut readings = Readings::new();
        readings.begin();
        readings.declare(Metric::CpuUtilization, "");
        assert_eq!((readings.series().count(), readings.filled()), (1, 0));
    }

    #[test]
    fn series_over_the_bound_are_refused_and_counted() {
        let mut readings = Readings::new();
        readings.begin();
        for index in 0..2_003 {
            readings.push(Metric::FilesystemUsage, &index.to_string(), 1.0);
        }
        readings.push(Metric::FilesystemUsage, "7", 2.0);
        assert_eq!((readings.values().len(), readings.refused()), (2_000, 3));
    }

    #[test]
    fn an_object_that_is_too_long_is_refused() {
        let mut readings = Readings::new();
        readings.begin();
        readings.push(Metric::FilesystemUsage, &"x".repeat(257), 1.0);
        assert_eq!((readings.values().len(), readings.refused()), (0, 1));
    }

    #[test]
    fn compact_drops_what_was_absent_for_sixty_cycles_and_keeps_the_rest() {
        let mut readings = Readings::new();
        cycle(&mut readings, &["gone", "a", "b", "c", "d"]);
        for _ in 0..59 {
            cycle(&mut readings, &["a", "b", "c", "d"]);
        }
        readings.compact();
        assert_eq!(objects(&readings), ["gone", "a", "b", "c", "d"]);
        cycle(&mut readings, &["a", "b", "c", "d"]);
        let digest = readings.digest();
        readings.begin();
        readings.compact();
        assert_eq!(objects(&readings), ["a", "b", "c", "d"]);
        assert_ne!(readings.digest(), digest);
        readings.push(Metric::NetworkIo, "d", 9.0);
        assert_eq!(readings.values()[3].to_bits(), 9.0f64.to_bits());
    }

    #[test]
    fn a_dictionary_that_is_mostly_dead_compacts_itself() {
        let mut readings = Readings::new();
        cycle(&mut readings, &["x", "y", "a"]);
        for _ in 0..62 {
            cycle(&mut readings, &["a"]);
        }
        assert_eq!(objects(&readings), ["a"]);
    }

    #[test]
    fn a_full_dictionary_gives_way_to_new_series() {
        let mut readings = Readings::new();
        let names: Vec<String> = (0..2_000).map(|index| index.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        cycle(&mut readings, &names);
        for _ in 0..62 {
            cycle(&mut readings, &names[1..]);
        }
        readings.push(Metric::NetworkIo, "new", 1.0);
        assert_eq!((readings.values().len(), readings.refused()), (2_000, 0));
    }
}
