//! Promises of the catalogues of all rooms.

use super::*;
use crate::contract::term;
use crate::model::{Contract, CourtesyNotice, CustomerId, Notice, OnSite, OpenHours, Rmm};
use jiff::civil::{date, time};
use std::collections::{BTreeMap, BTreeSet};

fn words() -> Words {
    Words::load().unwrap()
}

fn variables(source: &str) -> BTreeSet<&str> {
    let names = source.split('$').skip(1);
    names
        .map(|rest| rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).next().unwrap_or(""))
        .collect()
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_variables() {
    let english = catalogue::entries(Language::En);
    let dutch = catalogue::entries(Language::Nl);
    let by_key = |entries: &[catalogue::Entry]| -> BTreeMap<String, BTreeSet<String>> {
        let of = |source: &str| variables(source).into_iter().map(str::to_owned).collect();
        entries.iter().map(|entry| (entry.key.to_owned(), of(&entry.source))).collect()
    };
    let (english, dutch) = (by_key(&english), by_key(&dutch));
    for (key, variables) in &english {
        assert_eq!(Some(variables), dutch.get(key), "{key} in Dutch");
    }
    for key in dutch.keys() {
        assert!(english.contains_key(key), "{key} is missing in English");
    }
}

#[test]
fn every_key_is_found_and_carries_the_prefix_of_its_room() {
    let words = words();
    for language in [Language::En, Language::Nl] {
        for key in words.keys(language) {
            let known = ROOMS.iter().any(|room| key.starts_with(&format!("{}-", room.name)));
            assert!(known, "{key} has no room's prefix");
            assert_ne!(words.text(&key, language), key);
        }
    }
    assert!(words.keys(Language::En).contains(&"contract-no-rmm".to_owned()));
}

#[test]
fn words_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Words>();
}

#[test]
fn an_unknown_key_is_said_as_itself() {
    assert_eq!(words().text("judge-no-such-key", Language::Nl), "judge-no-such-key");
}

#[test]
fn moments_read_in_the_readers_zone_and_language() {
    let at: Timestamp = "2026-11-30T07:00:00Z".parse().unwrap();
    let message = Message::new("contract-page-service-hours").with("opening", Argument::Time(at));
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    assert!(words().say(&message, Language::En, &zone).contains("Mon 30 Nov 08:00"));
    assert!(words().say(&message, Language::Nl, &zone).contains("ma 30 nov 08:00"));
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "{ $from } <script>alert(1)</script>\r\nBcc: x\u{202e}{\"";
    let message = Message::new("contract-short-day").with_text("from", hostile).with_text("to", "x".repeat(5000));
    let said = words().say(&message, Language::En, &TimeZone::UTC);
    assert!(said.starts_with("Open { $from } <script>alert(1)</script>  Bcc: x{\"-xxx"), "{said}");
    assert!(said.chars().count() < 600);
}

#[test]
fn arguments_that_are_missing_or_no_figures_do_not_panic() {
    let hole = words().text("contract-short-day", Language::En);
    assert!(hole.contains("$from"), "{hole}");
    let none = Message::new("contract-term-on-site").with("hours", Argument::Number(f64::NAN)).with_text("rhythm", "");
    assert!(words().say(&none, Language::En, &TimeZone::UTC).contains(figure::UNKNOWN));
}

#[test]
fn only_arguments_named_as_days_are_read_as_days() {
    assert_eq!(day("end_on", "2027-01-31", Language::Nl), Some("zo 31 jan 2027".to_owned()));
    assert_eq!(day("end_on", "soon", Language::Nl), None);
    assert_eq!(day("object", "2027-01-31", Language::Nl), None);
}

fn told(contract: &Contract, language: Language) -> String {
    let said = term::describe(contract).into_iter().map(|line| words().say(&line, language, &TimeZone::UTC));
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_contract_with_rmm_is_told_in_both_languages() {
    let plain = Contract::plain(CustomerId::default(), date(2026, 1, 1));
    let contract = Contract { rmm: Some(Rmm::default()), ..plain };
    let english = told(&contract, Language::En);
    assert!(english.starts_with("RMM: incidents are raised"), "{english}");
    assert!(english.contains("workdays 08:00-17:30") && english.contains("No extended hours"), "{english}");
    assert!(english.contains("Thu 31 Dec 2026"), "{english}");
    let dutch = told(&contract, Language::Nl);
    assert!(dutch.contains("werkdagen 08:00-17:30") && dutch.contains("do 31 dec 2026"), "{dutch}");
}

#[test]
fn every_shape_of_contract_has_words() {
    let open =
        |weekdays: &[u8]| OpenHours { weekdays: weekdays.to_vec(), from: time(8, 0, 0, 0), to: time(21, 0, 0, 0) };
    let mut contract = Contract::plain(CustomerId::default(), date(2026, 1, 1));
    contract.extended_hours = Some(vec![open(&[1, 2, 3, 6]), open(&[1, 2, 3, 4, 5, 6, 7])]);
    contract.on_site = Some(OnSite { hours_per_month: 4.5, visit_rhythm: "every second Friday".to_owned() });
    for courtesy in [CourtesyNotice::None, CourtesyNotice::Monthly, CourtesyNotice::AtOnce] {
        contract.courtesy_notice = courtesy;
        for confirmed_end in [None, Some(date(2027, 1, 31))] {
            contract.notice = Some(Notice { received_on: date(2026, 12, 22), confirmed_end, confirmed_by: None });
            for language in [Language::En, Language::Nl] {
                let said = told(&contract, language);
                assert!(!said.contains("contract-") && !said.contains('{'), "{said}");
            }
        }
    }
    let english = told(&contract, Language::En);
    assert!(english.contains("Monday to Wednesday 08:00-21:00") && english.contains("Saturday"), "{english}");
    assert!(english.contains("4.5") && told(&contract, Language::Nl).contains("4,5"));
}
