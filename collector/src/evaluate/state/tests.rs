//! Items at literal instants against the shipped monitors.

use super::*;
use crate::evaluate::sentence::tests::assert_spoken;
use crate::evaluate::{MonitorSet, Subject};
use crate::model::{CustomerId, ItemId, Role, Verdict};
use uuid::Uuid;

const HOST: HostId = HostId(Uuid::from_u128(9));
const START: i64 = 1_800_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn item(class: Class, key: &str, fields: &[(&str, Value)]) -> Item {
    Item {
        id: ItemId(Uuid::from_u128(1)),
        customer: CustomerId(Uuid::from_u128(2)),
        host: HOST,
        class,
        key: key.to_owned(),
        name: key.to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        first_seen_at: at(0),
        gone_at: None,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn service(name: &str, state: &str) -> Item {
    item(Class::Service, name, &[("state", text(state)), ("start_type", text("automatic"))])
}

fn array(state: &str, redundancy_left: i64) -> Item {
    item(Class::Array, "md0", &[("state", text(state)), ("redundancy_left", Value::Integer(redundancy_left))])
}

fn update(reboot_pending: bool) -> Item {
    item(Class::Update, "update", &[("reboot_pending", Value::Flag(reboot_pending))])
}

fn monitors(role: Role) -> Vec<Monitor> {
    let name = String::new();
    let subject = Subject { host: HOST, host_name: name.clone(), customer_name: name.clone(), site_name: name, role };
    MonitorSet::shipped().unwrap().for_host(&subject).to_vec()
}

/// Judges at each given step; (second, monitor, severity or none for clear).
struct Bench {
    memory: Memory,
    monitors: Vec<Monitor>,
    uptime_s: Option<f64>,
}

impl Bench {
    fn new(role: Role) -> Self {
        Self { memory: Memory::new(), monitors: monitors(role), uptime_s: Some(1e6) }
    }

    fn minutes(&mut self, from: i64, to: i64, items: &[Item]) -> Vec<(i64, String, Option<Severity>)> {
        self.every(60, from * 60, to * 60, items)
    }

    fn every(&mut self, seconds: i64, from: i64, to: i64, items: &[Item]) -> Vec<(i64, String, Option<Severity>)> {
        let mut told = Vec::new();
        for step in 0..=(to - from) / seconds {
            let now = at(from + step * seconds);
            for finding in judge_items(&self.monitors, &mut self.memory, HOST, items, self.uptime_s, now) {
                assert_spoken(&finding);
                let severity = match finding.verdict {
                    Verdict::Alarm(alarm) => Some(alarm.severity),
                    Verdict::Clear { .. } => None,
                };
                told.push((now.as_second() - START, finding.monitor, severity));
            }
        }
        told
    }
}

#[test]
fn a_failed_service_is_declared_after_five_minutes_and_clears() {
    let mut bench = Bench::new(Role::Server);
    let told = bench.minutes(0, 10, &[service("web", "failed"), service("user@1000", "failed")]);
    assert_eq!(told, [(300, "unit_failed".to_owned(), Some(Severity::P3))]);
    assert_eq!(bench.minutes(11, 20, &[service("web", "running")]), [(16 * 60, "unit_failed".to_owned(), None)]);
}

#[test]
fn a_service_that_is_starting_neither_opens_nor_clears() {
    let mut bench = Bench::new(Role::Server);
    bench.minutes(0, 3, &[service("web", "failed")]);
    assert_eq!(bench.minutes(4, 30, &[service("web", "starting")]), []);
    assert_eq!(bench.minutes(31, 31, &[service("web", "failed")]).len(), 1);
    assert_eq!(bench.minutes(32, 90, &[service("web", "starting")]), []);
}

#[test]
fn a_stopped_service_counts_only_when_it_was_seen_running_and_not_after_boot() {
    let mut bench = Bench::new(Role::Server);
    assert_eq!(bench.minutes(0, 30, &[service("web", "stopped")]), []);
    bench.minutes(31, 31, &[service("web", "running")]);
    let told = bench.minutes(32, 40, &[service("web", "stopped")]);
    assert_eq!(told, [(35 * 60, "service_stopped".to_owned(), Some(Severity::P3))]);
    let mut booted = Bench { uptime_s: Some(600.0), ..Bench::new(Role::Server) };
    booted.minutes(0, 0, &[service("web", "running")]);
    assert_eq!(booted.minutes(1, 30, &[service("web", "stopped")]), []);
}

#[test]
fn a_removed_service_clears_after_three_reports() {
    let mut bench = Bench::new(Role::Server);
    bench.minutes(0, 10, &[service("web", "failed")]);
    let gone = Item { gone_at: Some(at(660)), ..service("web", "failed") };
    assert_eq!(bench.minutes(11, 20, &[gone]), [(13 * 60, "unit_failed".to_owned(), None)]);
}

#[test]
fn an_array_is_worse_without_redundancy_and_clears_only_when_whole() {
    let mut bench = Bench::new(Role::Workstation);
    let name = || "array_degraded".to_owned();
    assert_eq!(bench.minutes(0, 6, &[array("degraded", 1)]), [(300, name(), Some(Severity::P2))]);
    assert_eq!(bench.minutes(7, 15, &[array("degraded", 0)]), [(12 * 60, name(), Some(Severity::P1))]);
    assert_eq!(bench.minutes(16, 90, &[array("rebuilding", 0)]), []);
    assert_eq!(bench.minutes(91, 100, &[array("clean", 1)]), [(96 * 60, name(), None)]);
    assert_eq!(bench.minutes(101, 110, &[array("failed", 1)]), [(106 * 60, name(), Some(Severity::P1))]);
}

#[test]
fn a_restart_that_is_due_counts_through_nights_off() {
    let day = 86_400;
    let mut bench = Bench::new(Role::Workstation);
    let told = bench.every(day / 2, 0, 8 * day, &[update(true)]);
    assert_eq!(told, [(7 * day, "reboot_pending_workstation".to_owned(), Some(Severity::P4))]);
    assert_eq!(bench.every(60, 9 * day, 9 * day, &[update(false)]).len(), 1);
    let mut server = Bench::new(Role::Server);
    assert_eq!(
        server.every(day / 2, 0, 15 * day, &[update(true)]),
        [(14 * day, "reboot_pending".to_owned(), Some(Severity::P4))]
    );
}

#[test]
fn a_gap_restarts_a_short_hold() {
    let mut bench = Bench::new(Role::Server);
    bench.minutes(0, 4, &[service("web", "failed")]);
    assert_eq!(bench.minutes(30, 34, &[service("web", "failed")]), []);
    assert_eq!(bench.minutes(35, 36, &[service("web", "failed")]).len(), 1);
}

#[test]
fn older_moments_judge_nothing() {
    let mut bench = Bench::new(Role::Server);
    bench.minutes(100, 100, &[service("web", "running")]);
    assert_eq!(bench.minutes(0, 99, &[service("web", "failed")]), []);
}

fn disk(fields: &[(&str, Value)]) -> Item {
    item(Class::DiskHealth, "S1", &[fields, &[("serial", text("S1"))]].concat())
}

#[test]
fn a_disk_that_fails_by_its_verdict_an_attribute_or_a_warning_is_raised_by_role() {
    let failing = [
        ("verdict", text("failed")),
        ("failing_now", Value::List(vec!["Reallocated_Sector_Ct".to_owned()])),
        ("critical_warning", Value::Integer(4)),
    ];
    for field in failing {
        let told = Bench::new(Role::Server).minutes(0, 5, &[disk(std::slice::from_ref(&field))]);
        assert_eq!(told, [(60, "disk_failing".to_owned(), Some(Severity::P1))], "{field:?}");
        let told = Bench::new(Role::Workstation).minutes(0, 5, &[disk(&[field])]);
        assert_eq!(told, [(60, "disk_failing_workstation".to_owned(), Some(Severity::P2))]);
    }
}

#[test]
fn an_old_count_a_past_failure_or_wear_of_a_disk_is_no_news() {
    let calm = [
        ("verdict", text("passed")),
        ("failed_past", Value::List(vec!["Airflow_Temperature_Cel".to_owned()])),
        ("reallocated_sectors", Value::Integer(40)),
        ("critical_warning", Value::Integer(0)),
        ("wear_percent", Value::Integer(104)),
    ];
    assert_eq!(Bench::new(Role::Server).minutes(0, 120, &[disk(&calm)]), []);
}
