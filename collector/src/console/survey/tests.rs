//! Coverage and drift of a large customer: how often the store is asked does not grow with the hosts.

use super::*;
use crate::console::Settings;
use crate::console::auth::Doorman;
use crate::model::{Admission, Customer, HostId, Item, Language, Role, SiteCard, Value};
use crate::port::Port;
use crate::store::{Effects, Enrolment, EnrolmentToken, Store};
use crate::words::Words;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

struct Fleet {
    console: Console,
    site: Site,
    items: Vec<Item>,
    _folder: tempfile::TempDir,
}

fn item(host: &Host, class: Class, n: usize, field: &str, value: String) -> Item {
    Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class,
        key: n.to_string(),
        name: format!("{} {n}", class.word()),
        fields: [(field.to_owned(), Value::Text(value))].into(),
        first_seen_at: host.enrolled_at,
        gone_at: None,
    }
}

fn parts(host: &Host, index: usize, packages: usize) -> Vec<Item> {
    let mac = |kind: usize, n: usize| format!("a4:{kind:02x}:{:02x}:{:02x}:00:{n:02x}", index / 256, index % 256);
    let mut items = vec![item(host, Class::Computer, 0, "serial", format!("S{index}"))];
    items.extend((0..4).map(|n| item(host, Class::Memory, n, "serial", format!("M{index}-{n}"))));
    items.extend((0..3).map(|n| item(host, Class::Disk, n, "serial", format!("D{index}-{n}"))));
    items.extend((0..2).map(|n| item(host, Class::Interface, n, "mac", mac(0, n))));
    items.extend((0..20).map(|n| item(host, Class::Neighbour, n, "mac", mac(n % 2, n))));
    items.extend((0..packages).map(|n| item(host, Class::Software, n, "version", "1.0".into())));
    items
}

async fn fleet(hosts: usize, packages: usize) -> Fleet {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = Timestamp::now();
    let customer = Customer { id: CustomerId::new(), name: "Bakker".into(), language: Language::En, created_at: now };
    let site = Site {
        id: SiteId::new(),
        customer: customer.id,
        name: "Utrecht".into(),
        card: SiteCard::default(),
        created_at: now,
        intake_ended_at: None,
    };
    let expires_at = now + SignedDuration::from_hours(1);
    let secret = ("t".to_owned(), "h".to_owned());
    let (id, secret_hash) = secret.clone();
    let token = EnrolmentToken {
        id,
        secret_hash,
        customer: customer.id,
        site: site.id,
        uses: hosts as u32,
        expires_at,
        cidr: None,
    };
    let customers = vec![customer.clone()];
    let effects = Effects { customers, sites: vec![site.clone()], enrolment_tokens: vec![token], ..Effects::default() };
    store.commit(effects).await.unwrap();
    let mut items = Vec::new();
    for index in 0..hosts {
        let host = host(&site, index, now);
        store.enrol(Enrolment::of_new(host.clone(), secret.clone(), expires_at), |_| true, now).await.unwrap();
        items.extend(parts(&host, index, packages));
    }
    store.commit(Effects { items: items.clone(), ..Effects::default() }).await.unwrap();
    let console = Console {
        store,
        port: Port::new().0,
        words: Arc::new(Words::load().unwrap()),
        version: watch::channel(0).1,
        settings: Settings { instance: String::new(), zone: "UTC".into(), enrolment_url: String::new() },
        metrics: Arc::new(String::new),
        doorman: Doorman::default(),
        turns: crate::console::Turns::default(),
    };
    Fleet { console, site, items, _folder: folder }
}

fn host(site: &Site, index: usize, now: Timestamp) -> Host {
    Host {
        id: HostId::new(),
        customer: site.customer,
        site: site.id,
        name: format!("srv-{index}"),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at: now,
        last_report_at: Some(now),
        last_heard_at: Some(now),
        agent_version: String::new(),
        interval_s: 60,
    }
}

impl Fleet {
    async fn fix(&self) -> Baseline {
        let baseline = Baseline {
            id: BaselineId::new(),
            customer: self.site.customer,
            site: self.site.id,
            fixed_at: Timestamp::now(),
            actor: "ann".into(),
        };
        let effects = Effects { baselines: vec![baseline.clone()], ..Effects::default() };
        self.console.store.commit(effects).await.unwrap();
        baseline
    }

    /// Every host gets another disk and ten newer packages.
    async fn change(&self) {
        let mut items = self.items.clone();
        items.retain(|item| match item.class {
            Class::Disk => item.key == "0",
            Class::Software => item.key.len() == 1,
            _ => false,
        });
        for item in &mut items {
            item.fields.values_mut().for_each(|value| *value = Value::Text("other".into()));
        }
        self.console.store.commit(Effects { items, ..Effects::default() }).await.unwrap();
    }

    async fn questions_of_coverage(&self, hosts: usize) -> u64 {
        let before = self.console.store.reads();
        let (_, found, _) = coverage(&self.console, self.site.customer, None, Timestamp::now()).await.unwrap();
        assert_eq!((found.rows.len(), found.strangers.len()), (hosts * 10, hosts * 19));
        self.console.store.reads() - before
    }

    async fn questions_of_drift(&self, hosts: usize, packages: usize, baseline: &Baseline) -> u64 {
        let before = self.console.store.reads();
        let found = drift(&self.console.store, baseline).await.unwrap();
        assert_eq!((found.rows.len(), found.counted.len()), (hosts, hosts));
        assert!(found.counted.iter().all(|one| one.changed == 10 && one.names.len() == 10));
        assert_eq!(found.unchanged, hosts * (10 + packages) - hosts * 11);
        self.console.store.reads() - before
    }
}

#[tokio::test]
async fn coverage_and_drift_ask_the_store_as_often_for_many_hosts_as_for_one() {
    let mut asked = Vec::new();
    for hosts in [1, 40] {
        let fleet = fleet(hosts, 30).await;
        let baseline = fleet.fix().await;
        fleet.change().await;
        asked.push((fleet.questions_of_coverage(hosts).await, fleet.questions_of_drift(hosts, 30, &baseline).await));
    }
    assert_eq!(asked[0], asked[1]);
    assert!(asked[0].0 <= 4 && asked[0].1 <= 2, "{asked:?}");
}

/// Run by hand with `-- --ignored --nocapture`: prints what a large customer takes. Reading a third of a million
/// packages twice is what drift costs; coverage reads no packages.
#[tokio::test]
#[ignore = "a measurement of a minute"]
async fn coverage_of_three_hundred_hosts_takes_less_than_a_second_and_drift_some() {
    let (hosts, packages) = (300, 1_000);
    let fleet = fleet(hosts, packages).await;
    let start = Instant::now();
    let baseline = fleet.fix().await;
    let fixed = start.elapsed();
    fleet.change().await;
    let start = Instant::now();
    fleet.questions_of_coverage(hosts).await;
    let covered = start.elapsed();
    let start = Instant::now();
    fleet.questions_of_drift(hosts, packages, &baseline).await;
    let drifted = start.elapsed();
    println!("fixed in {fixed:?}, coverage in {covered:?}, drift in {drifted:?}");
    assert!(covered.as_secs_f64() < 1.0 && drifted.as_secs_f64() < 8.0);
}
