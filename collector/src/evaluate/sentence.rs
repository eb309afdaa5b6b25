//! Turns a verdict into messages: keys of the catalogue `judge` with arguments. Knows the units of the metrics, not
//! their levels.

use crate::model::{Alarm, Argument, Deadline, Finding, Message, Monitor, Severity, Verdict};
use jiff::Timestamp;
use std::collections::BTreeMap;
use wacht_proto::catalog;

/// Stands for a figure that this report lacks.
const UNKNOWN: &str = "–";

/// Arguments of a sentence by name.
pub(super) type Arguments = BTreeMap<String, Argument>;

/// `judge-<monitor>-<part>` with arguments.
pub(super) fn say(monitor: &str, part: &str, arguments: &Arguments) -> Message {
    Message { key: format!("judge-{}-{part}", monitor.replace('_', "-")), arguments: arguments.clone() }
}

/// What an alarm adds to its monitor.
pub(super) struct Raised {
    pub severity: Severity,
    pub since: Timestamp,
    pub deadline: Option<Deadline>,
    pub levels: Vec<(String, f64)>,
}

/// A finding that alarms, in the monitor's sentences.
pub(super) fn alarm(monitor: &Monitor, object: &str, at: Timestamp, raised: Raised, mut arguments: Arguments) -> Finding {
    arguments.insert("object".to_owned(), Argument::Text(object.to_owned()));
    arguments.insert("since".to_owned(), Argument::Time(raised.since));
    let alarm = Alarm {
        severity: raised.severity,
        title: say(&monitor.name, "title", &arguments),
        reason: say(&monitor.name, "reason", &arguments),
        next_step: Message { key: monitor.runbook.clone(), arguments: arguments.clone() },
        caveat: monitor.forecast.then(|| say(&monitor.name, "caveat", &arguments)),
        deadline: raised.deadline,
        since: raised.since,
        levels: raised.levels,
    };
    finding(monitor, object, at, Verdict::Alarm(alarm))
}

/// A finding that clears for the monitor's own reason.
pub(super) fn clear(monitor: &Monitor, object: &str, at: Timestamp, mut arguments: Arguments) -> Finding {
    arguments.insert("object".to_owned(), Argument::Text(object.to_owned()));
    finding(monitor, object, at, Verdict::Clear { reason: say(&monitor.name, "clear", &arguments) })
}

/// A finding that clears because the object is no longer there.
pub(super) fn vanished(monitor: &Monitor, object: &str, at: Timestamp) -> Finding {
    let reason = Message::new("judge-clear-vanished").with_text("object", object);
    finding(monitor, object, at, Verdict::Clear { reason })
}

fn finding(monitor: &Monitor, object: &str, at: Timestamp, verdict: Verdict) -> Finding {
    let (monitor, monitor_version) = (monitor.name.clone(), monitor.version);
    Finding { monitor, monitor_version, object: object.to_owned(), verdict, at }
}

/// Arguments for metrics: `utilization`, `available`, `size`, `load`, `processors`, … in the metric's own unit.
pub(super) fn figures<'a>(metrics: impl Iterator<Item = &'a str>, value: impl Fn(&str) -> Option<f64>) -> Arguments {
    metrics.filter_map(|name| {
        let unit = catalog::by_name(name)?.entry().unit;
        let argument = match (value(name), unit) {
            (None, _) => Argument::Text(UNKNOWN.to_owned()),
            (Some(value), "1") => Argument::Ratio(value),
            (Some(value), "By") => Argument::Bytes(value),
            (Some(value), "s") => Argument::Seconds(value),
            (Some(value), _) => Argument::Number(value),
        };
        Some((argument_name(name).to_owned(), argument))
    }).collect()
}

fn argument_name(metric: &str) -> &str {
    match metric {
        "system.filesystem.limit" | "system.memory.limit" => "size",
        "system.cpu.load_average.1m" => "load",
        "system.cpu.logical.count" => "processors",
        other => other.rsplit('.').next().unwrap_or(other),
    }
}
