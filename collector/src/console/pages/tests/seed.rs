//! Nouns for the tests of pages, each with foreign text wherever a machine or a person can put some.

use crate::console::hash_password;
use crate::model::*;
use crate::store::{Appended, Claim, NewReport, Store};
use jiff::{SignedDuration, Timestamp};
use std::sync::OnceLock;
use wacht_proto::catalog::Metric;

pub fn ago(minutes: i64) -> Timestamp {
    Timestamp::now().saturating_sub(SignedDuration::from_mins(minutes)).unwrap()
}

pub const PASSWORD: &str = "correct horse battery";
pub const HOSTILE: &str = "<script>alert(1)</script>";
pub fn site(customer: CustomerId) -> Site {
    let contact =
        Contact { name: HOSTILE.into(), role: "reception".into(), phone: "030 123 45 67".into(), email: String::new() };
    let card = SiteCard {
        contacts: vec![contact],
        line: "fibre KP-2281".into(),
        address: "Oudegracht 1".into(),
        ..SiteCard::default()
    };
    Site { id: SiteId::new(), customer, name: "Utrecht".into(), card, created_at: ago(90_000), intake_ended_at: None }
}

pub fn customer(name: &str) -> Customer {
    Customer { id: CustomerId::new(), name: name.to_owned(), language: Language::Nl, created_at: ago(90_000) }
}

pub fn user(name: &str, duty: Duty, scope: Scope, language: Language) -> User {
    // Once for all tests: without optimisation a hash takes half a second.
    static HASH: OnceLock<String> = OnceLock::new();
    let password_hash = HASH.get_or_init(|| hash_password(PASSWORD).unwrap()).clone();
    User { id: UserId::new(), name: name.to_owned(), password_hash, duty, scope, language, disabled: false }
}

pub fn host(customer: CustomerId, site: SiteId, name: &str) -> Host {
    Host {
        id: HostId::new(),
        customer,
        site,
        name: name.to_owned(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at: ago(90_000),
        last_report_at: Some(ago(1)),
        last_heard_at: Some(ago(1)),
        agent_version: "0.1.0".into(),
        interval_s: 60,
    }
}

/// A sentence about a hostile object.
fn told(key: &str) -> Message {
    Message::new(key).with_text("object", HOSTILE)
}

fn alarm(severity: Severity) -> Alarm {
    let full = ago(-7 * 1_440);
    Alarm {
        severity,
        title: told("judge-disk-full-forecast-title").with("likely", Argument::Time(full)),
        reason: told("judge-inodes-reason")
            .with("since", Argument::Time(ago(600)))
            .with("utilization", Argument::Ratio(0.93)),
        next_step: told("judge-inodes-next"),
        caveat: None,
        deadline: Some(Deadline { earliest: ago(-5 * 1_440), likely: full, latest: Some(ago(-9 * 1_440)) }),
        since: ago(600),
        levels: vec![(Metric::FilesystemUtilization.name().to_owned(), 0.9)],
    }
}

fn change(host: HostId) -> Change {
    Change {
        item: ItemId::new(),
        host,
        class: Class::Software,
        name: HOSTILE.into(),
        kind: ChangeKind::Changed,
        field: Some("version".into()),
        old: Some(Value::Text("12.1".into())),
        new: Some(Value::Text(HOSTILE.into())),
        observed_at: ago(900),
        received_at: ago(900),
        scan: "ab/1".into(),
    }
}

fn evidence(host: HostId) -> Evidence {
    let points = (0..96).map(|n| (ago(600 + (96 - n) * 15).as_second(), 0.7 + 0.002 * n as f64)).collect();
    Evidence {
        metric: Some(Metric::FilesystemUtilization.name().to_owned()),
        object: "/srv".into(),
        points,
        changes: vec![change(host)],
        processes: vec![ProcessTop {
            pid: 4_242,
            name: HOSTILE.into(),
            memory_bytes: 3_100_000_000,
            cpu_utilization: 1.25,
        }],
        peers: vec![(HOSTILE.into(), true), ("srv-sql1".into(), false)],
        similar: Vec::new(),
        hosts: Vec::new(),
    }
}

pub fn incident(host: &Host, severity: Severity) -> Incident {
    let why = Message::new("contract-page-open");
    Incident {
        id: IncidentId::new(),
        customer: host.customer,
        site: host.site,
        host: Some(host.id),
        item: None,
        monitor: "disk_full_forecast".into(),
        monitor_version: 1,
        object: format!("/srv/{HOSTILE}"),
        state: IncidentState::Open,
        alarm: alarm(severity),
        opened_at: ago(590),
        updated_at: ago(590),
        ended_at: None,
        clear_since: None,
        acknowledged_by: None,
        change_number: 1,
        flaps: 0,
        moments: Moments {
            ticket_at: ago(590),
            page_at: Some(ago(589)),
            due_at: Some(ago(-300)),
            why,
            paged_at: Some(ago(589)),
        },
        silenced_until: None,
        evidence: evidence(host.id),
        timeline: vec![TimelineEntry {
            at: ago(590),
            what: told("judge-inodes-title").with("utilization", Argument::Ratio(0.93)),
            who: Some(HOSTILE.into()),
        }],
        billable: true,
    }
}

pub fn message(incident: &Incident, state: DeliveryState) -> OutboxMessage {
    OutboxMessage {
        id: MessageId::new(),
        customer: incident.customer,
        incident: Some(incident.id),
        key: format!("{}/1/{state:?}", incident.id),
        destination: "tickets".into(),
        kind: MessageKind::Opened,
        body: serde_json::Value::Null,
        not_before: ago(590),
        created_at: ago(590),
        state,
        attempts: 9,
        last_error: Some(format!("500 {HOSTILE}")),
        ended_at: None,
    }
}

pub fn item(host: &Host, class: Class, name: &str, fields: &[(&str, Value)]) -> Item {
    Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class,
        key: name.to_owned(),
        name: name.to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        first_seen_at: ago(80_000),
        gone_at: None,
    }
}

/// A report a quarter of an hour over the last day.
pub async fn append(store: &Store, host: HostId) {
    let series = [
        (Metric::CpuUtilization, ""),
        (Metric::MemoryUtilization, ""),
        (Metric::FilesystemUtilization, "/"),
        (Metric::FilesystemUtilization, "/srv"),
        (Metric::NetworkIo, "eth0/receive"),
        (Metric::Uptime, ""),
    ];
    let dictionary: Vec<(u32, String)> =
        series.iter().map(|(metric, object)| (metric.number(), (*object).to_owned())).collect();
    for n in 1..=95_u64 {
        let at_ms = ago(1_440 - n as i64 * 15).as_millisecond();
        let wave = (n as f64 / 9.0).sin().abs();
        let mut block = Vec::new();
        wacht_proto::block::encode_whole(
            &[
                wave * 0.6,
                0.55 + wave * 0.1,
                0.41,
                0.7 + n as f64 * 0.002,
                n as f64 * 9e8 * (1.0 + wave),
                n as f64 * 900.0,
            ],
            &mut block,
        );
        let counts = |reports| Counts { reports, samples: 6 * reports, sections: 0, events: 0 };
        let report = NewReport {
            host,
            incarnation: [7; 16],
            sequence: n,
            checksum: n as u32,
            is_durable: true,
            at_ms,
            received_ms: at_ms,
            boot: ([1; 16], 0),
            interval_s: 60,
            skew_ms: 0,
            presence: 0,
            expected_return_s: 0,
            dictionary: Some((9, dictionary.clone())),
            block,
            sections: Vec::new(),
            processes: None,
            events: None,
            counts: counts(1),
            clipped: Vec::new(),
            claim: Claim { collected: counts(n), oldest_sequence: n, last_sequence: n, ..Claim::default() },
        };
        assert!(matches!(store.append(report).await.unwrap(), Appended::Stored { .. }));
    }
}
