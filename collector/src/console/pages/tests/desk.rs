//! A console over a real store with two customers, for the tests of its pages.

use crate::console::auth::{Doorman, sha256_hex};
use crate::console::{Console, Settings, hash_password, router};
use crate::model::*;
use crate::port::{Port, Request as Asked};
use crate::store::{Appended, Claim, Effects, EnrolmentToken, NewReport, Store};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, watch};
use tower::ServiceExt as _;
use wacht_proto::catalog::Metric;

pub const HOSTILE: &str = "<script>alert(1)</script>";
pub const PASSWORD: &str = "correct horse battery";

pub struct Desk {
    pub router: axum::Router,
    pub asked: mpsc::Receiver<Asked>,
    pub store: Store,
    pub ours: Customer,
    pub theirs: Customer,
    pub host: HostId,
    pub incident: Incident,
    pub foreign: Incident,
    pub dead: MessageId,
    _folder: tempfile::TempDir,
}

pub fn ago(minutes: i64) -> Timestamp {
    Timestamp::now().saturating_sub(SignedDuration::from_mins(minutes)).unwrap()
}

fn site(customer: CustomerId) -> Site {
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

fn customer(name: &str) -> Customer {
    Customer { id: CustomerId::new(), name: name.to_owned(), language: Language::Nl, created_at: ago(90_000) }
}

fn user(name: &str, duty: Duty, scope: Scope, language: Language) -> User {
    // Once for all tests: without optimisation a hash takes half a second.
    static HASH: OnceLock<String> = OnceLock::new();
    let password_hash = HASH.get_or_init(|| hash_password(PASSWORD).unwrap()).clone();
    User { id: UserId::new(), name: name.to_owned(), password_hash, duty, scope, language, disabled: false }
}

fn host(customer: CustomerId, site: SiteId, name: &str) -> Host {
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

pub fn incident(host: &Host, severity: Severity) -> Incident {
    let message = |key: &str| Message::new(key).with_text("object", HOSTILE);
    let full = ago(-7 * 1_440);
    let alarm = Alarm {
        severity,
        title: message("judge-disk-full-forecast-title").with("likely", Argument::Time(full)),
        reason: message("judge-inodes-reason")
            .with("since", Argument::Time(ago(600)))
            .with("utilization", Argument::Ratio(0.93)),
        next_step: message("judge-inodes-next"),
        caveat: None,
        deadline: Some(Deadline { earliest: ago(-5 * 1_440), likely: full, latest: Some(ago(-9 * 1_440)) }),
        since: ago(600),
        levels: vec![(Metric::FilesystemUtilization.name().to_owned(), 0.9)],
    };
    let points = (0..96).map(|n| (ago(600 + (96 - n) * 15).as_second(), 0.7 + 0.002 * n as f64)).collect();
    let change = Change {
        item: ItemId::new(),
        host: host.id,
        class: Class::Software,
        name: HOSTILE.into(),
        kind: ChangeKind::Changed,
        field: Some("version".into()),
        old: Some(Value::Text("12.1".into())),
        new: Some(Value::Text(HOSTILE.into())),
        observed_at: ago(900),
        received_at: ago(900),
        scan: "ab/1".into(),
    };
    let evidence = Evidence {
        metric: Some(Metric::FilesystemUtilization.name().to_owned()),
        object: "/srv".into(),
        points,
        changes: vec![change],
        processes: vec![ProcessTop {
            pid: 4_242,
            name: HOSTILE.into(),
            memory_bytes: 3_100_000_000,
            cpu_utilization: 1.25,
        }],
        peers: vec![(HOSTILE.into(), true), ("srv-sql1".into(), false)],
        similar: Vec::new(),
        hosts: Vec::new(),
    };
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
        alarm,
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
        evidence,
        timeline: vec![TimelineEntry {
            at: ago(590),
            what: message("judge-inodes-title").with("utilization", Argument::Ratio(0.93)),
            who: Some(HOSTILE.into()),
        }],
        billable: true,
    }
}

fn message(incident: &Incident, state: DeliveryState) -> OutboxMessage {
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

fn item(host: &Host, class: Class, name: &str, fields: &[(&str, Value)]) -> Item {
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
async fn append(store: &Store, host: HostId) {
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

async fn enrol(store: &Store, host: &Host) {
    let secret = ("token".to_owned() + &host.id.to_string(), "00".to_owned());
    let token = EnrolmentToken {
        id: secret.0.clone(),
        secret_hash: secret.1.clone(),
        customer: host.customer,
        site: host.site,
        uses: 1,
        expires_at: ago(-60),
        cidr: None,
    };
    store.commit(Effects { enrolment_tokens: vec![token], ..Effects::default() }).await.unwrap();
    store.enrol(secret, |_| true, host.clone(), (host.id.to_string(), ago(-60)), Timestamp::now()).await.unwrap();
}

/// A console without customers, hosts or incidents.
pub async fn empty() -> Desk {
    desk(false).await
}

/// A console with something of everything, twice: one customer that `some` sees, one that only `all` sees.
pub async fn full() -> Desk {
    desk(true).await
}

async fn desk(is_full: bool) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (ours, theirs) = (customer("Bakker & Zn <b>BV</b>"), customer("Visser"));
    let sites = [site(ours.id), site(theirs.id)];
    let hosts = [host(ours.id, sites[0].id, HOSTILE), host(theirs.id, sites[1].id, "srv-visser")];
    let (mine, foreign) = (incident(&hosts[0], Severity::P2), incident(&hosts[1], Severity::P1));
    let dead = message(&mine, DeliveryState::Dead);
    let dead_id = dead.id;
    let some = Scope::Customers(vec![ours.id]);
    let users = vec![
        user("ann", Duty::Administrator, Scope::All, Language::En),
        user("ben", Duty::Viewer, Scope::All, Language::Nl),
        user("some", Duty::Operator, some, Language::En),
    ];
    let tokens = users.iter().map(|user| ApiToken {
        id: CredentialId::new(),
        name: user.name.clone(),
        secret_hash: sha256_hex(&secret(&user.name)),
        duty: user.duty,
        scope: user.scope.clone(),
        expires_at: None,
    });
    store.commit(Effects { api_tokens: tokens.collect(), users, ..Effects::default() }).await.unwrap();
    if is_full {
        let mut contract = Contract::plain(ours.id, "2025-01-01".parse().unwrap());
        contract.rmm = Some(Rmm::default());
        let product = [("product", Value::Text(HOSTILE.into())), ("serial", Value::Text("WD-WX41".into()))];
        let items = vec![
            item(&hosts[0], Class::Computer, "PowerEdge", &product),
            item(&hosts[0], Class::Disk, "sda", &[("size_bytes", Value::Integer(220_000_000_000))]),
        ];
        let declared = Effects {
            customers: vec![ours.clone(), theirs.clone()],
            sites: sites.to_vec(),
            contracts: vec![contract],
            ..Effects::default()
        };
        store.commit(declared).await.unwrap();
        for host in &hosts {
            enrol(&store, host).await;
            append(&store, host.id).await;
        }
        let changes = mine.evidence.changes.clone();
        let outbox = vec![dead, message(&mine, DeliveryState::Waiting), message(&foreign, DeliveryState::Delivered)];
        let incidents = vec![mine.clone(), foreign.clone()];
        store.commit(Effects { items, changes, outbox, incidents, ..Effects::default() }).await.unwrap();
    }
    let (port, asked) = Port::new();
    let console = Console {
        store: store.clone(),
        port,
        words: Arc::new(Words::load().unwrap()),
        version: watch::channel(0).1,
        settings: Settings {
            instance: "desk".into(),
            zone: "Europe/Amsterdam".into(),
            enrolment_url: "https://wacht.example:7444".into(),
        },
        metrics: Arc::new(|| "wacht_hosts 1\n".to_owned()),
        doorman: Doorman::default(),
    };
    let router = router(Arc::new(console));
    Desk {
        router,
        asked,
        store,
        ours,
        theirs,
        host: hosts[0].id,
        incident: mine,
        foreign,
        dead: dead_id,
        _folder: folder,
    }
}

pub fn secret(name: &str) -> String {
    format!("wacht_{name}_secret")
}

impl Desk {
    pub async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A page as an API token of this name sees it.
    pub async fn get(&self, who: &str, path: &str) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {}", secret(who)));
        }
        let answer = self.send(request.body(Body::empty()).unwrap()).await;
        let status = answer.status();
        (status, text(answer).await)
    }

    /// A form that a browser with this cookie sends from `site`.
    pub async fn post(&self, cookie: &str, site: &str, path: &str, form: &str) -> Response {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Signs in and answers the cookie.
    pub async fn sign_in(&self, name: &str) -> String {
        let answer =
            self.post("", "same-origin", "/sign-in", &format!("name={name}&password={PASSWORD}&next=/hosts")).await;
        assert_eq!(
            (answer.status(), answer.headers()["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/hosts")
        );
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }
}

pub async fn text(answer: Response) -> String {
    String::from_utf8(axum::body::to_bytes(answer.into_body(), 4 << 20).await.unwrap().to_vec()).unwrap()
}
