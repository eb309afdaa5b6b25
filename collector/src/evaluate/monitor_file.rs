//! Reads one monitor from TOML and refuses what it cannot mean, with file, line, key and what is allowed. Holds no
//! list of monitors.

use crate::model::{Condition, Horizon, Level, Match, Monitor, Severity, Step};
use wacht_proto::catalog;

/// Longest hold, in seconds: 90 days.
const HOLD_S_MAX: u64 = 90 * 86_400;
/// Longest past of a forecast, in hours: 90 days.
const WINDOW_H_MAX: u32 = 90 * 24;

/// Why a monitor or override file is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum MonitorError {
    /// It is no TOML, or a key or its type is unknown.
    #[error("{file}, line {line}: {problem}")]
    Syntax {
        /// Name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What the parser says, with the keys that are allowed.
        problem: String,
    },
    /// A key has a value that cannot be meant.
    #[error("{file}, line {line}: {key} is {found}; allowed: {allowed}")]
    Value {
        /// Name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The key.
        key: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        allowed: String,
    },
}

/// A value that cannot be meant, not yet tied to its line.
#[derive(Debug)]
pub(super) struct Fault {
    key: &'static str,
    found: String,
    allowed: String,
}

/// Reads and checks a whole monitor.
pub(super) fn read(file: &str, text: &str) -> Result<Monitor, MonitorError> {
    let monitor: Monitor = toml::from_str(text).map_err(|error| syntax(file, text, &error))?;
    check(&monitor).map_err(|fault| fault.at(file, text, 0))?;
    Ok(monitor)
}

/// Is every value of the monitor one that can be meant?
pub(super) fn check(monitor: &Monitor) -> Result<(), Fault> {
    within("hold_s", monitor.hold_s, 0, HOLD_S_MAX)?;
    within("clear_hold_s", monitor.clear_hold_s, 0, HOLD_S_MAX)?;
    monitor.evidence.iter().try_for_each(|name| metric("evidence", name, None))?;
    check_condition(&monitor.condition)
}

/// The error for what the TOML parser says.
pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> MonitorError {
    let start = error.span().map_or(0, |span| span.start);
    let line = line_at(text, start);
    MonitorError::Syntax { file: file.to_owned(), line, problem: error.message().replace('\n', " ") }
}

impl Fault {
    /// A fault of a key.
    pub fn new(key: &'static str, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { key, found: found.into(), allowed: allowed.into() }
    }

    /// Ties the fault to the line, at or after a byte offset, that holds its value, else its key.
    pub fn at(self, file: &str, text: &str, offset: usize) -> MonitorError {
        let rest = text.get(offset..).unwrap_or_default();
        let place = rest.find(&format!("\"{}\"", self.found)).or_else(|| rest.find(self.key)).unwrap_or(0);
        let (line, key) = (line_at(text, offset + place), self.key.to_owned());
        MonitorError::Value { file: file.to_owned(), line, key, found: self.found, allowed: self.allowed }
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn check_condition(condition: &Condition) -> Result<(), Fault> {
    match condition {
        Condition::Threshold { steps, .. } => {
            mildest_first("steps", steps.iter().map(|step| step.severity))?;
            steps.iter().try_for_each(check_step)
        }
        Condition::Forecast { metric: share, limit_metric, window_h, history_h_min, horizons, calm_h, .. } => {
            metric("metric", share, Some("1"))?;
            metric("limit_metric", limit_metric, Some("By"))?;
            within("window_h", *window_h, 12, WINDOW_H_MAX)?;
            within("history_h_min", *history_h_min, 12, *window_h)?;
            within("calm_h", *calm_h, 0, WINDOW_H_MAX)?;
            check_horizons(horizons)
        }
        Condition::Absence { silent_s, site_share, site_hosts_min, site_window_s } => {
            within("silent_s", *silent_s, 10, HOLD_S_MAX)?;
            within("site_share", *site_share, 0.01, 1.0)?;
            within("site_hosts_min", *site_hosts_min, 1, 10_000)?;
            within("site_window_s", *site_window_s, 1, 86_400)
        }
        Condition::State { matches, matches_any, boot_grace_s, .. } => {
            within("boot_grace_s", *boot_grace_s, 0, 86_400)?;
            filled("matches", matches.len() + matches_any.len())?;
            matches.iter().chain(matches_any).try_for_each(check_match)
        }
    }
}

fn check_match(wanted: &Match) -> Result<(), Fault> {
    let said = [!wanted.any_of.is_empty(), wanted.above.is_some(), wanted.filled];
    match said.into_iter().filter(|said| *said).count() {
        1 => Ok(()),
        _ => Err(Fault::new("field", wanted.field.clone(), "exactly one of any_of, above and filled")),
    }
}

fn check_step(step: &Step) -> Result<(), Fault> {
    filled("all", step.all.len())?;
    step.all.iter().try_for_each(check_level)
}

fn check_level(level: &Level) -> Result<(), Fault> {
    metric("metric", &level.metric, None)?;
    level.per.iter().try_for_each(|per| metric("per", per, None))?;
    let bounds = [level.above, level.below, level.clear];
    if let Some(wrong) = bounds.into_iter().flatten().find(|bound| !bound.is_finite()) {
        return Err(Fault::new("all", wrong.to_string(), "a finite number"));
    }
    match (level.above, level.below, level.clear) {
        (Some(above), None, Some(clear)) if clear > above => {
            Err(Fault::new("clear", clear.to_string(), format!("at most {above}, the level above which it holds")))
        }
        (None, Some(below), Some(clear)) if clear < below => {
            Err(Fault::new("clear", clear.to_string(), format!("at least {below}, the level below which it holds")))
        }
        (Some(_), None, _) | (None, Some(_), _) => Ok(()),
        _ => Err(Fault::new("metric", level.metric.clone(), "exactly one of above and below")),
    }
}

fn check_horizons(horizons: &[Horizon]) -> Result<(), Fault> {
    mildest_first("horizons", horizons.iter().map(|horizon| horizon.severity))?;
    horizons.iter().try_for_each(|horizon| within("within_h", horizon.within_h, 1.0, 100_000.0))?;
    let nearer = horizons.windows(2).all(|pair| pair[1].within_h < pair[0].within_h);
    nearer.then_some(()).ok_or_else(|| Fault::new("horizons", "out of order", "the farthest first"))
}

fn mildest_first(key: &'static str, severities: impl Iterator<Item = Severity>) -> Result<(), Fault> {
    let severities: Vec<_> = severities.collect();
    within(key, severities.len(), 1, 8)?;
    // P1 sorts first, so going on must never grow.
    let worse = severities.windows(2).all(|pair| pair[1] <= pair[0]);
    worse.then_some(()).ok_or_else(|| Fault::new(key, "out of order", "the mildest severity first"))
}

fn metric(key: &'static str, name: &str, unit: Option<&str>) -> Result<(), Fault> {
    let known = catalog::by_name(name).map(|metric| metric.entry().unit);
    match unit {
        _ if known.is_none() => Err(Fault::new(key, name, "a metric of the catalogue")),
        Some(unit) if known != Some(unit) => Err(Fault::new(key, name, format!("a metric in the unit {unit}"))),
        _ => Ok(()),
    }
}

fn filled(key: &'static str, count: usize) -> Result<(), Fault> {
    within(key, count, 1, 1000)
}

fn within<T: PartialOrd + std::fmt::Display>(key: &'static str, value: T, least: T, most: T) -> Result<(), Fault> {
    if value >= least && value <= most {
        return Ok(());
    }
    Err(Fault::new(key, value.to_string(), format!("{least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "disk_space"
version = 1
severity = "P3"
runbook = "judge-disk-space-next"

[condition]
kind = "threshold"

[[condition.steps]]
severity = "P3"
all = [{ metric = "system.filesystem.utilization", above = 0.8, clear = 0.75 }]
"#;

    fn refusal(from: &str, to: &str) -> String {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD);
        read("disk_space.toml", &text).unwrap_err().to_string()
    }

    #[test]
    fn a_sound_monitor_is_read() {
        assert_eq!(read("disk_space.toml", GOOD).unwrap().name, "disk_space");
    }

    #[test]
    fn an_unknown_metric_is_refused_with_its_line() {
        assert_eq!(
            refusal("filesystem.utilization", "filesystem.used"),
            "disk_space.toml, line 12: metric is system.filesystem.used; allowed: a metric of the catalogue"
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_those_allowed() {
        let refusal = refusal("version = 1", "version = 1\nhold = 5");
        assert!(
            refusal.starts_with("disk_space.toml, line 4: unknown field `hold`, expected one of `name`"),
            "{refusal}"
        );
    }

    #[test]
    fn levels_that_contradict_themselves_are_refused() {
        assert!(refusal("clear = 0.75", "clear = 0.85").contains("line 12: clear is 0.85; allowed: at most 0.8"));
        assert!(refusal("above = 0.8", "above = 0.8, below = 0.9").contains("exactly one of above and below"));
        assert!(refusal("above = 0.8", "above = nan").contains("a finite number"));
        assert!(refusal("above = 0.8", "above = \"much\"").contains("line"));
        assert!(
            refusal("all = [{ metric = \"system.filesystem.utilization\", above = 0.8, clear = 0.75 }]", "all = []")
                .contains("all is 0; allowed: 1 to 1000")
        );
    }

    #[test]
    fn steps_stand_mildest_first() {
        let worse_first = "[[condition.steps]]\nseverity = \"P2\"\nall = [{ metric = \"system.uptime\", above = 1 }]\n\n[[condition.steps]]";
        assert!(refusal("[[condition.steps]]", worse_first).contains("the mildest severity first"));
    }
}
