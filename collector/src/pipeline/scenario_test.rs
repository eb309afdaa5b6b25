//! The pipeline on a real store with time as an argument: contract, calendar, exactly-once effects. Each test is one
//! customer's story.

use super::*;
use crate::model::*;
use crate::store::{Claim, Enrolment, EnrolmentToken, NewReport, NewSection};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;

pub(super) struct Story {
    _folder: tempfile::TempDir,
    store: Store,
    pub pipeline: Pipeline,
    host: HostId,
    sequence: u64,
    interval_s: u32,
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn amsterdam(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> Timestamp {
    date(year, month, day)
        .at(hour, minute, 0, 0)
        .to_zoned(TimeZone::get("Europe/Amsterdam").unwrap())
        .unwrap()
        .timestamp()
}

fn destinations() -> Vec<Destination> {
    let webhook = |name: &str, purpose| Destination {
        name: name.to_owned(),
        purposes: vec![purpose],
        customers: Vec::new(),
        via: Via::Webhook { url: "http://127.0.0.1:9/".to_owned(), secret_file: None, ca_file: None },
    };
    let mail = Destination {
        name: "mail".to_owned(),
        purposes: vec![Purpose::Courtesy],
        customers: Vec::new(),
        via: Via::Email {
            host: "127.0.0.1".to_owned(),
            port: 9,
            from: "wacht@example.net".to_owned(),
            to: Vec::new(),
            username: None,
            password_file: None,
            ca_file: None,
        },
    };
    vec![webhook("desk", Purpose::Ticket), webhook("pager", Purpose::Page), mail]
}

async fn load(store: &Store, now: Timestamp) -> Pipeline {
    let outlets = Outlets {
        version: Arc::new(watch::channel(0).0),
        policies: Arc::new(watch::channel(Policies::default()).0),
        admissions: Arc::new(watch::channel(0).0),
    };
    let settings = Settings {
        console_url: "https://console.example".to_owned(),
        zone: TimeZone::get("Europe/Amsterdam").unwrap(),
        destinations: destinations(),
        policy: AgentPolicy { health_sampling: false, report_interval_s: 60, inventory_interval_s: 3_600 },
        root_key_hash: [0; 32],
    };
    let words = Arc::new(Words::load().unwrap());
    Pipeline::load(store.clone(), words, MonitorSet::shipped().unwrap(), settings, outlets, now).await.unwrap()
}

impl Story {
    pub async fn begin(now: Timestamp, shape: impl FnOnce(&mut Contract)) -> Story {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut pipeline = load(&store, now).await;
        let actor = crate::control::operator();
        let add = Command::CustomerAdd { name: "Vink".into(), language: Language::En };
        assert!(matches!(pipeline.command(&actor, add, now).await, Outcome::Done { .. }));
        let site = Command::SiteAdd { customer: "Vink".into(), name: "Utrecht".into(), card: SiteCard::default() };
        assert!(matches!(pipeline.command(&actor, site, now).await, Outcome::Done { .. }));
        let mut contract = Contract::plain(CustomerId::new(), date(2026, 1, 1));
        contract.account_email = Some("owner@example.net".into());
        shape(&mut contract);
        let set = Command::ContractSet { customer: "Vink".into(), contract: Box::new(contract) };
        assert!(matches!(pipeline.command(&actor, set, now).await, Outcome::Done { .. }));
        let host = enrol(&store, &pipeline, now).await;
        Story { _folder: folder, store, pipeline, host, sequence: 0, interval_s: 60 }
    }

    /// A report with readings and arrays at a moment, taken in at once.
    async fn report(&mut self, at: Timestamp, readings: &[(u32, &str, f64)], arrays: Option<&[(&str, &str, i64)]>) {
        self.send(at, readings, arrays.map(array_section).into_iter().collect()).await;
    }

    /// A report with readings and sections.
    pub async fn send(&mut self, at: Timestamp, readings: &[(u32, &str, f64)], sections: Vec<NewSection>) {
        self.sequence += 1;
        let mut block = Vec::new();
        let values: Vec<f64> = readings.iter().map(|reading| reading.2).collect();
        wacht_proto::block::encode_whole(&values, &mut block);
        let series: Vec<(u32, String)> = readings.iter().map(|reading| (reading.0, reading.1.to_owned())).collect();
        let digest =
            wacht_proto::block::dictionary_digest(series.iter().map(|(metric, object)| (*metric, object.as_str())));
        let report = NewReport {
            host: self.host,
            incarnation: [1; 16],
            sequence: self.sequence,
            checksum: 0,
            is_durable: true,
            at_ms: at.as_millisecond(),
            received_ms: at.as_millisecond(),
            boot: ([1; 16], 0),
            interval_s: self.interval_s,
            skew_ms: 0,
            presence: 0,
            expected_return_s: 0,
            dictionary: (!readings.is_empty()).then_some((digest, series)),
            block,
            sections,
            processes: None,
            events: None,
            counts: Counts::default(),
            clipped: Vec::new(),
            claim: Claim::default(),
        };
        self.store.append(report).await.unwrap();
        self.pipeline.take_reports(at).await.unwrap();
    }

    fn item(&self, class: Class, name: &str, first_seen_at: Timestamp) -> Item {
        Item {
            id: ItemId::new(),
            customer: self.pipeline.world.customer_by_name("Vink").unwrap().id,
            host: self.host,
            class,
            key: name.into(),
            name: name.into(),
            fields: BTreeMap::from([("serial".to_owned(), Value::Text(format!("S-{name}")))]),
            first_seen_at,
            gone_at: None,
        }
    }

    async fn wish(&mut self, actor: &Actor, wish: DeclaredWish, now: Timestamp) -> Outcome {
        self.pipeline.command(actor, Command::Declared { wish: Box::new(wish) }, now).await
    }

    async fn live(&self) -> Vec<Incident> {
        let filter = IncidentFilter { scope: Scope::All, customer: None, host: None, state: Some("live".into()) };
        self.store.incidents(filter, PageRequest::default()).await.unwrap().items
    }

    async fn outbox(&self) -> Vec<OutboxMessage> {
        self.store.deliveries(Scope::All, None, PageRequest::default()).await.unwrap().items
    }

    async fn kinds(&self) -> Vec<MessageKind> {
        let mut kinds: Vec<_> = self.outbox().await.into_iter().map(|message| message.kind).collect();
        kinds.sort_by_key(|kind| kind.event_type());
        kinds
    }
}

async fn enrol(store: &Store, pipeline: &Pipeline, now: Timestamp) -> HostId {
    let customer = pipeline.world.customer_by_name("Vink").unwrap().id;
    let site = pipeline.world.site_by_name(customer, "Utrecht").unwrap().id;
    let token = EnrolmentToken {
        id: "t".into(),
        secret_hash: "h".into(),
        customer,
        site,
        uses: 9,
        expires_at: now + SignedDuration::from_hours(1),
        cidr: None,
    };
    store.commit(Effects { enrolment_tokens: vec![token], ..Effects::default() }).await.unwrap();
    let host = Host {
        id: HostId::new(),
        customer,
        site,
        name: "srv-1".into(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Unseen,
        enrolled_at: now,
        last_report_at: None,
        last_heard_at: None,
        agent_version: String::new(),
        interval_s: 60,
    };
    let id = host.id;
    let outcome = store.enrol(Enrolment::of_new(host, ("t".into(), "h".into()), now), |_| true, now).await.unwrap();
    assert!(outcome.1.is_some());
    id
}

fn array_section(arrays: &[(&str, &str, i64)]) -> NewSection {
    let observations = arrays.iter().map(|(name, state, left)| Observation {
        class: Class::Array,
        key: (*name).to_owned(),
        name: (*name).to_owned(),
        fields: BTreeMap::from([
            ("state".to_owned(), Value::Text((*state).to_owned())),
            ("redundancy_left".to_owned(), Value::Integer(*left)),
            ("level".to_owned(), Value::Text("raid1".to_owned())),
        ]),
    });
    let scan = Scan { classes: vec![Class::Array], digest: 1, partial: false, observations: observations.collect() };
    let scan = zstd::bulk::compress(&serde_json::to_vec(&scan).unwrap(), 1).unwrap();
    NewSection { kind: 5, digest: 1, scan }
}

async fn degraded(story: &mut Story, from: Timestamp) {
    story.report(from - SignedDuration::from_mins(20), &[(60, "", 1e6)], Some(&[("md0", "clean", 1)])).await;
    for minute in 0..=8 {
        let arrays: &[(&str, &str, i64)] = &[("md0", "degraded", 0)];
        let at = from + SignedDuration::from_mins(minute - 8);
        story.report(at, &[(60, "", 1e6)], (minute == 0).then_some(arrays)).await;
    }
}

#[test]
fn without_rmm_an_array_without_redundancy_gives_one_courtesy_notice_and_no_incident() {
    runtime().block_on(async {
        let night = amsterdam(2026, 11, 28, 2, 0);
        let mut story = Story::begin(night, |_| {}).await;
        degraded(&mut story, night).await;
        for minute in 1..30 {
            story
                .report(
                    night + SignedDuration::from_mins(minute),
                    &[(60, "", 1e6), (32, "/", 0.999), (33, "/", 1e6)],
                    None,
                )
                .await;
        }
        story.pipeline.sweep(night + SignedDuration::from_mins(31)).await.unwrap();
        assert!(story.live().await.is_empty());
        assert_eq!(story.kinds().await, [MessageKind::Courtesy]);
        assert_eq!(story.outbox().await[0].body["account_email"], "owner@example.net");
    });
}

#[test]
fn on_saturday_night_an_array_without_redundancy_gives_ticket_and_page() {
    runtime().block_on(async {
        let night = amsterdam(2026, 11, 28, 2, 0);
        let mut story = Story::begin(night, |contract| contract.rmm = Some(Rmm::default())).await;
        degraded(&mut story, night).await;
        story.pipeline.sweep(night + SignedDuration::from_secs(5)).await.unwrap();
        let live = story.live().await;
        assert_eq!(live.len(), 1, "{live:?}");
        assert_eq!(live[0].alarm.severity, Severity::P1);
        assert_eq!(story.kinds().await, [MessageKind::Opened, MessageKind::Page]);
        story.pipeline.sweep(night + SignedDuration::from_secs(9)).await.unwrap();
        assert_eq!(story.kinds().await.len(), 2, "a page goes out once");
    });
}

#[test]
fn under_service_hours_it_gives_a_ticket_and_no_page_before_monday_and_says_why() {
    runtime().block_on(async {
        let night = amsterdam(2026, 11, 28, 2, 0);
        let mut story =
            Story::begin(night, |contract| contract.rmm = Some(Rmm { response: RmmResponse::ServiceHours })).await;
        degraded(&mut story, night).await;
        story.pipeline.sweep(night + SignedDuration::from_mins(2)).await.unwrap();
        assert_eq!(story.kinds().await, [MessageKind::Opened]);
        let incident = story.live().await.remove(0);
        assert_eq!(incident.moments.page_at, Some(amsterdam(2026, 11, 30, 8, 0)));
        let words = Words::load().unwrap();
        let why = words.say(&incident.moments.why, Language::En, &TimeZone::get("Europe/Amsterdam").unwrap());
        assert!(why.len() > 20 && why.contains("08:00"), "{why}");
    });
}

#[test]
fn a_disk_that_will_be_full_on_wednesday_gives_a_ticket_due_monday_and_no_page() {
    runtime().block_on(async {
        let night = amsterdam(2026, 11, 28, 2, 0);
        let start = night - 170.hours();
        let mut story = Story::begin(start, |contract| contract.rmm = Some(Rmm::default())).await;
        story.interval_s = 600;
        let size = 1e12;
        let full_at = amsterdam(2026, 12, 2, 14, 0);
        let mut at = start;
        while at <= night {
            let left = (full_at.as_second() - at.as_second()) as f64 / (14.0 * 86_400.0);
            let used = 1.0 - left.max(0.0);
            let readings = [(60, "", 1e6), (32, "/srv", used), (31, "/srv", size), (33, "/srv", size * (1.0 - used))];
            story.report(at, &readings, None).await;
            at += SignedDuration::from_mins(10);
        }
        story.pipeline.sweep(night).await.unwrap();
        let live = story.live().await;
        let forecast = live.iter().find(|incident| incident.monitor == "disk_full_forecast").expect("a forecast");
        let deadline = forecast.alarm.deadline.unwrap();
        assert!((deadline.likely.as_second() - full_at.as_second()).abs() < 12 * 3_600, "{deadline:?}");
        assert_eq!(forecast.moments.page_at, None);
        assert!(!story.kinds().await.contains(&MessageKind::Page));
        let saturday = crate::contract::entitlement::decide(
            story.pipeline.world.contracts.values().next(),
            &crate::contract::entitlement::Case { severity: Severity::P3, data_loss: false, deadline: Some(deadline) },
            night,
        );
        let crate::contract::entitlement::Entitlement::Raise(moments, _) = saturday else { panic!("an incident") };
        let due = moments.due_at.unwrap().to_zoned(TimeZone::get("Europe/Amsterdam").unwrap());
        assert_eq!((due.date(), moments.page_at), (date(2026, 11, 30), None));
    });
}

#[test]
fn a_restart_between_commit_and_judgement_changes_no_incident() {
    runtime().block_on(async {
        let day = amsterdam(2026, 11, 25, 10, 0);
        let mut story = Story::begin(day, |contract| contract.rmm = Some(Rmm::default())).await;
        let mut twin = Story::begin(day, |contract| contract.rmm = Some(Rmm::default())).await;
        for minute in 0..40 {
            let at = day + SignedDuration::from_millis(minute * MINUTE);
            let used = if (5..20).contains(&minute) { 0.97 } else { 0.4 };
            let readings = [(60, "", 1e6), (32, "/data", used), (33, "/data", 1e8), (31, "/data", 1e9)];
            story.report(at, &readings, None).await;
            twin.report(at, &readings, None).await;
            // The twin is killed after each commit and begins again from its store.
            twin.pipeline = load(&twin.store, at).await;
        }
        let shape = |incidents: Vec<Incident>| -> Vec<_> {
            incidents
                .into_iter()
                .map(|incident| (incident.monitor, incident.object, incident.opened_at, incident.ended_at))
                .collect()
        };
        let all = |store: &Store| {
            let store = store.clone();
            async move {
                let filter = IncidentFilter { scope: Scope::All, customer: None, host: None, state: None };
                store.incidents(filter, PageRequest::default()).await.unwrap().items
            }
        };
        let (one, other) = (shape(all(&story.store).await), shape(all(&twin.store).await));
        assert!(!one.is_empty());
        assert_eq!(one, other);
        assert_eq!(story.kinds().await, twin.kinds().await);
    });
}

#[test]
fn a_scan_without_a_change_adds_no_row() {
    runtime().block_on(async {
        let day = amsterdam(2026, 11, 25, 10, 0);
        let mut story = Story::begin(day, |_| {}).await;
        story.report(day, &[], Some(&[("md0", "clean", 1), ("md1", "clean", 1)])).await;
        let count = |page: Page<(i64, Change)>| page.items.len();
        let before = count(story.store.changes(story.host, None, PageRequest::default()).await.unwrap());
        story.report(day + 1.hour(), &[], Some(&[("md0", "clean", 1), ("md1", "clean", 1)])).await;
        assert_eq!(count(story.store.changes(story.host, None, PageRequest::default()).await.unwrap()), before);
        story.report(day + 2.hours(), &[], Some(&[("md0", "clean", 1)])).await;
        assert_eq!(count(story.store.changes(story.host, None, PageRequest::default()).await.unwrap()), before + 1);
    });
}

#[test]
fn a_flood_of_problems_on_one_host_becomes_two_incidents_and_one_storm() {
    runtime().block_on(async {
        let day = amsterdam(2026, 11, 25, 10, 0);
        let mut story = Story::begin(day, |contract| contract.rmm = Some(Rmm::default())).await;
        let mounts: Vec<String> = (0..8).map(|number| format!("/data{number}")).collect();
        for minute in 0..15 {
            let mut readings = vec![(60, "", 1e6)];
            for mount in &mounts {
                readings.extend([(32, mount.as_str(), 0.97), (33, mount.as_str(), 1e8), (31, mount.as_str(), 1e9)]);
            }
            story.report(day + SignedDuration::from_mins(minute), &readings, None).await;
        }
        let monitors: Vec<_> = story.live().await.into_iter().map(|incident| incident.monitor).collect();
        assert_eq!(monitors.len(), 3, "{monitors:?}");
        assert_eq!(monitors.iter().filter(|monitor| *monitor == "storm").count(), 1);
        story.pipeline.sweep(day + 2.hours()).await.unwrap();
        assert!(story.live().await.iter().all(|incident| incident.monitor != "storm"), "an hour of calm ends a storm");
    });
}

#[test]
fn somebody_with_one_customer_makes_no_wider_right_and_sees_no_other() {
    runtime().block_on(async {
        let day = amsterdam(2026, 11, 25, 10, 0);
        let mut story = Story::begin(day, |_| {}).await;
        let vink = story.pipeline.world.customer_by_name("Vink").unwrap().id;
        let narrow = |scope| Actor { scope, ..crate::control::operator() };
        let (inside, outside) =
            (narrow(Scope::Customers(vec![vink])), narrow(Scope::Customers(vec![CustomerId::new()])));
        let token = Command::ApiTokenCreate { name: "x".into(), duty: Duty::Administrator, customers: Vec::new() };
        let refusal = story.pipeline.command(&inside, token, day).await;
        assert!(matches!(refusal, Outcome::Refused { kind: RefusalKind::Forbidden, .. }), "{refusal:?}");
        let role = Command::HostRole { host: story.host, role: Role::Workstation };
        let refusal = story.pipeline.command(&outside, role.clone(), day).await;
        assert!(matches!(refusal, Outcome::Refused { kind: RefusalKind::NotFound, .. }), "{refusal:?}");
        assert!(matches!(story.pipeline.command(&inside, role, day).await, Outcome::Done { .. }));
    });
}

#[test]
fn the_silence_of_a_machine_that_is_put_out_of_service_ends_and_is_not_raised_again() {
    runtime().block_on(async {
        let noon = amsterdam(2026, 11, 24, 12, 0);
        let mut story = Story::begin(noon, |contract| contract.rmm = Some(Rmm::default())).await;
        story.report(noon, &[(60, "", 1e6)], None).await;
        let machine = Item { key: "computer".into(), ..story.item(Class::Computer, "srv-1", noon) };
        story.store.commit(Effects { items: vec![machine], ..Effects::default() }).await.unwrap();
        for minute in 1..20 {
            story.pipeline.sweep(noon + SignedDuration::from_mins(minute)).await.unwrap();
        }
        assert_eq!(story.live().await.len(), 1);
        let retire =
            DeclaredWish::Move { item: story.host.to_string(), state: LifeState::Retired, since: None, version: None };
        let (actor, later) = (crate::control::operator(), noon + SignedDuration::from_mins(20));
        let outcome = story.wish(&actor, retire, later).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        for minute in 20..60 {
            story.pipeline.sweep(noon + SignedDuration::from_mins(minute)).await.unwrap();
        }
        assert!(story.live().await.is_empty());
    });
}
