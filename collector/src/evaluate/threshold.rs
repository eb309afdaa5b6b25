//! Levels of metrics of one object: which step holds now, given which one already alarms. Knows no time.

use crate::model::{Level, Sample, Step};
use std::collections::{BTreeMap, BTreeSet};

/// The values of one report by metric and object.
pub(super) struct Readings<'a>(BTreeMap<&'a str, BTreeMap<&'a str, f64>>);

impl<'a> Readings<'a> {
    /// Sorts the samples of a report.
    pub fn new(samples: &'a [Sample]) -> Self {
        let mut by_metric: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
            by_metric.entry(sample.metric).or_default().insert(&sample.object, sample.value);
        }
        Self(by_metric)
    }

    /// The value of an object, else of the whole host.
    pub fn value(&self, metric: &str, object: &str) -> Option<f64> {
        let objects = self.0.get(metric)?;
        objects.get(object).or_else(|| objects.get("")).copied()
    }

    /// The objects that these metrics name, sorted; the host itself where they name none.
    pub fn objects(&self, metrics: &[&str], ignored: &[String]) -> Vec<&'a str> {
        let known = metrics.iter().filter_map(|metric| self.0.get(metric));
        let named: BTreeSet<&str> = known.flat_map(BTreeMap::keys).copied().collect();
        let several = named.len() > 1;
        let is_host = |object: &str| several && object.is_empty();
        let is_ignored = |object: &str| ignored.iter().any(|prefix| object.starts_with(prefix.as_str()));
        named.into_iter().filter(|object| !is_host(object) && !is_ignored(object)).collect()
    }
}

/// The number of the worst step that holds, from 1; 0 for none; `None` when a metric is missing. A step up to the
/// `alarming` one goes on until one of its levels is beyond its clear level.
pub(super) fn held_step(steps: &[Step], alarming: u8, value: impl Fn(&str) -> Option<f64>) -> Option<u8> {
    let mut worst = 0;
    for (number, step) in (1u8..).zip(steps) {
        if holds(step, number <= alarming, &value)? {
            worst = number;
        }
    }
    Some(worst)
}

fn holds(step: &Step, latched: bool, value: &impl Fn(&str) -> Option<f64>) -> Option<bool> {
    let mut all = true;
    for level in &step.all {
        all &= level_holds(level, latched, reading(level, value)?);
    }
    Some(all)
}

fn reading(level: &Level, value: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let reading = value(&level.metric)?;
    match &level.per {
        Some(per) => value(per).filter(|per| *per > 0.0).map(|per| reading / per),
        None => Some(reading),
    }
}

fn level_holds(level: &Level, latched: bool, reading: f64) -> bool {
    let bound = |open: f64| if latched { level.clear.unwrap_or(open) } else { open };
    match (level.above, level.below) {
        (Some(above), _) => reading >= bound(above),
        (None, Some(below)) => reading <= bound(below),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    const GB: f64 = 1e9;

    fn level(metric: &str, above: Option<f64>, below: Option<f64>, clear: f64) -> Level {
        Level { metric: metric.to_owned(), per: None, above, below, clear: Some(clear) }
    }

    fn steps() -> Vec<Step> {
        let step = |severity, share: f64, gigabytes: f64| Step {
            severity,
            all: vec![
                level("used", Some(share), None, share - 0.05),
                level("free", None, Some(gigabytes * GB), (gigabytes + 5.0) * GB),
            ],
        };
        vec![step(Severity::P3, 0.8, 10.0), step(Severity::P2, 0.9, 5.0)]
    }

    fn held(alarming: u8, used: f64, free: f64) -> Option<u8> {
        held_step(&steps(), alarming, |metric| Some(if metric == "used" { used } else { free * GB }))
    }

    #[test]
    fn all_levels_of_a_step_must_hold() {
        assert_eq!(held(0, 0.85, 9.0), Some(1));
        assert_eq!(held(0, 0.85, 11.0), Some(0));
        assert_eq!(held(0, 0.95, 8.0), Some(1));
        assert_eq!(held(0, 0.95, 4.0), Some(2));
    }

    #[test]
    fn an_alarm_goes_on_until_one_level_is_beyond_its_clear_level() {
        assert_eq!(held(1, 0.76, 14.0), Some(1));
        assert_eq!(held(1, 0.74, 14.0), Some(0));
        assert_eq!(held(1, 0.76, 15.1), Some(0));
        assert_eq!(held(2, 0.86, 9.0), Some(2));
        assert_eq!(held(2, 0.84, 9.0), Some(1));
    }

    #[test]
    fn a_missing_metric_is_no_reading() {
        assert_eq!(held_step(&steps(), 1, |metric| (metric == "used").then_some(0.1)), None);
        let load = Level { per: Some("processors".to_owned()), ..level("load", Some(2.0), None, 1.0) };
        let steps = [Step { severity: Severity::P4, all: vec![load] }];
        assert_eq!(held_step(&steps, 0, |metric| Some(if metric == "load" { 9.0 } else { 0.0 })), None);
        assert_eq!(held_step(&steps, 0, |metric| Some(if metric == "load" { 9.0 } else { 4.0 })), Some(1));
    }

    #[test]
    fn objects_are_those_of_the_metric_and_else_the_host() {
        let sample = |metric, object: &str| Sample { metric, object: object.into(), value: 1.0 };
        let samples = [sample("used", "/snap/core"), sample("used", "/"), sample("load", "")];
        let readings = Readings::new(&samples);
        assert_eq!(readings.objects(&["used", "load"], &["/snap/".to_owned()]), ["/"]);
        assert_eq!(readings.objects(&["load"], &[]), [""]);
        assert_eq!(readings.objects(&["nothing"], &[]), Vec::<&str>::new());
        assert_eq!(readings.value("load", "/"), Some(1.0));
    }
}
