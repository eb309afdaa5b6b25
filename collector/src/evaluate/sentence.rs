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
pub(super) fn alarm(
    monitor: &Monitor,
    object: &str,
    at: Timestamp,
    raised: Raised,
    mut arguments: Arguments,
) -> Finding {
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
    metrics
        .filter_map(|name| {
            let unit = catalog::by_name(name)?.entry().unit;
            let argument = match (value(name), unit) {
                (None, _) => Argument::Text(UNKNOWN.to_owned()),
                (Some(value), "1") => Argument::Ratio(value),
                (Some(value), "By") => Argument::Bytes(value),
                (Some(value), "s") => Argument::Seconds(value),
                (Some(value), _) => Argument::Number(value),
            };
            Some((argument_name(name).to_owned(), argument))
        })
        .collect()
}

fn argument_name(metric: &str) -> &str {
    match metric {
        "system.filesystem.limit" | "system.memory.limit" => "size",
        "system.cpu.load_average.1m" => "load",
        "system.cpu.logical.count" => "processors",
        other => other.rsplit('.').next().unwrap_or(other),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const CATALOGUES: [&str; 2] = [include_str!("../../words/judge.en.ftl"), include_str!("../../words/judge.nl.ftl")];

    /// Panics where a sentence of the finding is missing in a language or has a hole.
    pub fn assert_spoken(finding: &Finding) {
        let alarm = match &finding.verdict {
            Verdict::Clear { reason } => return assert_filled(reason),
            Verdict::Alarm(alarm) => alarm,
        };
        [&alarm.title, &alarm.reason, &alarm.next_step].into_iter().chain(&alarm.caveat).for_each(assert_filled);
    }

    fn assert_filled(message: &Message) {
        for catalogue in CATALOGUES {
            let start = format!("\n{} = ", message.key);
            let sentence = catalogue.split(&start).nth(1).unwrap_or_else(|| panic!("{} is missing", message.key));
            let sentence = sentence.split("\njudge-").next().unwrap_or_default();
            for hole in sentence.split('$').skip(1) {
                let name: String = hole.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(message.arguments.contains_key(&name), "{} lacks {name}", message.key);
            }
        }
    }

    #[test]
    fn both_catalogues_parse_and_hold_the_same_keys() {
        for catalogue in CATALOGUES {
            assert!(fluent_bundle::FluentResource::try_new(catalogue.to_owned()).is_ok());
        }
        let keys = |text: &'static str| text.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
        assert!(keys(CATALOGUES[0]).eq(keys(CATALOGUES[1])));
    }

    #[test]
    fn figures_carry_the_unit_of_their_metric() {
        let names =
            ["system.filesystem.utilization", "system.filesystem.limit", "system.cpu.load_average.1m", "nonsense"];
        let figures = figures(names.into_iter(), |name| (!name.ends_with("limit")).then_some(0.5));
        assert_eq!(figures["utilization"], Argument::Ratio(0.5));
        assert_eq!(figures["size"], Argument::Text(UNKNOWN.to_owned()));
        assert_eq!(figures["load"], Argument::Number(0.5));
        assert_eq!(figures.len(), 3);
    }
}
