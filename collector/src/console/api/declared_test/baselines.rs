//! Baselines over the API and as plain text: fixed, drifted from, bounded and removed.

use super::*;
use crate::console::baseline_text::Writer;

#[tokio::test]
async fn a_baseline_stays_as_it_was_fixed_and_drift_is_told_from_it() {
    let desk = desk().await;
    let base = format!("/api/v1/sites/{}", desk.site);
    assert_eq!(desk.get("some", &format!("{base}/drift")).await.0, StatusCode::NOT_FOUND, "there is none yet");
    desk.add("ups", "ups-1", json!({"serial": "U1"})).await;
    let fixed_at = Timestamp::now() - SignedDuration::from_hours(1);
    let early =
        Baseline { id: BaselineId::new(), customer: desk.ours.id, site: desk.site, fixed_at, actor: "ann".into() };
    desk.store.commit(Effects { baselines: vec![early], ..Effects::default() }).await.unwrap();
    let (status, first) = desk.get("some", &format!("{base}/baseline")).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    assert_eq!((&first["counts"]["computer"], &first["counts"]["neighbour"]), (&json!(2), &Json::Null));
    assert_eq!((&first["counts"]["ups"], &first["counts"]["software"]), (&json!(1), &json!(1)));
    let (_, none) = desk.get("some", &format!("{base}/drift")).await;
    assert_eq!((&none["items"], &none["counted"]), (&json!([]), &json!([])), "{none}");
    let mut items = desk.store.all_items(desk.host.id).await.unwrap();
    items.retain(|item| matches!(item.class, Class::Disk | Class::Software));
    for item in &mut items {
        item.fields.insert("version".into(), Value::Text("5.2".into()));
        item.fields.insert("publisher".into(), Value::Text("other".into()));
        item.fields.insert("serial".into(), Value::Text("ZA2".into()));
    }
    items.push(item(&desk.host, Class::Display, "dp1", "Dell", &[]));
    desk.store.commit(Effects { items, ..Effects::default() }).await.unwrap();
    let (_, drift) = desk.get("some", &format!("{base}/drift")).await;
    let kinds: Vec<_> = drift["items"].as_array().unwrap().iter().map(|row| (&row["kind"], &row["class"])).collect();
    assert_eq!(kinds, [(&json!("changed"), &json!("disk")), (&json!("added"), &json!("display"))], "{drift}");
    assert_eq!((&drift["counted"][0]["changed"], &drift["counted"][0]["names"]), (&json!(1), &json!(["bash"])));
    let fix = format!("{base}/baseline");
    assert_eq!(desk.post("some", &fix, json!({})).await.0, StatusCode::OK);
    let (status, again) = desk.post("some", &fix, json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    let (_, all) = desk.get("some", &format!("{base}/baselines")).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let id = first["id"].as_str().unwrap();
    let (_, kept) = desk.get("some", &format!("{base}/baseline?baseline={id}&limit=2")).await;
    assert_eq!(kept["counts"], first["counts"]);
    assert_eq!((kept["items"].as_array().unwrap().len(), kept["next_cursor"].is_string()), (2, true));
    assert_eq!(desk.get("some", &format!("{base}/drift")).await.1["items"], json!([]));
    assert_ne!(desk.get("some", &format!("{base}/drift?baseline={id}")).await.1["items"], json!([]));
    let remove = async |who: &str, query: &str| {
        let (status, text) =
            desk.send(who, "DELETE", &format!("{base}/baseline?{query}"), "application/json", String::new()).await;
        (status, serde_json::from_str::<Json>(&text).unwrap_or_default())
    };
    let named = format!("baseline={id}");
    assert_eq!(remove("some", "").await.0, StatusCode::BAD_REQUEST, "never the newest by chance");
    assert_eq!(remove("viewer", &named).await.0, StatusCode::FORBIDDEN);
    let (status, left) = remove("some", &named).await;
    assert_eq!((status, left["items"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)), "{left}");
    assert_eq!(remove("some", &named).await.0, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("some", &format!("{base}/baseline?baseline={id}")).await.0, StatusCode::NOT_FOUND);
    let entries = desk.store.audit_entries(PageRequest { cursor: None, limit: 100 }).await.unwrap().items;
    let told = entries
        .iter()
        .any(|(_, entry)| entry.act == "baseline_remove" && entry.subject.ends_with(id) && entry.outcome == "done");
    assert!(told, "{entries:?}");
}

#[tokio::test]
async fn the_baselines_of_a_customer_have_a_bound_together() {
    let desk = desk().await;
    let before = desk.store.baseline_sizes(desk.ours.id, desk.site).await.unwrap();
    assert!(before.0 == 0 && before.1 > 0, "{before:?}");
    let fix = format!("/api/v1/sites/{}/baseline", desk.site);
    assert_eq!(desk.post("some", &fix, json!({})).await.0, StatusCode::OK);
    let after = desk.store.baseline_sizes(desk.ours.id, desk.site).await.unwrap();
    assert_eq!(after, (before.1, before.1), "what was to come came");
    assert_eq!(desk.store.baseline_sizes(desk.theirs.id, desk.site).await.unwrap().0, 0);
}

#[tokio::test]
async fn a_baseline_and_its_drift_are_plain_text_that_steers_no_terminal_and_need_no_pipeline() {
    let desk = desk().await;
    let disk = item(&desk.host, Class::Disk, "z9", "sda\u{1b}[2J", &[("serial", "Z1")]);
    desk.store.commit(Effects { items: vec![disk.clone()], ..Effects::default() }).await.unwrap();
    let fix = format!("/api/v1/sites/{}/baseline", desk.site);
    assert_eq!(desk.post("some", &fix, json!({})).await.0, StatusCode::OK);
    desk.stop.send_replace(true);
    let store = Store::open_to_read(desk.folder.path()).unwrap();
    let site = store.site(desk.site).await.unwrap().unwrap();
    let baselines = store.baselines(desk.site).await.unwrap();
    let words = (Words::load().unwrap(), Language::En);
    let place = (desk.ours.clone(), site.clone());
    let writer = Writer::new(store, words, jiff::tz::TimeZone::UTC, place).await.unwrap();
    let list = writer.list(&baselines);
    assert!(list.starts_with("  1  ") && list.lines().count() == 1 && list.contains(&baselines[0].actor), "{list}");
    let paper = writer.paper(&baselines[0]).await.unwrap();
    assert!(paper.contains(&format!("{}, {}", desk.ours.name, site.name)) && paper.contains("serial Z1"), "{paper}");
    assert!(paper.contains("software: 1") && !paper.contains('\u{1b}'), "{paper}");
    assert!(writer.drift(&baselines[0]).await.unwrap().contains("Nothing drifted"));
    let other = Item { fields: [("serial".to_owned(), Value::Text("Z2".into()))].into(), ..disk };
    desk.store.commit(Effects { items: vec![other], ..Effects::default() }).await.unwrap();
    let told = writer.drift(&baselines[0]).await.unwrap();
    assert!(told.contains("serial: Z1 → Z2") && !told.contains("Nothing drifted"), "{told}");
}
