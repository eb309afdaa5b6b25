//! Exports over a real store: what they hold, whose hosts they show, and reading beside a running collector.

use super::tests::{Desk, at, desk, secret};
use crate::model::*;
use crate::store::{Effects, Enrolment, EnrolmentToken, Store};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::SignedDuration;
use serde_json::Value as Json;
use tower::ServiceExt as _;

/// More than the store gives in one page.
const PACKAGES: usize = 1_003;

async fn enrol(store: &Store, customer: CustomerId, site: SiteId, name: &str) -> Host {
    let now = at("2026-12-01T12:00:00Z");
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
        agent_version: "0.1.0".into(),
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

fn package(host: &Host, name: &str, gone_at: Option<jiff::Timestamp>) -> Item {
    let texts = [("name", name), ("version", "1.0"), ("source", "dpkg")];
    Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class: Class::Software,
        key: format!("dpkg:{name}:amd64"),
        name: name.into(),
        fields: texts.into_iter().map(|(field, text)| (field.to_owned(), Value::Text(text.into()))).collect(),
        first_seen_at: at("2026-12-01T12:00:00Z"),
        gone_at,
    }
}

/// One host of ours with many packages, one of another customer, one of ours that was revoked.
async fn estate() -> (Desk, Host, Host) {
    let desk = desk().await;
    let ours = enrol(&desk.store, desk.ours.id, desk.incident.site, "=srv01").await;
    let theirs = enrol(&desk.store, desk.foreign.customer, desk.foreign.site, "srv02").await;
    let old = enrol(&desk.store, desk.ours.id, desk.incident.site, "srv03").await;
    let mut items: Vec<Item> = (0..PACKAGES).map(|number| package(&ours, &format!("p{number:04}"), None)).collect();
    items.push(package(&ours, "removed", Some(at("2026-12-02T12:00:00Z"))));
    items.push(package(&theirs, "secret", None));
    items.push(package(&old, "retired", None));
    let admissions = vec![(old.id, Admission::Revoked)];
    desk.store.commit(Effects { items, admissions, ..Effects::default() }).await.unwrap();
    (desk, ours, theirs)
}

async fn fetch(desk: &Desk, who: &str, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {}", secret(who)));
    let answer = desk.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = axum::body::to_bytes(answer.into_body(), 4 << 20).await.unwrap();
    (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_list_has_every_present_item_of_every_page_once() {
    let (desk, ..) = estate().await;
    let (status, headers, table) = fetch(&desk, "all", "/api/v1/export/software.csv").await;
    assert_eq!(status, StatusCode::OK, "{table}");
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"software.csv\"");
    let lines: std::collections::BTreeSet<_> = table.lines().collect();
    assert_eq!((table.lines().count(), lines.len()), (1 + PACKAGES + 1, 1 + PACKAGES + 1));
    assert!(table.starts_with("customer,site,host,host_id,item,item_id,first_seen_at,name,source,version\r\n"));
    assert!(!table.contains("removed") && !table.contains("retired"));
    assert!(table.contains("Bakker,Utrecht,'=srv01,"), "a host's name is no formula");
}

#[tokio::test]
async fn a_list_shows_the_callers_customers_and_the_one_that_is_asked_for() {
    let (desk, ours, theirs) = estate().await;
    let table = fetch(&desk, "some", "/api/v1/export/software.csv").await.2;
    assert!(table.contains("p0001") && !table.contains("secret"));
    let (_, _, table) = fetch(&desk, "some", &format!("/api/v1/export/hosts.csv?customer={}", theirs.customer)).await;
    assert_eq!(table.lines().count(), 1, "{table}");
    let (_, _, table) = fetch(&desk, "all", &format!("/api/v1/export/hosts.csv?customer={}", ours.customer)).await;
    assert!(table.lines().count() == 3 && table.contains(",revoked,"), "{table}");
}

#[tokio::test]
async fn a_list_that_is_none_is_refused_with_those_that_are() {
    let (desk, ..) = estate().await;
    for path in ["mouse.csv", "software", "software.xlsx", "hosts.csv?colour=red", "hosts.csv?customer=x"] {
        let (status, _, problem) = fetch(&desk, "all", &format!("/api/v1/export/{path}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
    }
    let problem = fetch(&desk, "all", "/api/v1/export/mouse.csv").await.2;
    assert!(problem.contains("hosts, computer, cpu"), "{problem}");
}

#[tokio::test]
async fn a_host_leaves_as_glpi_and_as_cyclonedx_and_another_customers_reads_as_absent() {
    let (desk, ours, theirs) = estate().await;
    for (form, of) in [("glpi", "/content/softwares"), ("cyclonedx", "/components")] {
        let (status, _, text) = fetch(&desk, "some", &format!("/api/v1/hosts/{}/export/{form}", ours.id)).await;
        let document: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(document.pointer(of).and_then(Json::as_array).map(Vec::len), Some(PACKAGES), "{form}");
        let (status, ..) = fetch(&desk, "some", &format!("/api/v1/hosts/{}/export/{form}", theirs.id)).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_store_is_read_beside_its_collector_and_not_written() {
    let (desk, ours, _) = estate().await;
    let beside = Store::open_to_read(desk.folder.path()).unwrap();
    assert_eq!(beside.host(ours.id).await.unwrap().unwrap().host.name, "=srv01");
    let wish = Effects { customers: vec![desk.ours.clone()], ..Effects::default() };
    assert!(beside.commit(wish).await.is_err());
    assert!(Store::open_to_read(&desk.folder.path().join("nowhere")).is_err(), "nothing is made");
}
