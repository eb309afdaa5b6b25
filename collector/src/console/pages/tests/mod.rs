//! The pages over a real store: who gets in, what they see, what they may do, and that foreign text stays text.

mod declared;
mod desk;
mod duplicates;
mod past;
mod seed;

use super::routes;
use crate::model::{Command, Outcome, Permission, RefusalKind};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use desk::{Desk, empty, full};
use seed::{HOSTILE, PASSWORD};
use std::collections::BTreeSet;
use std::path::Path;

/// Every page of the table with the ids of this desk.
fn pages(desk: &Desk) -> Vec<String> {
    let readable =
        routes().table().iter().filter(|(method, ..)| *method == "GET").map(|(_, path, _)| *path).collect::<Vec<_>>();
    let id = |path: &str| match path.split('/').nth(1) {
        Some("hosts") => desk.host.to_string(),
        Some("customers") => desk.ours.id.to_string(),
        Some("declared") => desk.declared.to_string(),
        Some("items") => desk.item.to_string(),
        Some("sites") => desk.incident.site.to_string(),
        _ => desk.incident.id.to_string(),
    };
    readable.into_iter().map(|path| path.replace("{id}", &id(path))).collect()
}

/// An element or attribute that only foreign text could have brought.
fn assert_text_stayed_text(path: &str, page: &str) {
    let scripts: Vec<_> = page.match_indices("<script").map(|(at, _)| &page[at..(at + 40).min(page.len())]).collect();
    assert!(
        scripts.iter().all(|script| script.starts_with("<script type=\"module\" src=\"/assets/")),
        "{path}: {scripts:?}"
    );
    assert!(!page.contains("<b>BV</b>") && !page.contains("<style") && !page.contains(" style=\""), "{path}");
}

#[test]
fn only_the_sign_in_is_public_and_every_form_needs_more_than_reading() {
    let table = routes();
    for (method, path, permission) in table.table() {
        assert_eq!(*permission == Permission::Public, *path == "/sign-in", "{method} {path}");
        let acts = *method == "POST" && !path.starts_with("/sign-");
        assert!(!acts || matches!(permission, Permission::Handle | Permission::Administer), "{method} {path}");
    }
    let unique: BTreeSet<_> = table.table().iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(unique.len(), table.table().len());
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let desk = full().await;
    for path in pages(&desk).iter().filter(|path| *path != "/sign-in") {
        let answer = desk.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with("/sign-in?next=/"), "{path}");
        let (status, _) = desk.get("stranger", path).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path} with a forged token");
    }
}

#[tokio::test]
async fn every_page_is_shown_small_and_with_foreign_text_as_text() {
    let (full, empty) = (full().await, empty().await);
    for path in pages(&full).iter().filter(|path| *path != "/") {
        let (status, page) = full.get("ann", path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        assert!(page.len() < 100_000, "{path} has {} bytes", page.len());
        assert_text_stayed_text(path, &page);
        assert!(
            ["console-", "judge-", "contract-", "declare-"].iter().all(|prefix| !page.contains(prefix)),
            "a key is shown on {path}"
        );
    }
    for path in ["/incidents", "/hosts", "/customers", "/declared", "/coverage", "/deliveries", "/wall"] {
        let (status, page) = empty.get("ann", path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_text_stayed_text(path, &page);
    }
    let (_, hosts) = empty.get("ann", "/hosts").await;
    assert!(hosts.contains("wacht-collector token create") && hosts.contains("wacht-agent enroll"));
    assert!(hosts.contains("https://wacht.example:7444"));
}

#[tokio::test]
async fn another_customers_things_read_exactly_as_absent_ones() {
    let desk = full().await;
    let absent = desk.get("some", &format!("/incidents/{}", crate::model::IncidentId::new())).await;
    assert_eq!(absent.0, StatusCode::NOT_FOUND);
    let theirs = [
        format!("/incidents/{}", desk.foreign.id),
        format!("/customers/{}", desk.theirs.id),
        format!("/items/{}", desk.foreign_item),
    ];
    let host = format!("/hosts/{}", desk.foreign.host.unwrap());
    for path in theirs
        .into_iter()
        .chain(["", "/inventory", "/changes", "/diff", "/incidents", "/ledger"].map(|tab| host.clone() + tab))
    {
        assert_eq!(desk.get("some", &path).await, absent, "{path}");
    }
    for path in [
        "/incidents",
        "/hosts",
        "/customers",
        "/declared",
        "/coverage",
        "/deliveries?state=delivered",
        "/wall",
        "/search?class=computer",
        &format!("/incidents?sel={}", desk.foreign.id),
    ] {
        let (status, page) = desk.get("some", path).await;
        assert!(status == StatusCode::OK && !page.contains("Visser") && !page.contains("srv-visser"), "{path}");
    }
    assert_eq!(desk.get("some", "/audit").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_with_signing_out() {
    let desk = full().await;
    let wrong = desk.post("", "same-origin", "/sign-in", "name=ann&password=wrong+wrong+wrong").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(!wrong.headers().contains_key("set-cookie"));
    let cookie = desk.sign_in("ann").await;
    let with_cookie = || Request::get("/hosts").header("cookie", &cookie).body(Body::empty()).unwrap();
    assert_eq!(desk.send(with_cookie()).await.status(), StatusCode::OK);
    assert_eq!(desk.post(&cookie, "same-origin", "/sign-out", "").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(desk.send(with_cookie()).await.status(), StatusCode::SEE_OTHER);
    let (_, audit) = desk.get("ann", "/audit").await;
    assert!(audit.contains("sign in") && audit.contains("refused") && audit.contains("sign out"));
}

#[tokio::test]
async fn tries_are_limited_and_leading_elsewhere_is_refused() {
    let desk = full().await;
    for _ in 0..5 {
        desk.post("", "same-origin", "/sign-in", "name=eve&password=wrong+wrong+wrong").await;
    }
    let sixth = desk.post("", "same-origin", "/sign-in", "name=EVE&password=wrong+wrong+wrong").await;
    assert_eq!(sixth.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(sixth.headers().contains_key("retry-after"));
    let form = format!("name=ann&password={PASSWORD}&next=//evil.example");
    let answer = desk.post("", "same-origin", "/sign-in", &form).await;
    assert_eq!(answer.headers()["location"], "/");
}

#[tokio::test]
async fn an_act_is_a_command_and_leads_back() {
    let mut desk = full().await;
    let cookie = desk.sign_in("some").await;
    let path = format!("/incidents/{}/close", desk.incident.id);
    let router = desk.router.clone();
    let answering = tokio::spawn(async move {
        let asked = desk.asked.recv().await.unwrap();
        asked.answer.send(Outcome::Done { result: serde_json::Value::Null }).unwrap();
        let second = desk.asked.recv().await.unwrap();
        let refused = Outcome::Refused { kind: RefusalKind::Conflict, reason: format!("closed by {HOSTILE}") };
        second.answer.send(refused).unwrap();
        (asked.actor, asked.command, desk)
    });
    let post = |form: &str| {
        let request = Request::post(&path).header("cookie", &cookie).header("sec-fetch-site", "same-origin");
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(form.to_owned()));
        tower::ServiceExt::oneshot(router.clone(), request.unwrap())
    };
    let done = post("reason=cleaned+up&back=/incidents%3Fview%3Dmine").await.unwrap();
    assert_eq!(done.headers()["location"], "/incidents?view=mine");
    let refused = post("reason=again").await.unwrap();
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let page = desk::text(refused).await;
    assert!(page.contains("closed by &#60;script&#62;"), "{page}");
    let (actor, command, _desk) = answering.await.unwrap();
    assert_eq!(actor.name, "some");
    assert!(matches!(command, Command::Close { reason, .. } if reason == "cleaned up"));
}

#[tokio::test]
async fn acts_from_elsewhere_of_viewers_and_on_foreign_things_reach_nobody() {
    let mut desk = full().await;
    let (some, viewer) = (desk.sign_in("some").await, desk.sign_in("ben").await);
    let ours = format!("/incidents/{}/acknowledge", desk.incident.id);
    let foreign = format!("/incidents/{}/acknowledge", desk.foreign.id);
    assert_eq!(desk.post(&some, "cross-site", &ours, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&some, "same-site", &ours, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&viewer, "same-origin", &ours, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&some, "same-origin", &foreign, "").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        desk.post(&some, "same-origin", &ours.replace("acknowledge", "close"), "reason=+").await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        desk.post(&viewer, "same-origin", &format!("/deliveries/{}/redeliver", desk.dead), "").await.status(),
        StatusCode::FORBIDDEN
    );
    assert!(desk.asked.try_recv().is_err());
}

#[tokio::test]
async fn every_answer_carries_the_headers_and_errors_have_the_look() {
    let desk = full().await;
    for (path, status) in [
        ("/sign-in", 200),
        ("/no/such/page", 404),
        ("/livez", 200),
        ("/readyz", 200),
        ("/api/v1/hosts", 401),
        ("/metrics", 401),
    ] {
        let answer = desk.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), status, "{path}");
        let headers = answer.headers().clone();
        assert!(
            headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; script-src 'self';")
        );
        assert_eq!(
            (&headers["x-content-type-options"], &headers["cache-control"]),
            (&"nosniff".parse().unwrap(), &"no-store".parse().unwrap())
        );
        if status >= 400 {
            let wanted = if path.starts_with("/no") { "text/html; charset=utf-8" } else { "application/problem+json" };
            assert_eq!(headers["content-type"], wanted, "{path}");
        }
    }
    let long = "x".repeat(2 << 20);
    assert_eq!(desk.post("", "same-origin", "/sign-in", &long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.get("ann", "/metrics").await, (StatusCode::OK, "wacht_hosts 1\n".to_owned()));
}

#[test]
fn every_key_that_the_console_names_stands_in_the_catalogues() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeSet::new();
    for folder in ["templates", "src/console", "src/console/pages"] {
        for file in std::fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
        {
            let text = std::fs::read_to_string(&file).unwrap();
            let starts = text.split("\"console-").skip(1);
            named.extend(
                starts
                    .filter_map(|rest| rest.split('"').next())
                    .filter(|key| !key.contains('{'))
                    .map(|key| format!("console-{key}")),
            );
        }
    }
    let classes = crate::model::Class::ALL.iter().map(|class| format!("class-{}", class.word().replace('_', "-")));
    let presences = ["all", "online", "goodbye", "silent", "unseen", "quarantined", "pending", "revoked"]
        .map(|word| format!("presence-{word}"));
    let views = ["now", "open", "waiting", "predicted", "mine", "silenced", "ended"].map(|word| format!("view-{word}"));
    let deliveries = ["waiting", "delivered", "dead", "cancelled"].map(|word| format!("delivery-{word}"));
    let made = classes.into_iter().chain(presences).chain(views).chain(deliveries);
    named.extend(made.map(|key| format!("console-{key}")));
    let words = Words::load().unwrap();
    for language in [crate::model::Language::En, crate::model::Language::Nl] {
        let known: BTreeSet<String> =
            words.keys(language).into_iter().filter(|key| key.starts_with("console-")).collect();
        let missing: Vec<_> = named.difference(&known).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        let unused: Vec<_> = known.difference(&named).collect();
        assert!(unused.is_empty(), "nobody says {unused:?}");
    }
}
