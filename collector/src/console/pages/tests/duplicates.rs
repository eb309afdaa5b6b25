//! The tasks about which machine is which: shown in both languages to whoever may see both hosts, decided by a Command.

use super::desk::{Desk, full, text};
use crate::model::*;
use crate::store::Effects;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::Timestamp;

fn task(desk: &Desk, kind: DuplicateKind, older: Option<HostId>, sign: Option<CloneSign>) -> Duplicate {
    Duplicate {
        id: DuplicateId::new(),
        customer: desk.ours.id,
        kind,
        newer: desk.host,
        older,
        resemblance: Resemblance {
            matched: vec![MarkKind::Uuid, MarkKind::Serial],
            contradicting: vec![MarkKind::Name],
        },
        sign,
        state: DuplicateState::Open,
        found_at: Timestamp::now(),
        decided: None,
    }
}

/// A clone of our host, and our host that may be the other customer's machine.
async fn asked() -> (Desk, [DuplicateId; 2]) {
    let desk = full().await;
    let clone = task(&desk, DuplicateKind::Clone, None, Some(CloneSign::RewoundSpool));
    let same = task(&desk, DuplicateKind::SameMachine, desk.foreign.host, None);
    let ids = [clone.id, same.id];
    desk.store.commit(Effects { duplicates: vec![clone, same], ..Effects::default() }).await.unwrap();
    (desk, ids)
}

#[tokio::test]
async fn tasks_are_told_in_both_languages_with_advice_and_acts_for_who_may_act() {
    let (desk, [clone, same]) = asked().await;
    let (_, english) = desk.get("ann", "/hosts").await;
    for words in ["Needs a decision", "a restored image", "UUID, serial", "prepare-image", "One machine: retire"] {
        assert!(english.contains(words), "{words} in {english}");
    }
    assert!(
        english.contains(&format!("/duplicates/{clone}/dismiss"))
            && english.contains(&format!("/duplicates/{same}/merge"))
    );
    assert!(!english.contains(&format!("/duplicates/{clone}/merge")), "a host is not merged into itself");
    // A language is a person's, not a token's.
    let cookie = desk.sign_in("ben").await;
    let request = Request::get("/hosts").header("cookie", cookie).body(Body::empty()).unwrap();
    let dutch = text(desk.send(request).await).await;
    for words in
        ["Vraagt een besluit", "een teruggezet image", "UUID, serienummer", "prepare-image", "misschien één machine"]
    {
        assert!(dutch.contains(words), "{words} in {dutch}");
    }
    assert!(!dutch.contains("/duplicates/"), "a viewer has nothing to press");
}

#[tokio::test]
async fn who_does_not_see_both_hosts_does_not_see_what_they_share() {
    let (desk, [_, same]) = asked().await;
    let (_, page) = desk.get("some", "/hosts").await;
    assert!(page.contains("Needs a decision") && !page.contains(&same.to_string()) && !page.contains("srv-visser"));
    let (_, list) = desk.get("some", "/api/v1/duplicates").await;
    assert!(!list.contains(&same.to_string()), "{list}");
}

#[tokio::test]
async fn a_decision_is_a_command_and_nobody_decides_without_the_right() {
    let (mut desk, [clone, same]) = asked().await;
    let mut commands = std::mem::replace(&mut desk.asked, tokio::sync::mpsc::channel(1).1);
    let pipeline = tokio::spawn(async move {
        let mut found = Vec::new();
        for _ in 0..2 {
            let request = commands.recv().await.unwrap();
            request.answer.send(Outcome::Done { result: serde_json::Value::Null }).unwrap();
            found.push(request.command);
        }
        found
    });
    let (ann, viewer) = (desk.sign_in("ann").await, desk.sign_in("ben").await);
    let (dismiss, merge) = (format!("/duplicates/{clone}/dismiss"), format!("/duplicates/{same}/merge"));
    assert_eq!(desk.post(&viewer, "same-origin", &merge, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&ann, "cross-site", &merge, "").await.status(), StatusCode::FORBIDDEN);
    for path in [&dismiss, &merge] {
        assert_eq!(desk.post(&ann, "same-origin", path, "").await.headers()["location"], "/hosts");
    }
    let expected = [Command::DuplicateDismiss { duplicate: clone }, Command::DuplicateMerge { duplicate: same }];
    assert_eq!(pipeline.await.unwrap(), expected);
}
