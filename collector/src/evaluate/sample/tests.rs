//! Reports at literal instants against the shipped monitors.

use super::*;
use crate::evaluate::sentence::tests::assert_spoken;
use crate::evaluate::{MonitorSet, Subject};
use crate::model::{CustomerId, HostId, Role, Sample, Severity};
use uuid::Uuid;

const GB: f64 = 1e9;
const HOST: HostId = HostId(Uuid::from_u128(9));
const START: i64 = 1_800_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn monitors(role: Role) -> Vec<Monitor> {
    let name = String::new();
    let subject = Subject { host: HOST, host_name: name.clone(), customer_name: name.clone(), site_name: name, role };
    MonitorSet::shipped().unwrap().for_host(&subject).to_vec()
}

fn report(second: i64, samples: Vec<Sample>) -> StoredReport {
    StoredReport {
        row: 0,
        host: HOST,
        customer: CustomerId(Uuid::from_u128(1)),
        incarnation: String::new(),
        sequence: 0,
        at: at(second),
        received_at: at(second),
        skew_s: 0.0,
        interval_s: 60,
        samples,
        scans: Vec::new(),
        processes: Vec::new(),
        events: Vec::new(),
        goodbye: None,
    }
}

fn disk(object: &str, utilization: f64, size: f64) -> Vec<Sample> {
    let sample = |metric, value| Sample { metric, object: object.into(), value };
    vec![
        sample("system.filesystem.utilization", utilization),
        sample("system.filesystem.available", size * (1.0 - utilization)),
        sample("system.filesystem.limit", size),
    ]
}

/// (second, object, severity or none for clear) of each finding, after its sentences were checked.
fn told(findings: &[Finding]) -> Vec<(i64, String, Option<Severity>)> {
    findings
        .iter()
        .map(|finding| {
            assert_spoken(finding);
            let severity = match &finding.verdict {
                Verdict::Alarm(alarm) => Some(alarm.severity),
                Verdict::Clear { .. } => None,
            };
            (finding.at.as_second() - START, finding.object.clone(), severity)
        })
        .collect()
}

/// Judges a report a minute from minute `from` to `to`, with a small full disk by minute.
fn minutes(memory: &mut Memory, from: i64, to: i64, samples: impl Fn(i64) -> Vec<Sample>) -> Vec<Finding> {
    let monitors = monitors(Role::Server);
    (from..=to).flat_map(|minute| judge_samples(&monitors, memory, &report(minute * 60, samples(minute)))).collect()
}

fn tmpfs(utilization: f64) -> Vec<Sample> {
    disk("/srv/small", utilization, 64e6)
}

#[test]
fn a_full_small_disk_is_declared_after_its_hold_and_clears_after_its_clear_hold() {
    let mut memory = Memory::new();
    let findings = minutes(&mut memory, 0, 60, |minute| tmpfs(if minute < 20 { 0.95 } else { 0.5 }));
    assert_eq!(
        told(&findings),
        [(600, "/srv/small".to_owned(), Some(Severity::P2)), (35 * 60, "/srv/small".to_owned(), None)]
    );
    let Verdict::Alarm(alarm) = &findings[0].verdict else { panic!("no alarm") };
    assert_eq!((alarm.since, alarm.levels.len()), (at(0), 2));
    assert_eq!(alarm.title.arguments["available"], Argument::Bytes(64e6 * (1.0 - 0.95)));
}

#[test]
fn a_big_disk_with_room_is_never_declared() {
    let findings = minutes(&mut Memory::new(), 0, 60, |_| disk("/", 0.95, 4000.0 * GB));
    assert_eq!(told(&findings), []);
}

#[test]
fn a_disk_that_hovers_between_open_and_clear_level_stays_declared() {
    let findings = minutes(&mut Memory::new(), 0, 120, |minute| {
        disk("/", if minute <= 15 { 0.82 } else { 0.76 + 0.03 * (minute % 2) as f64 }, 40.0 * GB)
    });
    assert_eq!(told(&findings), [(600, "/".to_owned(), Some(Severity::P3))]);
}

#[test]
fn a_disk_that_gets_worse_is_declared_anew_and_keeps_its_beginning() {
    let findings =
        minutes(&mut Memory::new(), 0, 60, |minute| disk("/", if minute < 20 { 0.85 } else { 0.95 }, 40.0 * GB));
    assert_eq!(
        told(&findings),
        [(600, "/".to_owned(), Some(Severity::P3)), (1800, "/".to_owned(), Some(Severity::P2))]
    );
    let Verdict::Alarm(alarm) = &findings[1].verdict else { panic!("no alarm") };
    assert_eq!(alarm.since, at(0));
}

#[test]
fn a_gap_restarts_the_hold_and_never_clears() {
    let mut memory = Memory::new();
    assert_eq!(told(&minutes(&mut memory, 0, 9, |_| tmpfs(0.95))), []);
    assert_eq!(told(&minutes(&mut memory, 14, 23, |_| tmpfs(0.95))), []);
    assert_eq!(told(&minutes(&mut memory, 24, 24, |_| tmpfs(0.95))).len(), 1);
    assert_eq!(told(&minutes(&mut memory, 500, 600, |_| Vec::new())), []);
}

#[test]
fn backlog_opens_and_clears_nothing() {
    let mut memory = Memory::new();
    minutes(&mut memory, 1000, 1000, |_| tmpfs(0.1));
    assert_eq!(told(&minutes(&mut memory, 0, 999, |_| tmpfs(0.99))), []);
    assert_eq!(told(&minutes(&mut memory, 1001, 1011, |_| tmpfs(0.99))).len(), 1);
    assert_eq!(told(&minutes(&mut memory, 0, 999, |_| tmpfs(0.1))), []);
}

#[test]
fn an_unmounted_disk_clears_after_three_reports_without_it() {
    let mut memory = Memory::new();
    let both = |minute| [disk("/", 0.1, 40.0 * GB), if minute < 12 { tmpfs(0.95) } else { Vec::new() }].concat();
    let findings = minutes(&mut memory, 0, 30, both);
    assert_eq!(told(&findings)[1], (14 * 60, "/srv/small".to_owned(), None));
    let Verdict::Clear { reason } = &findings[1].verdict else { panic!("no clear") };
    assert_eq!(reason.key, "judge-clear-vanished");
}

#[test]
fn a_sampler_that_fails_for_all_disks_clears_nothing() {
    let mut memory = Memory::new();
    let findings = minutes(&mut memory, 0, 60, |minute| if minute < 12 { tmpfs(0.95) } else { Vec::new() });
    assert_eq!(told(&findings).len(), 1);
}

#[test]
fn what_a_monitor_that_is_gone_had_raised_is_cleared() {
    let mut memory = Memory::new();
    minutes(&mut memory, 0, 12, |_| tmpfs(0.95));
    let without: Vec<_> = monitors(Role::Server).into_iter().filter(|monitor| monitor.name != "disk_space").collect();
    let findings = judge_samples(&without, &mut memory, &report(13 * 60, tmpfs(0.95)));
    assert_eq!(told(&findings), [(13 * 60, "/srv/small".to_owned(), None)]);
}

#[test]
fn an_alarm_is_found_once_more_when_asked() {
    let mut memory = Memory::new();
    minutes(&mut memory, 0, 12, |_| tmpfs(0.95));
    memory.tell_again(HOST);
    assert_eq!(
        told(&minutes(&mut memory, 13, 20, |_| tmpfs(0.95))),
        [(13 * 60, "/srv/small".to_owned(), Some(Severity::P2))]
    );
}

#[test]
fn a_restart_of_the_collector_changes_no_verdict() {
    let (mut straight, mut stopped) = (Memory::new(), Memory::new());
    let load = |minute: i64| tmpfs(if (20..60).contains(&minute) { 0.4 } else { 0.95 });
    let mut halves = minutes(&mut stopped, 0, 25, load);
    let mut fresh = Memory::new();
    for (host, monitor, object, json) in stopped.take_dirty() {
        fresh.load(host, &monitor, &object, &json.unwrap_or_default());
    }
    halves.extend(minutes(&mut fresh, 26, 80, load));
    assert_eq!(halves, minutes(&mut straight, 0, 80, load));
    assert_eq!(halves.len(), 3);
}

#[test]
fn a_workstation_is_declared_only_when_its_disk_stops_the_work() {
    let monitors = monitors(Role::Workstation);
    let judged = |utilization, size: f64| {
        let mut memory = Memory::new();
        let reports = (0..=15).map(|minute| report(minute * 60, disk("/", utilization, size * GB)));
        let findings: Vec<_> = reports.flat_map(|report| judge_samples(&monitors, &mut memory, &report)).collect();
        told(&findings).len()
    };
    assert_eq!([judged(0.93, 100.0), judged(0.975, 100.0), judged(0.985, 1000.0), judged(0.5, 5.0)], [0, 1, 1, 0]);
}

#[test]
fn memory_processors_and_inodes_are_declared() {
    let sample = |metric, object: &str, value| Sample { metric, object: object.into(), value };
    let findings = minutes(&mut Memory::new(), 0, 20, |_| {
        vec![
            sample("system.memory.utilization", "", 0.95),
            sample("system.memory.linux.available", "", 0.8 * GB),
            sample("system.memory.limit", "", 16.0 * GB),
            sample("system.cpu.utilization", "", 0.99),
            sample("system.cpu.load_average.1m", "", 9.0),
            sample("system.cpu.logical.count", "", 4.0),
            sample("system.filesystem.inodes.utilization", "/", 0.95),
        ]
    });
    let names: Vec<_> = findings.iter().map(|finding| finding.monitor.as_str()).collect();
    told(&findings);
    assert_eq!(names, ["inodes", "cpu_saturation", "memory_pressure"]);
}

/// Hours of a disk of 100 GB, a report every ten minutes.
fn hours(memory: &mut Memory, from: i64, to: i64, utilization: impl Fn(f64) -> f64) -> Vec<Finding> {
    let monitors: Vec<_> = monitors(Role::Server).into_iter().filter(|monitor| monitor.forecast).collect();
    (from * 6..to * 6)
        .flat_map(|step| {
            let samples = disk("/", utilization(step as f64 / 6.0), 100.0 * GB);
            judge_samples(&monitors, memory, &StoredReport { interval_s: 300, ..report(step * 600, samples) })
        })
        .collect()
}

#[test]
fn a_disk_that_will_be_full_is_foretold_with_its_deadline() {
    let findings = hours(&mut Memory::new(), 0, 178, |hour| 0.55 + 0.002 * hour);
    let severities: Vec<_> = told(&findings).into_iter().map(|told| told.2).collect();
    assert_eq!((severities[0], *severities.last().unwrap()), (Some(Severity::P3), Some(Severity::P2)));
    assert!(severities.len() <= 5, "{severities:?}");
    let Verdict::Alarm(alarm) = &findings[0].verdict else { panic!("no alarm") };
    let deadline = alarm.deadline.unwrap();
    let off_h = (deadline.likely.as_second() - START) as f64 / 3600.0 - 225.0;
    assert!(off_h.abs() < 10.0, "{off_h}");
    assert!(deadline.earliest <= deadline.likely && Some(deadline.likely) <= deadline.latest);
    assert!(findings[0].at < at(40 * 3600), "after a day of history and half a day of hold");
}

#[test]
fn flat_noisy_and_sawtooth_disks_are_not_foretold() {
    let noise = |hour: f64| ((hour * 12.9898).sin() * 43_758.547).fract();
    assert_eq!(told(&hours(&mut Memory::new(), 0, 200, |_| 0.9)), []);
    assert_eq!(told(&hours(&mut Memory::new(), 0, 200, |hour| 0.85 + 0.05 * noise(hour))), []);
    assert_eq!(told(&hours(&mut Memory::new(), 0, 200, |hour| 0.8 + 0.006 * (hour % 24.0))), []);
    assert_eq!(told(&hours(&mut Memory::new(), 0, 200, |hour| 0.1 + 0.001 * hour)), []);
}

#[test]
fn a_cleanup_clears_a_prediction_after_a_calm_day() {
    let mut memory = Memory::new();
    let cleaned = |hour: f64| if hour < 100.0 { 0.6 + 0.002 * hour } else { 0.6 };
    hours(&mut memory, 0, 100, cleaned);
    let told = told(&hours(&mut memory, 100, 140, cleaned));
    assert_eq!(told.len(), 1);
    assert!(told[0].2.is_none() && (124..=126).contains(&(told[0].0 / 3600)), "{told:?}");
}

#[test]
fn the_same_reports_from_a_fresh_memory_give_the_same_findings() {
    let run = || hours(&mut Memory::new(), 0, 150, |hour| 0.6 + 0.002 * hour);
    assert_eq!(run(), run());
}
