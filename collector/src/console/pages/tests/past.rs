//! Pages of the CMDB's past: an item on a day, a host between two days, and who has what.

use super::desk::{full, text};
use super::seed::ago;
use axum::body::Body;
use axum::http::{Request, StatusCode};

fn day(minutes: i64) -> String {
    ago(minutes).to_zoned(jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap()).date().to_string()
}

#[tokio::test]
async fn an_item_is_shown_now_and_as_it_stood() {
    let desk = full().await;
    let path = format!("/items/{}", desk.item);
    let (_, now) = desk.get("ann", &path).await;
    assert!(now.contains("<dd class=\"wrap\">3.0.2</dd>") && now.contains("version: 1.1.1 → 3.0.2"), "{now}");
    assert!(now.contains("is on") && now.contains(">computer</a>"), "{now}");
    let (_, then) = desk.get("ann", &format!("{path}?at={}", day(3 * 1_440))).await;
    assert!(
        then.contains("<dd class=\"wrap\">1.1.1</dd>") && !then.contains("<dd class=\"wrap\">3.0.2</dd>"),
        "{then}"
    );
    let (status, before) = desk.get("ann", &format!("{path}?at=2020-01-01")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(before.contains("It was not there on") && !before.contains("<dd class=\"wrap\">1.1.1</dd>"), "{before}");
    let cookie = desk.sign_in("ben").await;
    let request = Request::get(format!("{path}?at=2020-01-01")).header("cookie", cookie).body(Body::empty()).unwrap();
    let dutch = text(desk.send(request).await).await;
    assert!(dutch.contains("Het was er niet op wo 1 jan 2020"), "{dutch}");
    assert_eq!(desk.get("ann", &format!("{path}?at=monday")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(desk.get("ann", "/items/nonsense").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_host_differs_between_two_days() {
    let desk = full().await;
    let path = format!("/hosts/{}/diff", desk.host);
    let (_, week) = desk.get("ann", &path).await;
    assert!(week.contains("version: 1.1.1 → 3.0.2") && week.contains(&format!("/items/{}", desk.item)), "{week}");
    let (_, disks) = desk.get("ann", &format!("{path}?class=disk")).await;
    assert!(!disks.contains("1.1.1") && disks.contains("Nothing differs between these days"), "{disks}");
    let (_, earlier) = desk.get("ann", &format!("{path}?from={}&to={}", day(9 * 1_440), day(5 * 1_440))).await;
    assert!(earlier.contains("Nothing differs between these days"), "{earlier}");
    assert_eq!(desk.get("ann", &format!("{path}?from=x")).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_inventory_of_a_day_is_a_field_away() {
    let desk = full().await;
    let path = format!("/hosts/{}/inventory?class=software", desk.host);
    let (_, now) = desk.get("ann", &path).await;
    assert!(now.contains("3.0.2") && now.contains(&format!("/items/{}", desk.item)), "{now}");
    let (_, then) = desk.get("ann", &format!("{path}&at={}", day(3 * 1_440))).await;
    assert!(then.contains("1.1.1") && !then.contains("3.0.2"), "{then}");
    let (_, before) = desk.get("ann", &format!("{path}&at=2020-01-01")).await;
    assert!(before.contains("Nothing of this kind"), "{before}");
}

#[tokio::test]
async fn who_has_a_package_is_asked_in_the_header_or_the_form() {
    let desk = full().await;
    for path in
        ["/search?q=openssl+%3C3.0.5", "/search?software=open*&version=3.*", "/search?class=software&field=version"]
    {
        let (_, all) = desk.get("ann", path).await;
        assert!(all.contains(&format!("/items/{}", desk.item)) && all.contains("srv-visser"), "{path}: {all}");
        let (_, some) = desk.get("some", path).await;
        assert!(some.contains(&format!("/items/{}", desk.item)) && !some.contains("srv-visser"), "{path}");
    }
    for (path, words) in [
        ("/search?q=openssl+%3E4", "Nobody has this"),
        ("/search?administrators=true", "Nobody has this"),
        ("/search?software=a&disk=b", "Ask for one thing at a time"),
        ("/search?software=a&version=%3C", "A version goes with a package"),
        ("/search", "Who has which package"),
    ] {
        let (status, page) = desk.get("ann", path).await;
        assert!(status == StatusCode::OK && page.contains(words), "{path}: {page}");
    }
}
