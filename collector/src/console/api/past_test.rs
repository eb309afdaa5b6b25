//! Items, hosts and who-has-what over a real store whose CMDB has a past: scans of January to March, applied by the
//! CMDB's own rules.

use super::tests::{Desk, at, desk};
use crate::cmdb::reconcile;
use crate::model::*;
use crate::store::{Effects, Enrolment, EnrolmentToken};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

const JANUARY: &str = "2026-01-10T09:00:00Z";
const FEBRUARY: &str = "2026-02-10T09:00:00Z";
const MARCH: &str = "2026-03-10T09:00:00Z";
const APRIL: &str = "2026-04-10T09:00:00Z";

struct Past {
    desk: Desk,
    ours: Host,
    theirs: Host,
    items: Vec<Item>,
}

async fn past() -> Past {
    let desk = desk().await;
    let ours = enrol(&desk, &desk.incident, "srv-1", JANUARY).await;
    let theirs = enrol(&desk, &desk.foreign, "srv-9", JANUARY).await;
    let mut past = Past { desk, ours, theirs, items: Vec::new() };
    let machine = observed(Class::Computer, "computer", &[("hostname", "srv-1"), ("serial", "CZ1")]);
    past.scan(JANUARY, &[Class::Computer], vec![machine]).await;
    let software = [Class::Software];
    let service = |state: &str| observed(Class::Service, "cron", &[("state", state), ("start_type", "enabled")]);
    past.scan(JANUARY, &software, vec![package("openssl", "3.0.2-0ubuntu1"), package("vim", "9.0")]).await;
    past.scan(JANUARY, &[Class::Service], vec![service("running")]).await;
    past.scan(FEBRUARY, &software, vec![package("openssl", "3.0.2-0ubuntu1.10"), package("nginx", "1.24")]).await;
    past.scan(FEBRUARY, &[Class::Service], vec![service("failed")]).await;
    let march = ["openssl", "nginx", "vim"].map(|name| package(name, if name == "vim" { "9.0" } else { "3.1" }));
    past.scan(MARCH, &software, march.to_vec()).await;
    past
}

async fn enrol(desk: &Desk, like: &Incident, name: &str, when: &str) -> Host {
    let enrolled_at = at(when);
    let host = Host {
        id: HostId::new(),
        customer: like.customer,
        site: like.site,
        name: name.into(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at,
        last_report_at: Some(at(MARCH)),
        last_heard_at: Some(at(MARCH)),
        agent_version: String::new(),
        interval_s: 60,
    };
    let secret = (format!("t{}", host.id), "h".to_owned());
    let expires_at = Timestamp::now() + SignedDuration::from_hours(1);
    let (id, secret_hash) = secret.clone();
    let (customer, site) = (like.customer, like.site);
    let token = EnrolmentToken { id, secret_hash, customer, site, uses: 1, expires_at, cidr: None };
    desk.store.commit(Effects { enrolment_tokens: vec![token], ..Effects::default() }).await.unwrap();
    desk.store.enrol(Enrolment::of_new(host.clone(), secret, expires_at), |_| true, Timestamp::now()).await.unwrap();
    host
}

fn observed(class: Class, key: &str, fields: &[(&str, &str)]) -> Observation {
    let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned()))).collect();
    Observation { class, key: key.into(), name: key.into(), fields }
}

fn package(name: &str, version: &str) -> Observation {
    observed(Class::Software, name, &[("name", name), ("version", version), ("source", "dpkg")])
}

impl Past {
    async fn scan(&mut self, when: &str, classes: &[Class], observations: Vec<Observation>) {
        let scan = Scan { classes: classes.to_vec(), digest: 0, partial: false, observations };
        let (host, now) = (&self.ours, at(when));
        let unknown = crate::cmdb::never_seen(&self.items, &scan);
        let origin = crate::cmdb::Origin { at: now, received_at: now, scan_name: "0a/7", unknown: &unknown };
        let done = reconcile(host.id, host.customer, &self.items, &scan, origin);
        for item in &done.items {
            self.items.retain(|old| old.id != item.id);
            self.items.push(item.clone());
        }
        let (items, changes, relations) = (done.items, done.changes, done.relations);
        self.desk.store.commit(Effects { items, changes, relations, ..Effects::default() }).await.unwrap();
    }

    fn id(&self, key: &str) -> ItemId {
        self.items.iter().find(|item| item.key == key).unwrap().id
    }

    async fn get(&self, path: &str) -> Json {
        let (status, document) = self.desk.get("some", path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {document}");
        document
    }
}

fn names(list: &Json) -> Vec<(&str, &str)> {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let items = list["items"].as_array().unwrap();
    assert!(items.iter().all(|item| text(&item["id"]).is_some()));
    items
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), item["fields"]["version"].as_str().unwrap_or_default()))
        .collect()
}

fn told(list: &Json) -> Vec<String> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let line = |one: &Json| [&one["kind"], &one["name"], &one["field"], &one["old"], &one["new"]].map(text).join(" ");
    list["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn an_item_is_told_with_its_fields_by_kind_its_relations_and_its_history() {
    let past = past().await;
    let item = past.get(&format!("/api/v1/items/{}", past.id("openssl"))).await;
    assert_eq!(item["fields"]["identity"], json!({"name": "openssl", "source": "dpkg"}));
    assert_eq!(item["fields"]["config"], json!({"version": "3.1"}));
    assert_eq!((&item["presence"], &item["host"]), (&json!("present"), &json!("srv-1")));
    assert_eq!((&item["first_seen_at"], &item["at"]), (&json!(JANUARY), &Json::Null));
    let relation = &item["relations"]["items"][0];
    assert_eq!((&relation["kind"], &relation["direction"]), (&json!("installed_on"), &json!("out")));
    assert_eq!((&relation["from"], &relation["until"]), (&json!(JANUARY), &Json::Null));
    let history = item["history"]["items"].as_array().unwrap();
    assert_eq!(
        (history.len(), &history[0]["new"], &history[0]["old"]),
        (2, &json!("3.1"), &json!("3.0.2-0ubuntu1.10"))
    );
    assert_eq!((&history[0]["scan"], &history[0]["host_id"]), (&json!("0a/7"), &json!(past.ours.id)));
    let service = past.get(&format!("/api/v1/items/{}", past.id("cron"))).await;
    assert_eq!(service["fields"]["volatile"], json!({"state": "failed"}));
    assert_eq!(service["history"]["items"], json!([]));
}

#[tokio::test]
async fn a_machine_is_at_its_site_and_everything_on_it_relates_to_it_in_pages() {
    let past = past().await;
    let path = format!("/api/v1/items/{}/relations", past.id("computer"));
    let list = past.get(&path).await;
    let told: Vec<(&str, &str)> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["name"].as_str().unwrap()))
        .collect();
    let on = |name| ("installed_on", name);
    // The first installation of vim ended in February.
    let expected = [("located_at", "Utrecht"), on("cron"), on("nginx"), on("openssl"), on("vim"), on("vim")];
    assert_eq!(told, expected);
    assert_eq!(list["items"][5]["until"], FEBRUARY);
    let first = past.get(&format!("{path}?limit=2")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = past.get(&format!("{path}?limit=9&cursor={cursor}")).await;
    let both = [&first, &second].map(|page| page["items"].as_array().unwrap().len());
    assert_eq!(both.iter().sum::<usize>(), 6);
    let then = past.get(&format!("{path}?at=2026-03-01")).await;
    assert_eq!(then["items"].as_array().unwrap().len(), 4, "vim was away");
}

#[tokio::test]
async fn an_item_stands_as_it_stood_and_says_when_it_was_there_where_it_was_not() {
    let past = past().await;
    let openssl = format!("/api/v1/items/{}", past.id("openssl"));
    let version = |item: &Json| item["fields"]["config"]["version"].as_str().unwrap().to_owned();
    assert_eq!(version(&past.get(&format!("{openssl}?at=2026-02-01")).await), "3.0.2-0ubuntu1");
    assert_eq!(version(&past.get(&format!("{openssl}?at=2026-02-10")).await), "3.0.2-0ubuntu1.10", "a day is its end");
    assert_eq!(version(&past.get(&format!("{openssl}?at=2026-02-10T08:59:59Z")).await), "3.0.2-0ubuntu1");
    let cron = past.get(&format!("/api/v1/items/{}?at=2026-02-01", past.id("cron"))).await;
    assert_eq!(cron["fields"]["volatile"], json!({}), "nobody knows what it was then");
    let vim = format!("/api/v1/items/{}?at=2026-03-01", past.id("vim"));
    let (status, problem) = past.desk.get("some", &vim).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_there_then")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("from {JANUARY} until {FEBRUARY}; from {MARCH} on")), "{detail}");
    let (status, _) = past.desk.get("some", &format!("{openssl}?at=2025-12-31")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_installed_on_the_first_of_march_is_a_list_in_pages() {
    let past = past().await;
    let path = format!("/api/v1/hosts/{}/items?class=software", past.ours.id);
    let march = past.get(&format!("{path}&at=2026-03-01")).await;
    assert_eq!(names(&march), [("nginx", "1.24"), ("openssl", "3.0.2-0ubuntu1.10")]);
    let january = past.get(&format!("{path}&at=2026-01-31")).await;
    assert_eq!(names(&january), [("openssl", "3.0.2-0ubuntu1"), ("vim", "9.0")]);
    assert!(names(&past.get(&format!("{path}&at=2025-01-01")).await).is_empty());
    let first = past.get(&format!("{path}&at=2026-03-01&limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = past.get(&format!("{path}&at=2026-03-01&limit=1&cursor={cursor}")).await;
    assert_eq!((names(&first).len(), names(&second)), (1, vec![("openssl", "3.0.2-0ubuntu1.10")]));
    let now = past.get(&format!("{path}&at=2999-01-01")).await;
    assert_eq!(names(&now).len(), 3);
}

#[tokio::test]
async fn two_moments_of_a_host_differ_by_what_was_added_removed_and_changed() {
    let past = past().await;
    let path = format!("/api/v1/hosts/{}/diff", past.ours.id);
    let winter = past.get(&format!("{path}?from=2026-02-01&to=2026-02-28&class=software")).await;
    let expected = ["added nginx   ", "changed openssl version 3.0.2-0ubuntu1 3.0.2-0ubuntu1.10", "removed vim   "];
    assert_eq!(told(&winter), expected);
    let whole = past.get(&format!("{path}?from=2026-02-01")).await;
    assert_eq!(told(&whole), ["added nginx   ", "changed openssl version 3.0.2-0ubuntu1 3.1"], "vim came back");
    let first = past.get(&format!("{path}?from=2026-02-01&limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = past.get(&format!("{path}?from=2026-02-01&limit=1&cursor={cursor}")).await;
    assert_eq!(told(&second), &told(&whole)[1..]);
    assert!(told(&past.get(&format!("{path}?from=2026-05-01")).await).is_empty());
}

#[tokio::test]
async fn before_its_enrolment_a_merged_machine_is_what_it_was_in_its_older_life() {
    let mut past = past().await;
    let newer = enrol(&past.desk, &past.desk.incident, "srv-1", APRIL).await;
    let older = std::mem::replace(&mut past.ours, newer);
    past.items.clear();
    past.scan(APRIL, &[Class::Software], vec![package("nginx", "1.26"), package("jq", "1.7")]).await;
    let path = format!("/api/v1/hosts/{}", past.ours.id);
    let march = format!("{path}/items?class=software&at=2026-03-01");
    assert!(names(&past.get(&march).await).is_empty(), "they are two machines as long as nobody merged them");
    let merged = Duplicate {
        id: DuplicateId::new(),
        customer: past.ours.customer,
        kind: DuplicateKind::SameMachine,
        newer: past.ours.id,
        older: Some(older.id),
        resemblance: Resemblance::default(),
        sign: None,
        state: DuplicateState::Merged,
        found_at: at(APRIL),
        decided: Some(("ann".into(), at(APRIL))),
    };
    past.desk.store.commit(Effects { duplicates: vec![merged], ..Effects::default() }).await.unwrap();
    assert_eq!(names(&past.get(&march).await), [("nginx", "1.24"), ("openssl", "3.0.2-0ubuntu1.10")]);
    let may = past.get(&format!("{path}/items?class=software&at=2026-05-01")).await;
    assert_eq!(names(&may), [("jq", "1.7"), ("nginx", "1.26")]);
    assert!(names(&past.get(&format!("{path}/items?class=software&at=2025-01-01")).await).is_empty());
    let spring = past.get(&format!("{path}/diff?from=2026-03-01&to=2026-05-01&class=software")).await;
    assert_eq!(told(&spring), ["added jq   ", "changed nginx version 1.24 1.26", "removed openssl   "]);
    let winter = past.get(&format!("{path}/diff?from=2026-02-01&to=2026-02-28&class=software")).await;
    assert_eq!(told(&winter).len(), 3, "both moments are of the older life");
}

#[tokio::test]
async fn who_has_what_is_told_of_the_callers_customers_alone() {
    let past = past().await;
    let theirs = Item {
        id: ItemId::new(),
        customer: past.theirs.customer,
        host: past.theirs.id,
        ..past.items.iter().find(|item| item.key == "openssl").unwrap().clone()
    };
    let admin = |host: &Host, name: &str, is_admin: bool| Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class: Class::User,
        key: name.into(),
        name: name.into(),
        fields: [("administrator".to_owned(), Value::Flag(is_admin))].into(),
        ..theirs.clone()
    };
    let disk = Item {
        class: Class::Disk,
        key: "S1".into(),
        name: "sda".into(),
        fields: [("model".to_owned(), Value::Text("WDC WD40".into()))].into(),
        ..admin(&past.ours, "x", false)
    };
    let items = vec![admin(&past.ours, "ann", true), admin(&past.ours, "bob", false), disk, theirs];
    past.desk.store.commit(Effects { items, ..Effects::default() }).await.unwrap();
    let hosts = async |who: &str, question: &str| {
        let (status, list) = past.desk.get(who, &format!("/api/v1/search?{question}")).await;
        assert_eq!(status, StatusCode::OK, "{question}: {list}");
        list["items"].as_array().unwrap().iter().map(|one| one["host"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(hosts("some", "software=OpenSSL").await, ["srv-1"]);
    assert_eq!(hosts("all", "software=openssl").await.len(), 2);
    assert_eq!(hosts("all", "software=openssl&version=%3C3.0.5").await.len(), 0);
    assert_eq!(hosts("all", "software=openssl&version=%3E%3D3.0.5").await.len(), 2);
    assert_eq!(hosts("some", "software=open*&version=3.*").await, ["srv-1"]);
    assert_eq!(hosts("some", &format!("software=openssl&customer={}", past.theirs.customer)).await.len(), 0);
    assert_eq!(hosts("some", "disk=wdc*").await.len(), 1);
    assert_eq!(hosts("some", "administrators=true").await.len(), 1);
    assert_eq!(hosts("some", "class=user&field=administrator&value=false").await.len(), 1);
    assert_eq!(hosts("some", "class=software&field=source").await.len(), 3);
}

#[tokio::test]
async fn wrong_questions_about_the_past_say_what_is_allowed_and_foreign_things_are_absent() {
    let past = past().await;
    let host = past.ours.id;
    let wrong = [
        (format!("/api/v1/items/{}?at=monday", past.id("vim")), "2026-03-01"),
        (format!("/api/v1/items/{}?at=2026-02-30", past.id("vim")), "2026-03-01"),
        (format!("/api/v1/hosts/{host}/items?at=2026-03-01&gone=true"), "gone"),
        (format!("/api/v1/hosts/{host}/diff"), "from"),
        (format!("/api/v1/hosts/{host}/diff?from=2026-03-02&to=2026-03-01"), "to"),
        (format!("/api/v1/items/{}/changes?cursor=x", past.id("vim")), "cursor"),
        ("/api/v1/search".to_owned(), "software"),
        ("/api/v1/search?software=a&disk=b".to_owned(), "only one"),
        ("/api/v1/search?software=a&version=%3C".to_owned(), "version"),
        ("/api/v1/search?class=mouse".to_owned(), "software"),
        ("/api/v1/search?class=disk&field=a%22b".to_owned(), "field"),
        ("/api/v1/search?software=a&cursor=x".to_owned(), "cursor"),
        (format!("/api/v1/search?software={}", "x".repeat(300)), "256"),
    ];
    for (path, word) in wrong {
        let (status, problem) = past.desk.get("some", &path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(word), "{path}: {problem}");
    }
    let foreign =
        Item { id: ItemId::new(), host: past.theirs.id, customer: past.theirs.customer, ..past.items[0].clone() };
    let id = foreign.id;
    past.desk.store.commit(Effects { items: vec![foreign], ..Effects::default() }).await.unwrap();
    let absent = past.desk.get("some", &format!("/api/v1/items/{}", ItemId::new())).await;
    assert_eq!(absent.0, StatusCode::NOT_FOUND);
    for path in ["", "?at=2020-01-01", "/changes", "/relations"] {
        assert_eq!(past.desk.get("some", &format!("/api/v1/items/{id}{path}")).await, absent, "{path}");
    }
    let diff = format!("/api/v1/hosts/{}/diff?from=2026-01-01", past.theirs.id);
    assert_eq!(past.desk.get("some", &diff).await, absent);
}
