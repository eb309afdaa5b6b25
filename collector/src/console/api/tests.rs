//! The API over a real store: what it answers, what it refuses, and that its document matches its routes.

use super::routes;
use crate::console::auth::{Doorman, sha256_hex};
use crate::console::{Console, Settings, router};
use crate::model::*;
use crate::port::{Port, Request as Asked};
use crate::store::{Effects, Store};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

const NOW: &str = "2026-12-01T12:00:00Z";

pub struct Desk {
    pub router: axum::Router,
    asked: mpsc::Receiver<Asked>,
    pub store: Store,
    pub ours: Customer,
    pub incident: Incident,
    pub foreign: Incident,
    pub folder: tempfile::TempDir,
}

pub fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn customer(name: &str) -> Customer {
    Customer { id: CustomerId::new(), name: name.to_owned(), language: Language::Nl, created_at: at(NOW) }
}

fn token(name: &str, duty: Duty, scope: Scope) -> ApiToken {
    ApiToken {
        id: CredentialId::new(),
        name: name.to_owned(),
        secret_hash: sha256_hex(&secret(name)),
        duty,
        scope,
        expires_at: None,
    }
}

pub fn secret(name: &str) -> String {
    format!("wacht_{name}_secret")
}

fn incident(customer: CustomerId, site: SiteId) -> Incident {
    let alarm = Alarm {
        severity: Severity::P2,
        title: Message::new("api-test-title").with_text("object", "<script>alert(1)</script>"),
        reason: Message::new("api-test-reason"),
        next_step: Message::new("api-test-step"),
        caveat: None,
        deadline: None,
        since: at(NOW),
        levels: vec![("system.filesystem.utilization".to_owned(), 0.9)],
    };
    let moments =
        Moments { ticket_at: at(NOW), page_at: None, due_at: None, why: Message::new("api-test-why"), paged_at: None };
    let said = TimelineEntry { at: at(NOW), what: Message::new("api-test-opened"), who: None };
    Incident {
        id: IncidentId::new(),
        customer,
        site,
        host: None,
        item: None,
        monitor: "disk_space".to_owned(),
        monitor_version: 1,
        object: "/".to_owned(),
        state: IncidentState::Open,
        alarm,
        opened_at: at(NOW),
        updated_at: at(NOW),
        ended_at: None,
        clear_since: None,
        acknowledged_by: None,
        change_number: 1,
        flaps: 0,
        moments,
        silenced_until: None,
        evidence: Evidence { points: vec![(1_796_126_400, 0.93)], ..Evidence::default() },
        timeline: vec![said],
        billable: false,
    }
}

pub async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (ours, theirs) = (customer("Bakker"), customer("Visser"));
    let site = |customer: CustomerId| Site {
        id: SiteId::new(),
        customer,
        name: "Utrecht".to_owned(),
        card: SiteCard::default(),
        created_at: at(NOW),
        intake_ended_at: None,
    };
    let sites = vec![site(ours.id), site(theirs.id)];
    let (mine, foreign) = (incident(ours.id, sites[0].id), incident(theirs.id, sites[1].id));
    let user = User {
        id: UserId::new(),
        name: "ann".to_owned(),
        password_hash: "$argon2id$never-shown".to_owned(),
        duty: Duty::Operator,
        scope: Scope::All,
        language: Language::En,
        disabled: false,
    };
    let effects = Effects {
        customers: vec![ours.clone(), theirs],
        sites,
        contracts: vec![Contract::plain(ours.id, "2026-01-01".parse().unwrap())],
        users: vec![user],
        incidents: vec![mine.clone(), foreign.clone()],
        api_tokens: vec![
            token("all", Duty::Administrator, Scope::All),
            token("some", Duty::Administrator, Scope::Customers(vec![ours.id])),
            token("viewer", Duty::Viewer, Scope::All),
        ],
        ..Effects::default()
    };
    store.commit(effects).await.unwrap();
    let (port, asked) = Port::new();
    let console = Console {
        store: store.clone(),
        port,
        words: Arc::new(Words::load().unwrap()),
        version: watch::channel(0).1,
        settings: Settings {
            instance: "test".to_owned(),
            zone: "Europe/Amsterdam".to_owned(),
            enrolment_url: String::new(),
        },
        metrics: Arc::new(String::new),
        doorman: Doorman::default(),
        turns: crate::console::Turns::default(),
    };
    Desk { router: router(Arc::new(console)), asked, store, ours, incident: mine, foreign, folder }
}

impl Desk {
    async fn call(&self, who: &str, method: &str, path: &str, body: Option<Json>) -> (StatusCode, Json) {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {}", secret(who)));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status();
        let kind = answer.headers().get("content-type").cloned();
        let bytes = axum::body::to_bytes(answer.into_body(), 4 << 20).await.unwrap();
        let document: Json = serde_json::from_slice(&bytes).unwrap_or_default();
        if !status.is_success() {
            assert_eq!(kind.unwrap(), "application/problem+json", "{method} {path}: {status}");
            assert_eq!(document["status"], status.as_u16());
        }
        (status, document)
    }

    pub async fn get(&self, who: &str, path: &str) -> (StatusCode, Json) {
        self.call(who, "GET", path, None).await
    }
}

#[tokio::test]
async fn the_document_describes_every_route_and_no_other() {
    let (status, document) = desk().await.get("", "/api/v1/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            described.insert((method.to_uppercase(), path.clone()));
            assert!(operation["responses"]["401"]["content"]["application/problem+json"].is_object(), "{path}");
            let content = &operation["responses"]["200"]["content"];
            let known = ["application/json", "text/csv", "application/vnd.cyclonedx+json"]
                .iter()
                .any(|kind| content[kind]["schema"].is_object());
            assert!(known, "{path}");
        }
    }
    let table = routes();
    let served: BTreeSet<_> = table
        .table()
        .iter()
        .map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned()))
        .filter(|(_, p)| !p.contains('*'))
        .collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn every_schema_that_the_document_refers_to_is_in_it() {
    let (_, document) = desk().await.get("", "/api/v1/openapi.json").await;
    let text = document.to_string();
    let known: BTreeMap<String, Json> = serde_json::from_value(document["components"]["schemas"].clone()).unwrap();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(known.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn every_list_is_items_with_a_cursor_and_every_item_has_an_id() {
    let desk = desk().await;
    for path in ["hosts", "incidents", "customers", "deliveries", "audit", &format!("customers/{}/sites", desk.ours.id)]
    {
        let (status, list) = desk.get("all", &format!("/api/v1/{path}")).await;
        assert_eq!(status, StatusCode::OK, "{path}: {list}");
        assert!(list["next_cursor"].is_null());
        assert!(list["items"].as_array().unwrap().iter().all(|item| item["id"].is_string()), "{path}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_hole() {
    let desk = desk().await;
    for path in ["customers", "incidents?state=live"] {
        let join = if path.contains('?') { '&' } else { '?' };
        let (_, first) = desk.get("all", &format!("/api/v1/{path}{join}limit=1")).await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let (_, second) = desk.get("all", &format!("/api/v1/{path}{join}limit=1&cursor={cursor}")).await;
        assert!(second["next_cursor"].is_null(), "{path}");
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"], "{path}");
    }
}

#[tokio::test]
async fn wrong_questions_say_what_is_allowed() {
    let desk = desk().await;
    let host = HostId::new();
    let wrong = [
        ("/api/v1/hosts?colour=red".to_owned(), "customer"),
        ("/api/v1/hosts?limit=0".to_owned(), "1 to 1000"),
        ("/api/v1/hosts?limit=ten".to_owned(), "1 to 1000"),
        ("/api/v1/hosts?cursor=%00".to_owned(), "cursor"),
        ("/api/v1/hosts?presence=asleep".to_owned(), "quarantined"),
        ("/api/v1/hosts?customer=nobody".to_owned(), "customer"),
        ("/api/v1/incidents?state=done".to_owned(), "acknowledged"),
        ("/api/v1/deliveries?state=lost".to_owned(), "dead"),
        (format!("/api/v1/hosts/{host}/items?class=mouse"), "software"),
        (format!("/api/v1/hosts/{host}/series"), "metric"),
        (format!("/api/v1/hosts/{host}/changes?since=monday"), "since"),
        ("/api/v1/customers?cursor=x".to_owned(), "cursor"),
    ];
    for (path, word) in wrong {
        let (status, problem) = desk.get("all", &path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(word), "{path}: {problem}");
    }
}

#[tokio::test]
async fn another_customers_incident_reads_exactly_as_an_absent_one() {
    let mut desk = desk().await;
    let (status, foreign) = desk.get("some", &format!("/api/v1/incidents/{}", desk.foreign.id)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, absent) = desk.get("some", &format!("/api/v1/incidents/{}", IncidentId::new())).await;
    let (_, nonsense) = desk.get("some", "/api/v1/incidents/nonsense").await;
    assert_eq!(foreign, absent);
    assert_eq!(foreign, nonsense);
    let path = format!("/api/v1/incidents/{}/acknowledge", desk.foreign.id);
    assert_eq!(desk.call("some", "POST", &path, None).await.0, StatusCode::NOT_FOUND);
    assert!(desk.asked.try_recv().is_err(), "no command was put");
    let (_, list) = desk.get("some", "/api/v1/incidents").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let (_, customers) = desk.get("some", "/api/v1/customers").await;
    assert_eq!(customers["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_and_a_viewer_changes_nothing() {
    let desk = desk().await;
    assert_eq!(desk.get("", "/api/v1/hosts").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("unknown", "/api/v1/hosts").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("all", "/api/v1/nothing/here").await.0, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/incidents/{}/close", desk.incident.id);
    assert_eq!(desk.call("viewer", "POST", &path, Some(json!({"reason": "x"}))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(desk.get("viewer", "/api/v1/audit").await.0, StatusCode::FORBIDDEN);
    assert_eq!(desk.get("some", "/api/v1/audit").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_incident_is_told_whole_and_hostile_text_stays_text() {
    let desk = desk().await;
    let (status, incident) = desk.get("all", &format!("/api/v1/incidents/{}", desk.incident.id)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(incident["customer"], "Bakker");
    assert_eq!(incident["site"], "Utrecht");
    assert_eq!(incident["severity"], "P2");
    assert_eq!(incident["opened_at"], NOW);
    assert_eq!(incident["evidence"]["points"], json!([[1_796_126_400, 0.93]]));
    assert_eq!(incident["timeline"].as_array().unwrap().len(), 1);
    assert!(incident["title"].is_string() && incident["moments"]["why"].is_string());
    assert_eq!(incident["deliveries"], json!([]));
}

#[tokio::test]
async fn a_contract_is_shown_with_its_dates() {
    let desk = desk().await;
    let (status, contract) = desk.get("all", &format!("/api/v1/customers/{}/contract", desk.ours.id)).await;
    assert_eq!(status, StatusCode::OK, "{contract}");
    assert_eq!(contract["minimum_term_ends_on"], "2026-12-31");
    assert_eq!(contract["calendar"]["hours"][0]["to"], "17:30");
    assert!(contract["rmm_response"].is_null());
    assert!(!contract["terms"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn an_act_is_put_to_the_port_and_answers_the_incident() {
    let mut desk = desk().await;
    let (mut asked, store, mut taken) =
        (std::mem::replace(&mut desk.asked, mpsc::channel(1).1), desk.store.clone(), desk.incident.clone());
    let pipeline = tokio::spawn(async move {
        let request = asked.recv().await.unwrap();
        taken.state = IncidentState::Acknowledged;
        taken.acknowledged_by = Some("joris".to_owned());
        store.commit(Effects { incidents: vec![taken], ..Effects::default() }).await.unwrap();
        request.answer.send(Outcome::Done { result: Json::Null }).unwrap();
        let again = asked.recv().await.unwrap();
        again.answer.send(Outcome::Refused { kind: RefusalKind::Conflict, reason: "it is taken".to_owned() }).unwrap();
        (request.actor.name, request.command)
    });
    let path = format!("/api/v1/incidents/{}/acknowledge", desk.incident.id);
    let (status, incident) = desk.call("all", "POST", &path, Some(json!({"assignee": "joris"}))).await;
    assert_eq!((status, &incident["state"]), (StatusCode::OK, &json!("acknowledged")), "{incident}");
    let (status, problem) = desk.call("all", "POST", &path, None).await;
    assert_eq!((status, &problem["detail"]), (StatusCode::CONFLICT, &json!("it is taken")));
    let (name, command) = pipeline.await.unwrap();
    assert_eq!(name, "token all");
    assert_eq!(command, Command::Acknowledge { incident: desk.incident.id, assignee: Some("joris".to_owned()) });
}

#[tokio::test]
async fn malformed_wishes_are_refused_before_anyone_is_asked() {
    let mut desk = desk().await;
    let path = |act: &str| format!("/api/v1/incidents/{}/{act}", desk.incident.id);
    let wrong = [
        ("close", json!({})),
        ("close", json!({"reason": " "})),
        ("close", json!({"reason": "x", "colour": "red"})),
        ("silence", json!({"reason": "x", "until": "2020-01-01T00:00:00Z"})),
        ("silence", json!({"reason": "x", "until": "soon"})),
        ("judge", json!({"judgement": "meh"})),
    ];
    for (act, body) in wrong {
        let (status, problem) = desk.call("all", "POST", &path(act), Some(body.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{act} {body}: {problem}");
    }
    let long = json!({"reason": "x".repeat(20_000)});
    assert_eq!(desk.call("all", "POST", &path("close"), Some(long)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(desk.asked.try_recv().is_err());
}
