//! Judges what configuration items say of themselves: a service that failed, an array that lost a member, a disk that
//! fails, a restart that is due. Items hold until the host says otherwise, so only short holds begin again after missing reports.

use super::memory::{Entry, Memory};
use super::sentence::{self, Arguments, Raised};
use super::watch::Patience;
use crate::model::{Argument, Class, Condition, Finding, HostId, Item, Match, Monitor, Severity, Value};
use jiff::Timestamp;

/// Reports in a row without an item after which it is gone.
const ABSENT_MAX: u16 = 3;
/// A hold of a day or longer counts through the nights in which a host is off.
const LONG_HOLD_S: u64 = 86_400;
/// Values of a thing on its way: they neither open nor clear.
const BETWEEN: [&str; 2] = ["rebuilding", "starting"];
/// Values of a thing that is as it should be, for `seen_well_first`.
const WELL: [&str; 2] = ["running", "clean"];
/// A value that is as bad as it gets, where the monitor knows a worst.
const WORST: &str = "failed";
/// Most characters of a list in a sentence.
const LIST_CHARACTERS_MAX: usize = 200;

/// Judges the host's present items of the classes that the monitors name, at each report; findings only where a verdict
/// changed. `uptime_s` is the host's time since boot.
pub fn judge_items(
    monitors: &[Monitor],
    memory: &mut Memory,
    host: HostId,
    items: &[Item],
    uptime_s: Option<f64>,
    at: Timestamp,
) -> Vec<Finding> {
    let Some(after_gap) = memory.advance(host, at, None) else { return Vec::new() };
    let mut pass = Pass { memory, host, at, after_gap, uptime_s, findings: Vec::new() };
    for monitor in monitors {
        if let Condition::State { class, .. } = monitor.condition {
            let present = items.iter().filter(|item| item.class == class && item.gone_at.is_none());
            pass.judge(monitor, &present.collect::<Vec<_>>());
        }
    }
    pass.findings
}

/// The classes of items that these monitors look at.
pub fn judged_classes(monitors: &[Monitor]) -> Vec<Class> {
    let class = |monitor: &Monitor| match monitor.condition {
        Condition::State { class, .. } => Some(class),
        _ => None,
    };
    monitors.iter().filter_map(class).collect()
}

/// The items of one host under judgement.
struct Pass<'a> {
    memory: &'a mut Memory,
    host: HostId,
    at: Timestamp,
    after_gap: bool,
    uptime_s: Option<f64>,
    findings: Vec<Finding>,
}

impl Pass<'_> {
    fn judge(&mut self, monitor: &Monitor, items: &[&Item]) {
        let Condition::State { boot_grace_s, ignore_names, .. } = &monitor.condition else { return };
        let judged: Vec<_> = items.iter().filter(|item| !is_ignored(ignore_names, item)).collect();
        for object in self.memory.objects(self.host, &monitor.name) {
            if !judged.iter().any(|item| object_of(item) == object) {
                self.miss(monitor, &object);
            }
        }
        let in_grace = self.uptime_s.is_some_and(|uptime_s| uptime_s < *boot_grace_s as f64);
        for item in judged {
            self.judge_item(monitor, item, in_grace);
        }
    }

    fn miss(&mut self, monitor: &Monitor, object: &str) {
        let mut entry = self.memory.entry(self.host, &monitor.name, object);
        entry.absent = entry.absent.saturating_add(1);
        if entry.absent >= ABSENT_MAX {
            if entry.watch.level > 0 {
                self.findings.push(sentence::vanished(monitor, object, self.at));
            }
            entry = Entry::default();
        }
        self.memory.keep(self.host, &monitor.name, object, entry);
    }

    fn judge_item(&mut self, monitor: &Monitor, item: &Item, in_grace: bool) {
        let Condition::State { matches, matches_any, seen_well_first, worst_when_zero, .. } = &monitor.condition else {
            return;
        };
        let object = object_of(item);
        let mut entry = self.memory.entry(self.host, &monitor.name, object);
        entry.absent = 0;
        if in_grace || (self.after_gap && monitor.hold_s < LONG_HOLD_S) {
            entry.watch.interrupt();
        }
        if *seen_well_first && has_value(item, matches, &WELL) {
            entry.seen_well = true;
        }
        let judged = !in_grace && !has_value(item, matches, &BETWEEN) && (!*seen_well_first || entry.seen_well);
        if judged {
            let level = level(item, matches, matches_any, worst_when_zero.as_deref());
            let patience = Patience { hold_s: monitor.hold_s, clear_hold_s: monitor.clear_hold_s };
            if entry.watch.read(level, self.at, patience).is_some() {
                self.findings.push(say(monitor, item, &entry, self.at));
            }
        }
        self.memory.keep(self.host, &monitor.name, object, entry);
    }
}

/// The only item of its class is the host's own.
fn object_of(item: &Item) -> &str {
    if item.class == Class::Update { "" } else { &item.key }
}

fn is_ignored(ignore_names: &[String], item: &Item) -> bool {
    ignore_names.iter().any(|name| match name.strip_suffix('*') {
        Some(prefix) => item.name.starts_with(prefix) || item.key.starts_with(prefix),
        None => *name == item.name || *name == item.key,
    })
}

/// 0 when it does not match, 1 when it does, 2 when it is as bad as it gets.
fn level(item: &Item, matches: &[Match], matches_any: &[Match], worst_when_zero: Option<&str>) -> u8 {
    let any = matches_any.is_empty() || matches_any.iter().any(|wanted| holds(item, wanted));
    if !any || !matches.iter().all(|wanted| holds(item, wanted)) {
        return 0;
    }
    let is_worst = |name| item.fields.get(name) == Some(&Value::Integer(0)) || has_value(item, matches, &[WORST]);
    if worst_when_zero.is_some_and(is_worst) { 2 } else { 1 }
}

fn holds(item: &Item, wanted: &Match) -> bool {
    match (item.fields.get(&wanted.field), wanted.above) {
        (None, _) => false,
        (Some(Value::Integer(number)), Some(above)) => *number >= above,
        (Some(_), Some(_)) => false,
        (Some(Value::List(texts)), None) if wanted.filled => !texts.is_empty(),
        (Some(Value::Text(text)), None) if wanted.filled => !text.is_empty(),
        (Some(_), None) => field(item, &wanted.field).is_some_and(|value| wanted.any_of.contains(&value)),
    }
}

fn has_value(item: &Item, matches: &[Match], words: &[&str]) -> bool {
    matches.iter().filter_map(|wanted| field(item, &wanted.field)).any(|value| words.contains(&value.as_str()))
}

/// A field as a text; flags read `true` and `false`.
fn field(item: &Item, name: &str) -> Option<String> {
    item.fields.get(name).map(|value| match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(texts) => texts.join(", "),
    })
}

fn say(monitor: &Monitor, item: &Item, entry: &Entry, at: Timestamp) -> Finding {
    let (object, arguments) = (object_of(item), arguments(item));
    let severity = match entry.watch.level {
        0 => return sentence::clear(monitor, object, at, arguments),
        1 => monitor.severity,
        _ => Severity::P1,
    };
    let since = entry.watch.since.unwrap_or(at);
    let raised = Raised { severity, since, deadline: None, levels: Vec::new() };
    sentence::alarm(monitor, object, at, raised, arguments)
}

/// The fields of the item, and those that the sentences of its class need even where the host does not say them.
fn arguments(item: &Item) -> Arguments {
    let needed: &[&str] = match item.class {
        Class::Service => &["description", "result"],
        Class::Array => &["level", "state", "members_failed", "members_expected", "members_active", "redundancy_left"],
        Class::Update => &["reboot_reason", "packages"],
        Class::DiskHealth => &[
            "serial",
            "verdict",
            "failing_now",
            "critical_warning",
            "power_on_hours",
            "reallocated_sectors",
            "pending_sectors",
            "spare_percent",
            "wear_percent",
        ],
        _ => &[],
    };
    let mut arguments: Arguments = needed.iter().map(|name| ((*name).to_owned(), argument(item, name))).collect();
    arguments.insert("name".to_owned(), Argument::Text(item.name.clone()));
    arguments
}

fn argument(item: &Item, name: &str) -> Argument {
    if let Some(Value::Integer(number)) = item.fields.get(name) {
        return Argument::Number(*number as f64);
    }
    let text = field(item, name).filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned());
    Argument::Text(text.chars().take(LIST_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests;
