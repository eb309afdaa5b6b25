//! Reads systemd's timers from their unit files: when they elapse, what they start and whether they are switched on. The
//! service manager is not asked, so timers that it made up for a moment are left out.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::ScheduledJob;

use crate::inventory::notes::Notes;
use crate::inventory::program::program;
use crate::inventory::root::Root;

/// Where unit files lie; the first that has a name decides.
const FOLDERS: [&str; 4] = ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
const TIMERS_MAX: usize = 2_000;
const DROP_INS_MAX: usize = 64;

/// Every timer with a unit file; a template counts by the instances that are switched on.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<ScheduledJob> {
    let names: BTreeMap<&str, Vec<String>> =
        FOLDERS.iter().map(|folder| (*folder, root.names_noted(folder, notes))).collect();
    let wanted = wanted(root, &names);
    let installed = names.values().flatten().filter(|name| is_a(name, "timer") && !name.ends_with("@.timer"));
    let timers: BTreeSet<&String> = installed.chain(&wanted).collect();
    let one = |name: &String| {
        let unit = unit(root, name, notes)?;
        let triggers = value(&unit, "Timer", "Unit")
            .map_or_else(|| format!("{}.service", name.trim_end_matches(".timer")), str::to_owned);
        let service = self::unit(root, &triggers, notes).unwrap_or_default();
        Some(job(name, &unit, &service, wanted.contains(name) && !is_masked(root, name), notes))
    };
    timers.into_iter().take(TIMERS_MAX).filter_map(one).collect()
}

/// Unit files tell their kind by what follows the last dot.
fn is_a(name: &str, kind: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last == kind)
}

/// Timers that a target wants, which is how one is switched on.
fn wanted(root: &Root, names: &BTreeMap<&str, Vec<String>>) -> BTreeSet<String> {
    let folders = names.iter().flat_map(|(folder, names)| {
        names.iter().filter(|name| is_a(name, "wants")).map(move |name| format!("{folder}/{name}"))
    });
    folders.flat_map(|folder| root.names(&folder)).filter(|name| is_a(name, "timer")).collect()
}

fn is_masked(root: &Root, name: &str) -> bool {
    FOLDERS.iter().any(|folder| root.link(&format!("{folder}/{name}")).is_some_and(|target| target == "/dev/null"))
}

/// A unit's text with its drop-ins behind it; an instance has its template's where it has none of its own.
fn unit(root: &Root, name: &str, notes: &mut Notes) -> Option<String> {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let template = name.split_once('@').map(|(stem, _)| format!("{stem}@.{kind}"));
    let mut text = None;
    for candidate in [Some(name), template.as_deref()].into_iter().flatten() {
        let mut texts = FOLDERS.iter().filter_map(|folder| root.text(&format!("{folder}/{candidate}"), notes));
        text = text.or_else(|| texts.next());
    }
    let mut text = text?;
    for path in drop_ins(root, name) {
        text.push('\n');
        text.push_str(&root.text(&path, notes).unwrap_or_default());
    }
    Some(text)
}

/// Drop-ins in the order of their names; of one name the first folder's counts.
fn drop_ins(root: &Root, name: &str) -> Vec<String> {
    let mut paths = BTreeMap::new();
    for folder in FOLDERS.iter().map(|folder| format!("{folder}/{name}.d")) {
        for drop_in in root.names(&folder).into_iter().filter(|name| is_a(name, "conf")).take(DROP_INS_MAX) {
            paths.entry(drop_in.clone()).or_insert_with(|| format!("{folder}/{drop_in}"));
        }
    }
    paths.into_values().collect()
}

/// One timer, from its unit's text and that of the service that it starts.
pub fn job(name: &str, unit: &str, service: &str, enabled: bool, notes: &mut Notes) -> ScheduledJob {
    // Marks in front say how systemd runs it.
    let command =
        value(service, "Service", "ExecStart").unwrap_or_default().trim_start_matches(['@', '-', ':', '+', '!']);
    let account = if service.is_empty() { "" } else { value(service, "Service", "User").unwrap_or("root") };
    ScheduledJob {
        name: notes.text("timer", name),
        kind: "timer".to_owned(),
        schedule: notes.text("timer", &schedule(unit)),
        account: notes.text("timer", account),
        program: notes.text("timer", program(command)),
        enabled,
    }
}

/// `OnCalendar=daily; OnBootSec=15min`, as written; an empty value takes back what stood before.
fn schedule(unit: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (key, value) in settings(unit, "Timer").filter(|(key, _)| key.starts_with("On") && key.len() > 6) {
        if value.is_empty() {
            lines.clear();
        } else {
            lines.push(format!("{key}={value}"));
        }
    }
    lines.join("; ")
}

/// The last value of a setting, save of `ExecStart`, of which the first runs first.
fn value<'a>(unit: &'a str, section: &'a str, key: &str) -> Option<&'a str> {
    let mut values: Vec<&str> = Vec::new();
    for (_, value) in settings(unit, section).filter(|(name, _)| *name == key) {
        if value.is_empty() {
            values.clear();
        } else {
            values.push(value);
        }
    }
    if key == "ExecStart" { values.first().copied() } else { values.last().copied() }
}

/// The settings of one section of a unit file, in order; of a value that continues on the next line, the first line.
fn settings<'a>(unit: &'a str, section: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut inside = false;
    unit.lines().map(str::trim).filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            inside = name.trim_end_matches(']') == section;
        }
        let (key, value) = line.split_once('=').filter(|_| inside && !line.starts_with(['#', ';']))?;
        Some((key.trim_end(), value.trim_end_matches('\\').trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "[Unit]\nDescription=x\nOnFailure=y\n[Timer]\n# OnCalendar=never\nOnCalendar=*-*-* 6,18:00\nRandomizedDelaySec=12h\nOnBootSec = 15min\n[Install]\nWantedBy=timers.target\n";

    #[test]
    fn every_trigger_is_told_as_written() {
        assert_eq!(schedule(UNIT), "OnCalendar=*-*-* 6,18:00; OnBootSec=15min");
        assert_eq!(schedule(&format!("{UNIT}[Timer]\nOnCalendar=\nOnCalendar=weekly\n")), "OnCalendar=weekly");
    }

    #[test]
    fn the_service_gives_program_and_account_without_arguments() {
        let service =
            "[Service]\nUser=backup\nExecStart=-/usr/bin/dump --password=x \\\n  more\nExecStart=/bin/second\n";
        let job = job("a.timer", UNIT, service, true, &mut Notes::default());
        assert_eq!((job.program.as_str(), job.account.as_str()), ("dump", "backup"));
        assert_eq!(super::job("a.timer", UNIT, "", true, &mut Notes::default()).account, "");
    }

    #[test]
    fn nonsense_is_an_empty_schedule() {
        for text in ["", "=", "[Timer", "[Timer]\n=\nOn=\nOnCalendar", "[Timer]\\\n", "\u{0}=\u{0}"] {
            assert_eq!(schedule(text), "", "{text}");
        }
    }
}
