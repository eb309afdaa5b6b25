//! A console over a real store with two customers, for the tests of its pages.

use super::seed::{self, HOSTILE, PASSWORD, ago};
use crate::console::auth::{Doorman, sha256_hex};
use crate::console::{Console, Settings, router};
use crate::model::*;
use crate::port::{Port, Request as Asked};
use crate::store::{Effects, Enrolment, EnrolmentToken, Store};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt as _;

pub struct Desk {
    pub router: axum::Router,
    pub asked: mpsc::Receiver<Asked>,
    pub ours: Customer,
    pub theirs: Customer,
    pub host: HostId,
    pub incident: Incident,
    pub foreign: Incident,
    pub dead: MessageId,
    pub declared: ItemId,
    pub store: Store,
    pub item: ItemId,
    pub foreign_item: ItemId,
    _folder: tempfile::TempDir,
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
    store.enrol(Enrolment::of_new(host.clone(), secret, ago(-60)), |_| true, Timestamp::now()).await.unwrap();
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
    let (ours, theirs) = (seed::customer("Bakker & Zn <b>BV</b>"), seed::customer("Visser"));
    let sites = [seed::site(ours.id), seed::site(theirs.id)];
    let hosts = [seed::host(ours.id, sites[0].id, HOSTILE), seed::host(theirs.id, sites[1].id, "srv-visser")];
    let incident = seed::incident(&hosts[0], Severity::P2);
    let foreign = seed::incident(&hosts[1], Severity::P1);
    let dead = seed::message(&incident, DeliveryState::Dead);
    let (dead_id, declared_id) = (dead.id, ItemId::new());
    let (item, foreign_item) = (ItemId::new(), ItemId::new());
    store.commit(people(ours.id)).await.unwrap();
    if is_full {
        store.commit(declared(&[&ours, &theirs], &sites)).await.unwrap();
        for host in &hosts {
            enrol(&store, host).await;
            seed::append(&store, host.id).await;
        }
        store.commit(happened(&hosts[0], &incident, &foreign, dead)).await.unwrap();
        store.commit(stood(&hosts, [item, foreign_item])).await.unwrap();
        store.commit(said(&hosts, declared_id)).await.unwrap();
    }
    let (port, asked) = Port::new();
    let router = router(Arc::new(console(store.clone(), port)));
    Desk {
        router,
        asked,
        ours,
        theirs,
        host: hosts[0].id,
        incident,
        foreign,
        dead: dead_id,
        declared: declared_id,
        store,
        item,
        foreign_item,
        _folder: folder,
    }
}

fn people(ours: CustomerId) -> Effects {
    let users = vec![
        seed::user("ann", Duty::Administrator, Scope::All, Language::En),
        seed::user("ben", Duty::Viewer, Scope::All, Language::Nl),
        seed::user("some", Duty::Operator, Scope::Customers(vec![ours]), Language::En),
    ];
    let tokens = users.iter().map(|user| ApiToken {
        id: CredentialId::new(),
        name: user.name.clone(),
        secret_hash: sha256_hex(&secret(&user.name)),
        duty: user.duty,
        scope: user.scope.clone(),
        expires_at: None,
    });
    Effects { api_tokens: tokens.collect(), users, ..Effects::default() }
}

fn declared(customers: &[&Customer], sites: &[Site]) -> Effects {
    let mut contract = Contract::plain(customers[0].id, "2025-01-01".parse().unwrap());
    contract.rmm = Some(Rmm::default());
    let customers = customers.iter().map(|customer| (*customer).clone()).collect();
    Effects { customers, sites: sites.to_vec(), contracts: vec![contract], ..Effects::default() }
}

fn happened(host: &Host, incident: &Incident, foreign: &Incident, dead: OutboxMessage) -> Effects {
    let product = [("product", Value::Text(HOSTILE.into())), ("serial", Value::Text("WD-WX41".into()))];
    let items = vec![
        seed::item(host, Class::Computer, "PowerEdge", &product),
        seed::item(host, Class::Disk, "sda", &[("size_bytes", Value::Integer(220_000_000_000))]),
    ];
    let waiting = seed::message(incident, DeliveryState::Waiting);
    let delivered = seed::message(foreign, DeliveryState::Delivered);
    Effects {
        items,
        changes: incident.evidence.changes.clone(),
        incidents: vec![incident.clone(), foreign.clone()],
        outbox: vec![dead, waiting, delivered],
        ..Effects::default()
    }
}

/// A package of each host with a past: upgraded half a day ago, and related to the machine.
fn stood(hosts: &[Host], ids: [ItemId; 2]) -> Effects {
    let mut effects = Effects::default();
    for (host, id) in hosts.iter().zip(ids) {
        let version = |text: &str| Value::Text(text.to_owned());
        let fields = [("version", version("3.0.2")), ("publisher", version(HOSTILE))];
        let item = Item { id, ..seed::item(host, Class::Software, "openssl", &fields) };
        let machine = seed::item(host, Class::Computer, "computer", &[("hostname", version(HOSTILE))]);
        effects.changes.push(Change {
            item: id,
            host: host.id,
            class: Class::Software,
            name: HOSTILE.into(),
            kind: ChangeKind::Changed,
            field: Some("version".into()),
            old: Some(version("1.1.1")),
            new: Some(version("3.0.2")),
            observed_at: ago(720),
            received_at: ago(720),
            scan: "ab/2".into(),
        });
        let (since, kind) = (item.first_seen_at, RelationKind::InstalledOn);
        effects.relations.push(Relation { from: id, kind, to: machine.id, since, until: None });
        effects.items.extend([item, machine]);
    }
    effects
}

/// What people declare of both customers, with a baseline of each site.
fn said(hosts: &[Host], id: ItemId) -> Effects {
    let one = |host: &Host, item, name: &str| Declared {
        item,
        customer: host.customer,
        class: CiClass::Declared(DeclaredClass::InternetLine),
        host: None,
        site: Some(host.site),
        name: name.to_owned(),
        state: LifeState::Active,
        state_since: Some("2026-01-01".parse().unwrap()),
        fields: [("owner", HOSTILE), ("criticality", "high"), ("warranty_ends_on", "2027-01-01"), ("rack", HOSTILE)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    let change = DeclaredChange {
        item: id,
        at: ago(60),
        actor: HOSTILE.into(),
        field: "rack".into(),
        old: None,
        new: Some(HOSTILE.into()),
    };
    let baseline = |host: &Host| Baseline {
        id: BaselineId::new(),
        customer: host.customer,
        site: host.site,
        fixed_at: ago(30),
        actor: HOSTILE.into(),
    };
    Effects {
        declared: vec![one(&hosts[0], id, HOSTILE), one(&hosts[1], ItemId::new(), "line-visser")],
        declared_changes: vec![change],
        baselines: hosts.iter().map(baseline).collect(),
        ..Effects::default()
    }
}

fn console(store: Store, port: Port) -> Console {
    let enrolment_url = "https://wacht.example:7444".to_owned();
    Console {
        store,
        port,
        words: Arc::new(Words::load().unwrap()),
        version: watch::channel(0).1,
        settings: Settings { instance: "desk".into(), zone: "Europe/Amsterdam".into(), enrolment_url },
        metrics: Arc::new(|| "wacht_hosts 1\n".to_owned()),
        doorman: Doorman::default(),
        turns: crate::console::Turns::default(),
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
