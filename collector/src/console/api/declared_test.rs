//! What people declare, from the API through the real pipeline into the store and back.

use super::super::auth::{Doorman, sha256_hex};
use crate::console::{Console, Settings, router};
use crate::evaluate::MonitorSet;
use crate::model::*;
use crate::pipeline::{self, Outlets, Pipeline};
use crate::port::Port;
use crate::store::{Effects, Enrolment, EnrolmentToken, Store};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt as _;

struct Desk {
    router: axum::Router,
    store: Store,
    ours: Customer,
    theirs: Customer,
    site: SiteId,
    host: Host,
    second: Host,
    stop: watch::Sender<bool>,
    folder: tempfile::TempDir,
}

fn token(name: &str, duty: Duty, scope: Scope) -> ApiToken {
    let secret_hash = sha256_hex(&format!("wacht_{name}_secret"));
    ApiToken { id: CredentialId::new(), name: name.to_owned(), secret_hash, duty, scope, expires_at: None }
}

fn customer(name: &str) -> Customer {
    Customer { id: CustomerId::new(), name: name.into(), language: Language::En, created_at: Timestamp::now() }
}

fn site(customer: CustomerId, name: &str) -> Site {
    let (card, created_at) = (SiteCard::default(), Timestamp::now());
    Site { id: SiteId::new(), customer, name: name.into(), card, created_at, intake_ended_at: None }
}

async fn enrol(store: &Store, customer: CustomerId, site: SiteId, name: &str) -> Host {
    let now = Timestamp::now();
    let host = Host {
        id: HostId::new(),
        customer,
        site,
        name: name.into(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at: now,
        last_report_at: Some(now),
        last_heard_at: Some(now),
        agent_version: String::new(),
        interval_s: 60,
    };
    let secret = (format!("t{}", host.id), "h".to_owned());
    let expires_at = now + SignedDuration::from_hours(1);
    let (id, secret_hash) = secret.clone();
    let token = EnrolmentToken { id, secret_hash, customer, site, uses: 1, expires_at, cidr: None };
    store.commit(Effects { enrolment_tokens: vec![token], ..Effects::default() }).await.unwrap();
    store.enrol(Enrolment::of_new(host.clone(), secret, expires_at), |_| true, now).await.unwrap();
    host
}

fn item(host: &Host, class: Class, key: &str, name: &str, fields: &[(&str, &str)]) -> Item {
    Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class,
        key: key.into(),
        name: name.into(),
        fields: fields.iter().map(|(name, text)| ((*name).to_owned(), Value::Text((*text).into()))).collect(),
        first_seen_at: Timestamp::now(),
        gone_at: None,
    }
}

fn incident(host: &Host) -> Incident {
    let (now, message) = (Timestamp::now(), || Message::new("judge-incident-acknowledged"));
    Incident {
        id: IncidentId::new(),
        customer: host.customer,
        site: host.site,
        host: Some(host.id),
        item: None,
        monitor: "disk_space".into(),
        monitor_version: 1,
        object: "/".into(),
        state: IncidentState::Open,
        alarm: Alarm {
            severity: Severity::P2,
            title: message(),
            reason: message(),
            next_step: message(),
            caveat: None,
            deadline: None,
            since: now,
            levels: Vec::new(),
        },
        opened_at: now,
        updated_at: now,
        ended_at: None,
        clear_since: None,
        acknowledged_by: None,
        change_number: 1,
        flaps: 0,
        moments: Moments { ticket_at: now, page_at: None, due_at: None, why: message(), paged_at: None },
        silenced_until: None,
        evidence: Evidence::default(),
        timeline: Vec::new(),
        billable: false,
    }
}

async fn seed(store: &Store, ours: &Customer, theirs: &Customer, sites: &[Site]) -> (Host, Host) {
    let mut contract = Contract::plain(ours.id, "2026-01-01".parse().unwrap());
    contract.starts_on = "2020-01-01".parse().unwrap();
    contract.rmm = Some(Rmm::default());
    let api_tokens = vec![
        token("all", Duty::Administrator, Scope::All),
        token("some", Duty::Operator, Scope::Customers(vec![ours.id])),
        token("viewer", Duty::Viewer, Scope::All),
    ];
    let customers = vec![ours.clone(), theirs.clone()];
    let contracts = vec![contract];
    let effects = Effects { customers, sites: sites.to_vec(), contracts, api_tokens, ..Effects::default() };
    store.commit(effects).await.unwrap();
    let host = enrol(store, ours.id, sites[0].id, "srv-old").await;
    let second = enrol(store, ours.id, sites[0].id, "srv-new").await;
    let foreign = enrol(store, theirs.id, sites[1].id, "srv-visser").await;
    let items = vec![
        item(&host, Class::Computer, "computer", "srv-old", &[("serial", "CZ1A"), ("product", "R650")]),
        item(&host, Class::Disk, "sda", "sda", &[("model", "Exos"), ("serial", "ZA1")]),
        item(&host, Class::Software, "bash", "bash", &[("version", "5.1"), ("publisher", "gnu")]),
        item(&host, Class::Interface, "eth0", "eth0", &[("mac", "00:00:5e:00:00:01")]),
        item(&host, Class::Neighbour, "n1", "10.0.0.1", &[("mac", "00:00:5e:00:00:fe"), ("address", "10.0.0.1")]),
        item(&host, Class::Neighbour, "n2", "10.0.0.2", &[("mac", "00:00:5e:00:00:02"), ("address", "10.0.0.2")]),
        item(&second, Class::Computer, "computer", "srv-new", &[("serial", "CZ2B")]),
        item(&second, Class::Interface, "eth0", "eth0", &[("mac", "00:00:5e:00:00:02")]),
        item(&foreign, Class::Computer, "computer", "srv-visser", &[]),
    ];
    let incidents = vec![incident(&host)];
    store.commit(Effects { items, incidents, ..Effects::default() }).await.unwrap();
    (host, second)
}

async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (ours, theirs) = (customer("Bakker"), customer("Visser"));
    let sites = [site(ours.id, "Utrecht"), site(theirs.id, "Ede")];
    let (host, second) = seed(&store, &ours, &theirs, &sites).await;
    let words = Arc::new(Words::load().unwrap());
    let outlets = Outlets {
        version: Arc::new(watch::channel(0).0),
        policies: Arc::new(watch::channel(Policies::default()).0),
        admissions: Arc::new(watch::channel(0).0),
    };
    let settings = pipeline::Settings {
        console_url: "https://console.example".into(),
        zone: jiff::tz::TimeZone::UTC,
        destinations: Vec::new(),
        policy: AgentPolicy { health_sampling: false, report_interval_s: 60, inventory_interval_s: 3_600 },
        root_key_hash: [0; 32],
    };
    let monitors = MonitorSet::shipped().unwrap();
    let now = Timestamp::now();
    let pipeline = Pipeline::load(store.clone(), words.clone(), monitors, settings, outlets, now).await.unwrap();
    let (port, requests) = Port::new();
    let (stop, stopped) = watch::channel(false);
    let (wake, woken) = watch::channel(0);
    tokio::spawn(async move {
        let _wake = wake;
        pipeline.run(woken, requests, stopped).await;
    });
    let console = Console {
        store: store.clone(),
        port,
        words,
        version: watch::channel(0).1,
        settings: Settings { instance: "test".into(), zone: "UTC".into(), enrolment_url: String::new() },
        metrics: Arc::new(String::new),
        doorman: Doorman::default(),
        turns: crate::console::Turns::default(),
    };
    let site = sites[0].id;
    Desk { router: router(Arc::new(console)), store, ours, theirs, site, host, second, stop, folder }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Desk {
    async fn send(&self, who: &str, method: &str, path: &str, kind: &str, body: String) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header("authorization", format!("Bearer wacht_{who}_secret"))
            .body(Body::from(body));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn get(&self, who: &str, path: &str) -> (StatusCode, Json) {
        let (status, text) = self.send(who, "GET", path, "application/json", String::new()).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn post(&self, who: &str, path: &str, body: Json) -> (StatusCode, Json) {
        let (status, text) = self.send(who, "POST", path, "application/json", body.to_string()).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn add(&self, class: &str, name: &str, fields: Json) -> Json {
        let wish =
            json!({ "customer": self.ours.id, "class": class, "name": name, "site": self.site, "fields": fields });
        let (status, made) = self.post("some", "/api/v1/declared", wish).await;
        assert_eq!(status, StatusCode::OK, "{made}");
        made
    }

    async fn import(&self, query: &str, table: &str) -> (StatusCode, Json) {
        let path = format!("/api/v1/declared/import?customer={}{query}", self.ours.id);
        let (status, text) = self.send("some", "POST", &path, "text/csv", table.to_owned()).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn export(&self) -> String {
        let path = format!("/api/v1/declared/export?customer={}", self.ours.id);
        let (status, table) = self.send("viewer", "GET", &path, "application/json", String::new()).await;
        assert_eq!(status, StatusCode::OK);
        table
    }
}

#[tokio::test]
async fn an_item_is_added_changed_and_moved_on_with_its_history() {
    let desk = desk().await;
    let made = desk.add("internet_line", "fibre", json!({"reference": "KP-2281", "criticality": "high"})).await;
    assert_eq!((&made["state"], &made["fields"]["criticality"]), (&json!("active"), &json!("high")));
    let path = format!("/api/v1/declared/{}", made["id"].as_str().unwrap());
    let (status, changed) =
        desk.post("some", &path, json!({"fields": {"owner": "Joris", "reference": "", "vlan": "7"}})).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(changed["fields"], json!({"criticality": "high", "owner": "Joris", "vlan": "7"}));
    let (status, _) = desk.post("some", &format!("{path}/state"), json!({"state": "retired"})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = desk.post("some", &format!("{path}/state"), json!({"state": "active"})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    let (status, _) = desk.post("some", &path, json!({"fields": {"criticality": "extreme"}})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, history) = desk.get("viewer", &format!("{path}/history")).await;
    let newest = &history["items"][0];
    assert_eq!((&newest["actor"], &newest["source"]), (&json!("token some"), &json!("people")));
    assert!(
        history["items"].as_array().unwrap().iter().any(|line| line["field"] == "state" && line["new"] == "retired")
    );
    let list = format!("/api/v1/declared?customer={}&class=internet_line&state=retired", desk.ours.id);
    assert_eq!(desk.get("some", &list).await.1["items"].as_array().unwrap().len(), 1);
    let (_, audit) = desk.get("all", "/api/v1/audit").await;
    assert!(audit.to_string().contains("declared_move"), "{audit}");
}

#[tokio::test]
async fn a_change_that_was_made_looking_at_something_else_is_refused() {
    let desk = desk().await;
    let made = desk.add("ups", "ups-1", json!({"owner": "Joris"})).await;
    let path = format!("/api/v1/declared/{}", made["id"].as_str().unwrap());
    let (_, first) = desk.post("some", &path, json!({"version": made["version"], "fields": {"owner": "Piet"}})).await;
    assert_eq!(first["fields"]["owner"], "Piet", "{first}");
    let late = json!({"version": made["version"], "fields": {"owner": "Kees"}});
    assert_eq!(desk.post("all", &path, late).await.0, StatusCode::CONFLICT);
    let late = json!({"version": made["version"], "state": "spare"});
    assert_eq!(desk.post("all", &format!("{path}/state"), late).await.0, StatusCode::CONFLICT);
    let (_, kept) = desk.get("some", &path).await;
    assert_eq!(
        (&kept["fields"]["owner"], &kept["state"], &kept["version"]),
        (&json!("Piet"), &json!("active"), &first["version"])
    );
    let seen = json!({"version": first["version"], "state": "spare"});
    assert_eq!(desk.post("all", &format!("{path}/state"), seen).await.0, StatusCode::OK);
}

#[tokio::test]
async fn both_sides_of_a_machine_are_shown_with_their_conflict() {
    let desk = desk().await;
    let path = format!("/api/v1/declared/{}", desk.host.id);
    let wish = json!({"fields": {"serial": "OTHER", "owner": "Joris", "warranty_ends_on": "2027-05-01"}});
    let (status, machine) = desk.post("some", &path, wish).await;
    assert_eq!(status, StatusCode::OK, "{machine}");
    assert_eq!(machine["conflicts"], json!([{"field": "serial", "declared": "OTHER", "observed": "CZ1A"}]));
    assert_eq!((&machine["observed"]["serial"], &machine["fields"]["serial"]), (&json!("CZ1A"), &json!("OTHER")));
    let (status, _) = desk.post("some", &path, json!({"name": "mine"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let items = desk.store.all_items(desk.host.id).await.unwrap();
    let computer = items.iter().find(|item| item.class == Class::Computer).unwrap();
    assert_eq!(computer.fields["serial"], Value::Text("CZ1A".into()));
}

#[tokio::test]
async fn another_customers_items_read_and_act_exactly_as_absent_ones() {
    let desk = desk().await;
    let wish = json!({"customer": desk.theirs.id, "class": "ups", "name": "ups"});
    assert_eq!(desk.post("some", "/api/v1/declared", wish.clone()).await.0, StatusCode::NOT_FOUND);
    let (_, theirs) = desk.post("all", "/api/v1/declared", wish).await;
    let path = format!("/api/v1/declared/{}", theirs["id"].as_str().unwrap());
    let absent = desk.get("some", &format!("/api/v1/declared/{}", ItemId::new())).await;
    assert_eq!(absent.0, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("some", &path).await, absent);
    assert_eq!(desk.get("some", &format!("{path}/history")).await, absent);
    for (tail, body) in [("", json!({"fields": {}})), ("/state", json!({"state": "retired"}))] {
        assert_eq!(desk.post("some", &format!("{path}{tail}"), body).await.0, StatusCode::NOT_FOUND);
    }
    let replace = format!("/api/v1/declared/{}/replace", desk.host.id);
    assert_eq!(desk.post("some", &replace, json!({"by": theirs["id"]})).await.0, StatusCode::NOT_FOUND);
    let their_site = desk.store.sites(desk.theirs.id).await.unwrap()[0].id;
    for tail in ["baseline", "baselines", "drift"] {
        let path = format!("/api/v1/sites/{their_site}/{tail}");
        assert_eq!(desk.get("some", &path).await.0, StatusCode::NOT_FOUND, "{tail}");
    }
    assert_eq!(
        desk.post("some", &format!("/api/v1/sites/{their_site}/baseline"), json!({})).await.0,
        StatusCode::NOT_FOUND
    );
    for path in ["declared/export", "coverage"] {
        let path = format!("/api/v1/{path}?customer={}", desk.theirs.id);
        assert_eq!(desk.get("some", &path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.get("some", "/api/v1/declared").await.1["items"], json!([]));
    let body = json!({"customer": desk.ours.id, "class": "ups", "name": "ups"});
    assert_eq!(desk.post("viewer", "/api/v1/declared", body).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_table_is_previewed_applied_whole_and_comes_back_unchanged() {
    let desk = desk().await;
    desk.add("firewall", "=fw", json!({"note": "one\ntwo, \"three\"", "phone": "+31 30 1"})).await;
    let table = desk.export().await;
    assert!(table.contains("'=fw") && table.contains("'+31 30 1") && table.contains("\r\n"), "{table}");
    let (_, same) = desk.import("", &table).await;
    assert_eq!((&same["unchanged"], &same["refused"], &same["changed"]), (&json!(3), &json!(0), &json!(0)), "{same}");
    let more = "class,name,site,owner\r\nups,ups-1,Utrecht,Joris\r\nlicence,office,,\r\n";
    let (_, preview) = desk.import("&preview=true", more).await;
    assert_eq!(preview["new"], 2, "{preview}");
    let digest = preview["digest"].as_str().unwrap().to_owned();
    let wrong = desk.import(&format!("&preview=false&digest={}", "0".repeat(64)), more).await;
    assert_eq!(wrong.0, StatusCode::CONFLICT);
    assert_eq!(desk.import("&preview=false", more).await.0, StatusCode::BAD_REQUEST);
    let (status, done) = desk.import(&format!("&preview=false&digest={digest}"), more).await;
    assert_eq!((status, &done["new"]), (StatusCode::OK, &json!(2)), "{done}");
    let (status, again) = desk.import(&format!("&preview=false&digest={digest}"), more).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    let (_, same) = desk.import("", &desk.export().await).await;
    assert_eq!((&same["unchanged"], same["rows"].as_array().unwrap().len()), (&json!(5), 5), "{same}");
}

#[tokio::test]
async fn a_table_with_one_bad_row_applies_nothing() {
    let desk = desk().await;
    let table = "class,name,criticality\nups,good,high\nups,bad,extreme\n";
    let (_, preview) = desk.import("", table).await;
    let bad = &preview["rows"][1];
    assert_eq!((&bad["line"], &bad["column"], &bad["kind"]), (&json!(3), &json!("criticality"), &json!("refused")));
    let digest = preview["digest"].as_str().unwrap();
    let (status, _) = desk.import(&format!("&preview=false&digest={digest}"), table).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.get("some", "/api/v1/declared").await.1["items"], json!([]));
    let path = format!("/api/v1/declared/import?customer={}", desk.ours.id);
    let (status, _) = desk.send("some", "POST", &path, "application/json", table.into()).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_machine_that_is_replaced_hands_over_person_and_incident_and_keeps_its_history() {
    let desk = desk().await;
    let (old, new) = (desk.host.id, desk.second.id);
    let facts = json!({"fields": {"owner": "Joris", "criticality": "critical", "warranty_ends_on": "2026-01-01"}});
    desk.post("some", &format!("/api/v1/declared/{old}"), facts).await;
    let (status, came) = desk.post("some", &format!("/api/v1/declared/{old}/replace"), json!({"by": new})).await;
    assert_eq!(status, StatusCode::OK, "{came}");
    assert_eq!(came["fields"], json!({"owner": "Joris", "criticality": "critical"}));
    assert_eq!(came["incident_ids"].as_array().unwrap().len(), 1);
    assert_eq!(came["supersedes"][0]["name"], "srv-old");
    let (_, went) = desk.get("some", &format!("/api/v1/declared/{old}")).await;
    assert_eq!((&went["state"], &went["superseded_by"][0]["name"]), (&json!("retired"), &json!("srv-new")));
    assert_eq!((&went["fields"], &went["incident_ids"]), (&json!({"warranty_ends_on": "2026-01-01"}), &json!([])));
    assert_eq!(went["conflicts"][0]["field"], "state", "it still reports: {went}");
    let (_, history) = desk.get("some", &format!("/api/v1/declared/{new}/history")).await;
    let of_old = |line: &&Json| line["item_id"] == went["id"];
    assert!(history["items"].as_array().unwrap().iter().filter(of_old).any(|line| line["new"] == "Joris"));
    let again = desk.post("some", &format!("/api/v1/declared/{old}/replace"), json!({"by": new})).await;
    assert_eq!(again.0, StatusCode::CONFLICT);
    let live = desk.get("some", "/api/v1/incidents?state=live").await.1;
    let incident = desk.get("some", &format!("/api/v1/incidents/{}", live["items"][0]["id"].as_str().unwrap())).await.1;
    assert!(incident["timeline"].to_string().contains("srv-old was replaced by srv-new"), "{incident}");
}

#[tokio::test]
async fn coverage_tells_components_and_devices_that_nobody_declared() {
    let desk = desk().await;
    let path = format!("/api/v1/coverage?customer={}&site={}", desk.ours.id, desk.site);
    let (status, found) = desk.get("viewer", &path).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    assert_eq!((&found["contract_in_force"], &found["counts"]["covered"]), (&json!(true), &json!(5)), "{found}");
    assert_eq!(found["add_ons"], json!(["rmm"]));
    let machine = &found["items"].as_array().unwrap().iter().find(|row| row["class"] == "computer").unwrap();
    assert_eq!(
        (&machine["agent_reports"], &machine["watched"], &machine["in_cmdb"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(found["unknown_device_count"], 1);
    let unknown = found["unknown_devices"].as_array().unwrap();
    assert_eq!((unknown.len(), &unknown[0]["mac"]), (1, &json!("00:00:5e:00:00:fe")));
    desk.add("network_device", "switch", json!({"mac": "00-00-5E-00-00-FE"})).await;
    let admissions = vec![(desk.second.id, Admission::Quarantined)];
    desk.store.commit(Effects { admissions, ..Effects::default() }).await.unwrap();
    let (_, found) = desk.get("viewer", &path).await;
    assert_eq!(found["unknown_devices"], json!([]));
    assert_eq!(found["counts"]["host_quarantined"], 2, "{found}");
}

mod baselines;
