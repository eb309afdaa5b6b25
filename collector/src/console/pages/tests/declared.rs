//! The pages of what people declare: forms become Commands, and every sentence is there.

use super::desk::full;
use crate::model::{Command, DeclaredClass, DeclaredWish, Language, LifeState, Outcome};
use crate::words::Words;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use std::collections::BTreeSet;
use std::path::Path;

#[tokio::test]
async fn a_form_that_adds_an_item_is_a_wish_and_leads_to_it() {
    let mut desk = full().await;
    let cookie = desk.sign_in("some").await;
    let mut asked = std::mem::replace(&mut desk.asked, tokio::sync::mpsc::channel(1).1);
    let pipeline = tokio::spawn(async move {
        let request = asked.recv().await.unwrap();
        request.answer.send(Outcome::Done { result: "made".into() }).unwrap();
        request.command
    });
    let form = format!("customer={}&class=ups&name=ups-1&state=spare", desk.ours.id);
    let answer = desk.post(&cookie, "same-origin", "/declared", &form).await;
    assert_eq!(answer.headers()["location"], "/declared/made");
    let Command::Declared { wish } = pipeline.await.unwrap() else { panic!("another command") };
    let DeclaredWish::Add { class, name, state, .. } = *wish else { panic!("another wish") };
    assert_eq!((class, name.as_str(), state), (DeclaredClass::Ups, "ups-1", LifeState::Spare));
}

#[tokio::test]
async fn fields_of_a_form_are_told_from_its_name_and_free_ones_are_named() {
    let mut desk = full().await;
    let cookie = desk.sign_in("some").await;
    let mut asked = std::mem::replace(&mut desk.asked, tokio::sync::mpsc::channel(1).1);
    let pipeline = tokio::spawn(async move {
        let request = asked.recv().await.unwrap();
        request.answer.send(Outcome::Done { result: serde_json::Value::Null }).unwrap();
        request.command
    });
    let path = format!("/declared/{}", desk.declared);
    let form = "version=seen&name=line&site=&field.owner=Joris&new_field=Rack+unit&new_value=12&hostile=1";
    assert_eq!(desk.post(&cookie, "same-origin", &path, form).await.status(), StatusCode::SEE_OTHER);
    let Command::Declared { wish } = pipeline.await.unwrap() else { panic!("another command") };
    let DeclaredWish::Set { name, site, fields, version, .. } = *wish else { panic!("another wish") };
    assert_eq!((name.as_deref(), site.as_deref(), version.as_deref()), (Some("line"), Some(""), Some("seen")));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("owner", "Joris"), ("rack_unit", "12")]);
}

#[tokio::test]
async fn forms_of_viewers_from_elsewhere_and_on_foreign_things_reach_nobody() {
    let mut desk = full().await;
    let (some, viewer) = (desk.sign_in("some").await, desk.sign_in("ben").await);
    let ours = format!("/declared/{}/state", desk.declared);
    let theirs = format!("/declared/{}/state", desk.foreign.host.unwrap());
    assert_eq!(desk.post(&viewer, "same-origin", &ours, "state=retired").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&some, "cross-site", &ours, "state=retired").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&some, "same-origin", &theirs, "state=retired").await.status(), StatusCode::NOT_FOUND);
    let fix = format!("/sites/{}/baseline", desk.foreign.site);
    assert_eq!(desk.post(&some, "same-origin", &fix, "").await.status(), StatusCode::NOT_FOUND);
    for page in [format!("/sites/{}/drift", desk.foreign.site), fix] {
        assert_eq!(desk.get("some", &page).await.0, StatusCode::NOT_FOUND, "{page}");
    }
    let coverage = desk.get("some", &format!("/coverage?customer={}", desk.theirs.id)).await;
    assert!(coverage.0 == StatusCode::OK && !coverage.1.contains("visser"), "{}", coverage.1);
    assert!(desk.asked.try_recv().is_err());
}

/// A page in the language of somebody who signed in.
async fn seen_by(desk: &super::Desk, name: &str, path: &str) -> String {
    let cookie = desk.sign_in(name).await;
    let page = desk.send(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await;
    assert_eq!(page.status(), StatusCode::OK, "{path}");
    String::from_utf8(axum::body::to_bytes(page.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn coverage_folds_parts_into_their_machine_and_tells_contract_and_watch_in_two_languages() {
    let desk = full().await;
    let path = format!("/coverage?customer={}", desk.ours.id);
    let english = seen_by(&desk, "ann", &path).await;
    assert!(english.contains("1 part") && english.contains("watched (RMM)"), "{english}");
    assert!(english.contains("in CMDB and contract") && english.contains("internet line"), "{english}");
    let dutch = seen_by(&desk, "ben", &path).await;
    assert!(dutch.contains("1 onderdeel") && dutch.contains("bewaakt (RMM)"), "{dutch}");
}

#[tokio::test]
async fn a_baseline_is_a_paper_with_room_to_sign_and_its_drift_stands_beside_it() {
    let desk = full().await;
    let site = desk.incident.site;
    let paper = seen_by(&desk, "ann", &format!("/sites/{site}/baseline")).await;
    assert!(paper.contains("class=\"paper\"") && paper.contains("class=\"sign-here\""), "{paper}");
    assert!(paper.contains("WD-WX41") && paper.contains("For the customer"), "{paper}");
    let drift = seen_by(&desk, "ben", &format!("/sites/{site}/drift")).await;
    assert!(drift.contains("<html lang=\"nl\">") && !drift.contains("method=\"post\" action=\"/sites"), "{drift}");
}

#[tokio::test]
async fn a_table_is_shown_as_it_was_sent_and_applied_with_the_digest_of_its_preview() {
    let mut desk = full().await;
    let cookie = desk.sign_in("some").await;
    let mut asked = std::mem::replace(&mut desk.asked, tokio::sync::mpsc::channel(1).1);
    let pipeline = tokio::spawn(async move {
        let mut digests = Vec::new();
        for _ in 0..2 {
            let request = asked.recv().await.unwrap();
            let row = serde_json::json!({"line": 2, "kind": "new", "id": null, "name": "ups-1", "column": null,
                "reason": null, "changes": [{"field": "owner", "old": null, "new": "<b>Joris</b>"}]});
            let result = serde_json::json!({"digest": "d1", "new": 1, "changed": 0, "unchanged": 0, "refused": 0, "rows": [row]});
            request.answer.send(Outcome::Done { result }).unwrap();
            let Command::Declared { wish } = request.command else { panic!("another command") };
            let DeclaredWish::Import { digest, text, .. } = *wish else { panic!("another wish") };
            assert_eq!(text, "class,name\nups,ups-1\n");
            digests.push(digest);
        }
        digests
    });
    let form = format!("customer={}&text=class,name%0Aups,ups-1%0A", desk.ours.id);
    let answer = desk.post(&cookie, "same-origin", "/declared/import", &form).await;
    let page = String::from_utf8(axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(page.contains("name=\"digest\" value=\"d1\"") && page.contains("formaction=\"/declared/import/apply\""));
    assert!(page.contains("owner: – → &#60;b&#62;Joris") && page.matches("ups,ups-1").count() == 1, "{page}");
    let applied = desk.post(&cookie, "same-origin", "/declared/import/apply", &format!("{form}&digest=d1")).await;
    assert_eq!(applied.status(), StatusCode::SEE_OTHER);
    assert_eq!(pipeline.await.unwrap(), [None, Some("d1".to_owned())]);
}

#[tokio::test]
async fn what_people_say_is_shown_in_the_readers_language() {
    let desk = full().await;
    let (_, english) = desk.get("ann", &format!("/declared/{}", desk.declared)).await;
    assert!(english.contains("internet line") && english.contains("Warranty ends on"), "{english}");
    let dutch = seen_by(&desk, "ben", &format!("/declared/{}", desk.declared)).await;
    assert!(dutch.contains("internetlijn") && dutch.contains("Garantie tot"), "{dutch}");
    assert!(!dutch.contains("method=\"post\" action=\"/declared"), "a viewer gets no forms");
}

#[test]
fn every_key_of_declared_things_is_said_and_stands_in_the_catalogues() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeSet::new();
    for folder in ["templates", "src/console/pages"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let starts = text.split("\"declare-").skip(1);
            let keys = starts.filter_map(|rest| rest.split('"').next()).filter(|key| !key.contains('{'));
            named.extend(keys.map(|key| format!("declare-{key}")));
        }
    }
    let dashed = |word: &str| word.replace('_', "-");
    named.extend(DeclaredClass::ALL.iter().map(|class| format!("declare-class-{}", dashed(class.word()))));
    named.extend(LifeState::ALL.iter().map(|state| format!("declare-state-{}", state.word())));
    for (field, form) in crate::declare::TYPED {
        named.insert(format!("declare-field-{}", dashed(field)));
        if let crate::declare::Form::Choice(words) = form {
            named.extend(words.iter().map(|word| format!("declare-choice-{word}")));
        }
    }
    let words = Words::load().unwrap();
    for language in [Language::En, Language::Nl] {
        let known: BTreeSet<String> =
            words.keys(language).into_iter().filter(|key| key.starts_with("declare-")).collect();
        let missing: Vec<_> = named.difference(&known).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        let unused: Vec<_> = known.difference(&named).collect();
        assert!(unused.is_empty(), "nobody says {unused:?}");
    }
}
