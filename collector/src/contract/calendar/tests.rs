//! Promises of the calendar, in literal instants of Europe/Amsterdam.

use super::*;
use crate::model::ShortDay;
use jiff::civil::{date, time};
use proptest::prelude::*;

fn at(local: &str) -> Timestamp {
    format!("{local}[Europe/Amsterdam]").parse::<jiff::Zoned>().unwrap().timestamp()
}

fn office() -> Calendar {
    Calendar::new(&CalendarRule::default()).unwrap()
}

fn always() -> Calendar {
    Calendar::new(&CalendarRule::always("Europe/Amsterdam")).unwrap()
}

fn hours(weekdays: &[u8], from: (i8, i8), to: (i8, i8)) -> OpenHours {
    OpenHours { weekdays: weekdays.to_vec(), from: time(from.0, from.1, 0, 0), to: time(to.0, to.1, 0, 0) }
}

const HOUR: u64 = 3600;

#[test]
fn four_hours_round_the_clock_are_elapsed_time_over_both_clock_changes() {
    assert_eq!(always().add_service_time(at("2027-03-28T01:30"), 4 * HOUR), at("2027-03-28T06:30"));
    assert_eq!(always().add_service_time(at("2026-10-25T01:30+02:00"), 4 * HOUR), at("2026-10-25T04:30"));
}

#[test]
fn empty_hours_are_round_the_clock_on_public_holidays_too() {
    let calendar = Calendar::new(&CalendarRule { hours: Vec::new(), ..CalendarRule::default() }).unwrap();
    assert!(calendar.is_open(at("2027-03-28T03:15")));
    assert_eq!(calendar.add_service_time(at("2027-03-28T01:30"), 4 * HOUR), at("2027-03-28T06:30"));
    assert_eq!(calendar.closing_after(at("2027-03-28T01:30")), Timestamp::MAX);
    assert!(!calendar.is_working_day(date(2027, 3, 29)));
}

#[test]
fn an_office_opens_at_eight_and_its_closing_moment_is_closed() {
    assert!(office().is_open(at("2026-11-27T08:00")) && office().is_open(at("2026-11-27T17:29:59")));
    assert!(!office().is_open(at("2026-11-27T17:30")) && !office().is_open(at("2026-11-28T12:00")));
    assert_eq!(office().next_opening(at("2026-11-27T17:30")), at("2026-11-30T08:00"));
    assert_eq!(office().next_opening(at("2026-11-27T10:00")), at("2026-11-27T10:00"));
    assert_eq!(office().closing_after(at("2026-11-28T02:00")), at("2026-11-30T17:30"));
}

#[test]
fn service_time_runs_over_evenings_weekends_and_holidays() {
    assert_eq!(office().add_service_time(at("2026-11-27T16:30"), 4 * HOUR), at("2026-11-30T11:00"));
    assert_eq!(office().add_service_time(at("2026-11-27T16:30"), HOUR), at("2026-11-27T17:30"));
    assert_eq!(office().add_service_time(at("2026-12-24T17:00"), HOUR), at("2026-12-28T08:30"));
    assert_eq!(office().add_service_time(at("2026-11-28T02:00"), 0), at("2026-11-30T08:00"));
    assert_eq!(office().service_seconds_between(at("2026-11-27T16:30"), at("2026-11-30T11:00")), 4 * HOUR);
    assert_eq!(office().service_seconds_between(at("2026-11-30T11:00"), at("2026-11-27T16:30")), 0);
}

#[test]
fn a_night_desk_counts_the_hour_that_is_missing_and_the_hour_that_comes_twice() {
    let rule = CalendarRule {
        hours: vec![hours(&[7], (0, 0), (6, 0))],
        holidays: "none".to_owned(),
        ..CalendarRule::default()
    };
    let night = Calendar::new(&rule).unwrap();
    let day = |date: &str| (at(&format!("{date}T00:00")), at(&format!("{date}T23:00")));
    let seconds = |date: &str| night.service_seconds_between(day(date).0, day(date).1);
    assert_eq!((seconds("2027-03-28"), seconds("2026-10-25"), seconds("2026-11-01")), (5 * HOUR, 7 * HOUR, 6 * HOUR));
}

#[test]
fn extra_hours_widen_ordinary_days_and_touch_at_midnight() {
    let evenings = office()
        .with_extra_hours(&[hours(&[1, 2, 3, 4], (17, 0), (0, 0)), hours(&[2, 3, 4, 5], (0, 0), (2, 0))])
        .unwrap();
    assert!(evenings.is_open(at("2026-11-30T23:00")) && evenings.is_open(at("2026-12-01T01:59")));
    assert_eq!(evenings.closing_after(at("2026-11-30T09:00")), at("2026-12-01T02:00"));
    assert!(!evenings.is_open(at("2026-12-25T01:00")));
    let whole = office().with_extra_hours(&[hours(&[1, 2, 3, 4, 5, 6, 7], (0, 0), (0, 0))]).unwrap();
    assert!(whole.is_open(at("2026-12-25T01:00")));
}

#[test]
fn short_and_closed_days_replace_the_week() {
    let rule = CalendarRule {
        closed_days: vec![date(2027, 5, 7)],
        short_days: vec![ShortDay { on: date(2026, 12, 24), from: time(8, 0, 0, 0), to: time(12, 0, 0, 0) }],
        ..CalendarRule::default()
    };
    let calendar = Calendar::new(&rule).unwrap();
    assert_eq!(calendar.closing_after(at("2026-12-24T09:00")), at("2026-12-24T12:00"));
    assert_eq!(calendar.next_opening(at("2027-05-05T18:00")), at("2027-05-10T08:00"));
    let keys: Vec<String> = calendar.exceptions(2026).into_iter().map(|(_, message)| message.key).collect();
    assert_eq!(keys.len(), 10);
    assert_eq!(keys[7], "contract-short-day");
}

#[test]
fn the_last_closing_before_a_deadline_is_found_or_there_is_none() {
    let (saturday, wednesday) = (at("2026-11-28T02:00"), at("2026-12-02T14:00"));
    assert_eq!(office().last_closing_between(saturday, wednesday), Some(at("2026-12-01T17:30")));
    assert_eq!(office().last_closing_between(saturday, at("2026-11-30T12:00")), None);
    assert_eq!(always().last_closing_between(saturday, wednesday), None);
}

#[test]
fn wrong_rules_name_what_is_wrong_and_what_is_allowed() {
    let error = |rule: CalendarRule| Calendar::new(&rule).unwrap_err().to_string();
    let zone = error(CalendarRule { zone: "Europe/Amsterdm".to_owned(), ..CalendarRule::default() });
    assert!(zone.contains("Europe/Amsterdm") && zone.contains("Europe/Amsterdam"), "{zone}");
    let backwards = error(CalendarRule { hours: vec![hours(&[1], (17, 0), (8, 0))], ..CalendarRule::default() });
    assert!(backwards.contains("17:00:00"), "{backwards}");
    for weekday in [0, 8] {
        let wrong = error(CalendarRule { hours: vec![hours(&[weekday], (8, 0), (17, 0))], ..CalendarRule::default() });
        assert!(wrong.contains("1 (Monday) to 7 (Sunday)"), "{wrong}");
    }
    assert!(
        error(CalendarRule { hours: vec![hours(&[], (8, 0), (17, 0))], ..CalendarRule::default() })
            .contains("no weekday")
    );
    assert!(error(CalendarRule { holidays: "BE".to_owned(), ..CalendarRule::default() }).contains("NL, none"));
    let short = ShortDay { on: date(2027, 5, 7), from: time(8, 0, 0, 0), to: time(9, 0, 0, 0) };
    let both = CalendarRule { closed_days: vec![short.on], short_days: vec![short], ..CalendarRule::default() };
    assert!(error(both).contains("2027-05-07"));
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for calendar in [office(), always()] {
        for moment in [Timestamp::MIN, Timestamp::MAX] {
            let _ = (calendar.is_open(moment), calendar.next_opening(moment), calendar.closing_after(moment));
        }
        let _ = calendar.add_service_time(Timestamp::MAX, u64::MAX);
        let _ = calendar.service_seconds_between(Timestamp::MAX, Timestamp::MIN);
        let _ = calendar.last_closing_between(Timestamp::MAX, Timestamp::MAX);
        assert!(calendar.exceptions(i16::MAX).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn service_time_that_was_added_is_counted_back(start in 1_760_000_000_i64..1_900_000_000, seconds in 0_u64..400_000) {
        let start = Timestamp::from_second(start).unwrap();
        for calendar in [office(), always()] {
            let end = calendar.add_service_time(start, seconds);
            prop_assert!(end >= start);
            prop_assert_eq!(calendar.service_seconds_between(start, end), seconds);
        }
    }
}
