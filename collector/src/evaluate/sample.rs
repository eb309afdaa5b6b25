//! Judges the samples of a report: thresholds and forecasts, object by object. Reports older than the newest judged
//! one of their host are history and judge nothing.

use super::forecast;
use super::memory::{Entry, Memory};
use super::sentence::{self, Arguments, Raised};
use super::threshold::{Readings, held_step};
use super::watch::Patience;
use crate::model::{Argument, Condition, Finding, Horizon, Message, Monitor, Step, StoredReport, Verdict};
use jiff::Timestamp;

/// Reports in a row without an object after which it is gone.
const ABSENT_MAX: u16 = 3;
/// After so many its past is forgotten too: a day of minutes.
const ABSENT_FORGOTTEN: u16 = 1440;
/// An object read less often than this begins its hold again, in seconds.
const READ_GAP_S_MIN: i64 = 900;

/// Judges thresholds and forecasts; findings only where a verdict changed. `monitors` is the host's whole list: what
/// any other monitor had raised for this host is cleared.
pub fn judge_samples(monitors: &[Monitor], memory: &mut Memory, report: &StoredReport) -> Vec<Finding> {
    let Some(after_gap) = memory.advance(report.host, report.at, Some(report.interval_s)) else { return Vec::new() };
    let gap_s = READ_GAP_S_MIN.max(3 * i64::from(report.interval_s));
    let mut pass =
        Pass { memory, report, readings: Readings::new(&report.samples), after_gap, gap_s, findings: Vec::new() };
    pass.retire(monitors);
    for monitor in monitors {
        pass.judge(monitor);
    }
    pass.findings
}

/// One report under judgement.
struct Pass<'a> {
    memory: &'a mut Memory,
    report: &'a StoredReport,
    readings: Readings<'a>,
    after_gap: bool,
    gap_s: i64,
    findings: Vec<Finding>,
}

impl<'a> Pass<'a> {
    /// Clears what monitors raised that no longer watch this host.
    fn retire(&mut self, monitors: &[Monitor]) {
        let host = self.report.host;
        for name in self.memory.monitors(host) {
            if monitors.iter().any(|monitor| monitor.name == name) {
                continue;
            }
            for object in self.memory.objects(host, &name) {
                if self.memory.entry(host, &name, &object).watch.level > 0 {
                    self.findings.push(retired(&name, &object, self.report.at));
                }
                self.memory.keep(host, &name, &object, Entry::default());
            }
        }
    }

    fn judge(&mut self, monitor: &Monitor) {
        match &monitor.condition {
            Condition::Threshold { steps, ignore_objects } => {
                let metrics: Vec<_> =
                    steps.iter().flat_map(|step| &step.all).map(|level| level.metric.as_str()).collect();
                for object in self.objects(monitor, &metrics, ignore_objects) {
                    self.judge_steps(monitor, steps, object);
                }
            }
            Condition::Forecast { metric, ignore_objects, .. } => {
                for object in self.objects(monitor, &[metric], ignore_objects) {
                    self.judge_growth(monitor, object);
                }
            }
            Condition::Absence { .. } | Condition::State { .. } => {}
        }
    }

    /// The objects of this report; counts on the way those that are missing.
    fn objects(&mut self, monitor: &Monitor, metrics: &[&str], ignored: &[String]) -> Vec<&'a str> {
        let objects = self.readings.objects(metrics, ignored);
        // No object at all is a sampler that failed, not a host without file systems.
        if !objects.is_empty() {
            let remembered = self.memory.objects(self.report.host, &monitor.name);
            let missing = remembered.iter().filter(|object| !objects.contains(&object.as_str()));
            missing.for_each(|object| self.miss(monitor, object));
        }
        objects
    }

    fn miss(&mut self, monitor: &Monitor, object: &str) {
        let mut entry = self.memory.entry(self.report.host, &monitor.name, object);
        entry.absent = entry.absent.saturating_add(1);
        if entry.absent >= ABSENT_MAX {
            if entry.watch.level > 0 {
                self.findings.push(sentence::vanished(monitor, object, self.report.at));
            }
            let absent = entry.absent;
            let growth = entry.growth.filter(|_| absent < ABSENT_FORGOTTEN);
            entry = Entry { absent: if growth.is_some() { absent } else { 0 }, growth, ..Entry::default() };
        }
        self.memory.keep(self.report.host, &monitor.name, object, entry);
    }

    fn judge_steps(&mut self, monitor: &Monitor, steps: &[Step], object: &str) {
        let mut entry = self.entry(monitor, object);
        if let Some(level) = held_step(steps, entry.watch.level, |metric| self.readings.value(metric, object)) {
            let patience = Patience { hold_s: monitor.hold_s, clear_hold_s: monitor.clear_hold_s };
            if entry.watch.read(level, self.report.at, patience).is_some() {
                let metrics =
                    steps.iter().flat_map(|step| &step.all).flat_map(|level| level.per.iter().chain([&level.metric]));
                let arguments = self.figures(monitor, metrics, object);
                let finding = self.say_step(monitor, steps, object, &entry, arguments);
                self.findings.push(finding);
            }
        }
        self.memory.keep(self.report.host, &monitor.name, object, entry);
    }

    fn say_step(
        &self,
        monitor: &Monitor,
        steps: &[Step],
        object: &str,
        entry: &Entry,
        arguments: Arguments,
    ) -> Finding {
        let at = self.report.at;
        let Some(step) = at_level(steps, entry.watch.level) else {
            return sentence::clear(monitor, object, at, arguments);
        };
        let levels = step.all.iter().filter(|level| level.per.is_none());
        let raised = Raised {
            severity: step.severity,
            since: entry.watch.since.unwrap_or(at),
            deadline: None,
            levels: levels.filter_map(|level| Some((level.metric.clone(), level.above.or(level.below)?))).collect(),
        };
        sentence::alarm(monitor, object, at, raised, arguments)
    }

    fn judge_growth(&mut self, monitor: &Monitor, object: &str) {
        let Condition::Forecast { metric, window_h, history_h_min, horizons, calm_h, .. } = &monitor.condition else {
            return;
        };
        let Some(share) = self.readings.value(metric, object) else { return };
        let at = self.report.at;
        let mut entry = self.entry(monitor, object);
        let growth = entry.growth.get_or_insert_default();
        growth.observe(at, share, *window_h, *history_h_min);
        let level = forecast::held_horizon(horizons, entry.watch.level, growth.trend.as_ref(), share, at);
        let clear_hold_s = monitor.clear_hold_s.max(u64::from(*calm_h) * 3600);
        let turned = entry.watch.read(level, at, Patience { hold_s: monitor.hold_s, clear_hold_s }).is_some();
        if let Some(finding) = self.say_growth(monitor, horizons, object, &mut entry, turned) {
            self.findings.push(finding);
        }
        self.memory.keep(self.report.host, &monitor.name, object, entry);
    }

    /// A finding when the verdict turned, or when the deadline that was told has moved.
    fn say_growth(
        &self,
        monitor: &Monitor,
        horizons: &[Horizon],
        object: &str,
        entry: &mut Entry,
        turned: bool,
    ) -> Option<Finding> {
        let at = self.report.at;
        let Some(horizon) = at_level(horizons, entry.watch.level) else {
            entry.told = None;
            let arguments = self.figures(monitor, std::iter::empty(), object);
            return turned.then(|| sentence::clear(monitor, object, at, arguments));
        };
        let trend = entry.growth.as_ref()?.trend?;
        let deadline = forecast::deadline(&trend, at);
        if !turned && entry.told.is_some_and(|told| !forecast::moved(&told, &deadline, at)) {
            return None;
        }
        entry.told = Some(deadline);
        let mut arguments = self.figures(monitor, std::iter::empty(), object);
        let size = match &monitor.condition {
            Condition::Forecast { limit_metric, .. } => self.readings.value(limit_metric, object),
            _ => None,
        };
        let growth = size.map_or(Argument::Ratio(trend.per_day()), |size| Argument::Bytes(trend.per_day() * size));
        arguments.extend([
            ("growth".to_owned(), growth),
            ("likely".to_owned(), Argument::Time(deadline.likely)),
            ("earliest".to_owned(), Argument::Time(deadline.earliest)),
            ("latest".to_owned(), Argument::Time(deadline.latest.unwrap_or(deadline.likely))),
            ("history".to_owned(), Argument::Seconds(trend.history_h * 3600.0)),
        ]);
        let since = entry.watch.since.unwrap_or(at);
        let raised = Raised { severity: horizon.severity, since, deadline: Some(deadline), levels: full_line(monitor) };
        Some(sentence::alarm(monitor, object, at, raised, arguments))
    }

    /// What is remembered of an object that this report has, with its hold begun again where data was missing.
    fn entry(&self, monitor: &Monitor, object: &str) -> Entry {
        let mut entry = self.memory.entry(self.report.host, &monitor.name, object);
        entry.absent = 0;
        if self.after_gap {
            entry.watch.interrupt();
        }
        entry.watch.interrupt_if_older(self.report.at, self.gap_s);
        entry
    }

    fn figures<'m>(&self, monitor: &'m Monitor, more: impl Iterator<Item = &'m String>, object: &str) -> Arguments {
        let metrics = monitor.evidence.iter().chain(more).map(String::as_str);
        sentence::figures(metrics, |metric| self.readings.value(metric, object))
    }
}

/// What stands at a level from 1; the last one where a changed condition has fewer.
fn at_level<T>(list: &[T], level: u8) -> Option<&T> {
    let index = usize::from(level).checked_sub(1)?;
    list.get(index).or_else(|| list.last())
}

fn full_line(monitor: &Monitor) -> Vec<(String, f64)> {
    match &monitor.condition {
        Condition::Forecast { metric, .. } => vec![(metric.clone(), 1.0)],
        _ => Vec::new(),
    }
}

fn retired(monitor: &str, object: &str, at: Timestamp) -> Finding {
    let reason = Message::new("judge-clear-retired").with_text("object", object);
    let (monitor, object) = (monitor.to_owned(), object.to_owned());
    Finding { monitor, monitor_version: 0, object, verdict: Verdict::Clear { reason }, at }
}

#[cfg(test)]
mod tests;
