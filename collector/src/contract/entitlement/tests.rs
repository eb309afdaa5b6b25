//! Promises of the entitlement, in literal instants of Europe/Amsterdam.

use super::*;
use crate::model::{CalendarRule, CustomerId, Notice, OpenHours};
use jiff::civil::date;

fn at(local: &str) -> Timestamp {
    format!("{local}[Europe/Amsterdam]").parse::<jiff::Zoned>().unwrap().timestamp()
}

const SATURDAY_NIGHT: &str = "2026-11-28T02:00";

fn contract(response: Option<RmmResponse>) -> Contract {
    let mut contract = Contract::plain(CustomerId::default(), date(2026, 1, 1));
    contract.rmm = response.map(|response| Rmm { response });
    contract
}

fn fact(severity: Severity) -> Case {
    Case { severity, data_loss: true, deadline: None }
}

fn forecast(severity: Severity, earliest: &str) -> Case {
    let earliest = at(earliest);
    Case { severity, data_loss: false, deadline: Some(Deadline { earliest, likely: earliest, latest: None }) }
}

fn raised(contract: &Contract, case: &Case, now: &str) -> Moments {
    match decide(Some(contract), case, at(now)) {
        Entitlement::Raise(moments, false) => moments,
        other => panic!("not raised: {other:?}"),
    }
}

fn nothing(contract: Option<&Contract>, case: &Case, now: &str) -> String {
    match decide(contract, case, at(now)) {
        Entitlement::Nothing(why) => why.key,
        other => panic!("not nothing: {other:?}"),
    }
}

#[test]
fn an_array_without_redundancy_on_saturday_night_is_ticket_and_page_at_once() {
    let moments = raised(&contract(Some(RmmResponse::P1AtOnce)), &fact(Severity::P1), SATURDAY_NIGHT);
    assert_eq!((moments.ticket_at, moments.page_at), (at(SATURDAY_NIGHT), Some(at(SATURDAY_NIGHT))));
    assert_eq!(moments.due_at, Some(at("2026-11-28T03:00")));
}

#[test]
fn under_service_hours_the_page_waits_for_monday_and_says_why() {
    let moments = raised(&contract(Some(RmmResponse::ServiceHours)), &fact(Severity::P1), SATURDAY_NIGHT);
    assert_eq!(moments.ticket_at, at(SATURDAY_NIGHT));
    assert_eq!(moments.page_at, Some(at("2026-11-30T08:00")));
    assert_eq!(moments.due_at, Some(at("2026-11-30T09:00")));
    assert_eq!(moments.why.key, "contract-page-service-hours");
}

#[test]
fn a_forecast_for_wednesday_is_a_ticket_without_a_page_due_monday() {
    for response in [RmmResponse::AtOnce, RmmResponse::P1AtOnce, RmmResponse::ServiceHours] {
        for (severity, due) in [(Severity::P2, "2026-11-30T12:00"), (Severity::P3, "2026-11-30T16:00")] {
            let moments = raised(&contract(Some(response)), &forecast(severity, "2026-12-02T14:00"), SATURDAY_NIGHT);
            assert_eq!((moments.ticket_at, moments.page_at), (at(SATURDAY_NIGHT), None));
            assert_eq!(moments.due_at, Some(at(due)));
            assert_eq!(moments.why.key, "contract-page-forecast-never");
        }
    }
}

#[test]
fn a_forecast_whose_harm_comes_before_anyone_is_there_does_not_wait() {
    let imminent = forecast(Severity::P2, "2026-11-30T11:00");
    let page_at = |response| raised(&contract(Some(response)), &imminent, SATURDAY_NIGHT).page_at;
    assert_eq!(page_at(RmmResponse::P1AtOnce), Some(at(SATURDAY_NIGHT)));
    assert_eq!(page_at(RmmResponse::AtOnce), Some(at(SATURDAY_NIGHT)));
    assert_eq!(page_at(RmmResponse::ServiceHours), Some(at("2026-11-30T08:00")));
}

#[test]
fn a_forecast_is_due_before_the_last_closing_ahead_of_its_harm_and_never_in_the_past() {
    let desk = Calendar::new(&CalendarRule::default()).unwrap();
    let due =
        |now: &str, earliest: &str| sla_due(&desk, Severity::P3, forecast(Severity::P3, earliest).deadline, at(now));
    assert_eq!(due("2026-11-26T16:00", "2026-11-27T09:00"), Some(at("2026-11-26T17:30")));
    assert_eq!(due(SATURDAY_NIGHT, "2026-11-30T10:00"), Some(at("2026-11-30T10:00")));
    assert_eq!(due("2026-11-30T12:00", "2026-11-30T10:00"), Some(at("2026-11-30T12:00")));
}

#[test]
fn milder_facts_wait_for_the_opening_or_are_never_paged() {
    let default = contract(Some(RmmResponse::P1AtOnce));
    let p2 = raised(&default, &fact(Severity::P2), SATURDAY_NIGHT);
    assert_eq!((p2.page_at, p2.why.key.as_str()), (Some(at("2026-11-30T08:00")), "contract-page-at-opening"));
    let open = raised(&default, &fact(Severity::P2), "2026-11-30T10:00");
    assert_eq!((open.page_at, open.due_at), (Some(at("2026-11-30T10:00")), Some(at("2026-11-30T14:00"))));
    let p3 = raised(&default, &fact(Severity::P3), "2026-11-30T10:00");
    assert_eq!((p3.page_at, p3.due_at), (None, Some(at("2026-12-01T08:30"))));
    assert_eq!(raised(&default, &fact(Severity::P4), "2026-11-30T10:00").due_at, None);
    let at_once = raised(&contract(Some(RmmResponse::AtOnce)), &fact(Severity::P3), SATURDAY_NIGHT);
    assert_eq!(at_once.page_at, Some(at(SATURDAY_NIGHT)));
}

#[test]
fn extended_hours_move_what_is_due_and_never_the_page() {
    let mut extended = contract(Some(RmmResponse::ServiceHours));
    let saturday = OpenHours { weekdays: vec![6], from: time(8, 0, 0, 0), to: time(12, 0, 0, 0) };
    extended.extended_hours = Some(vec![saturday]);
    let moments = raised(&extended, &fact(Severity::P2), SATURDAY_NIGHT);
    assert_eq!(moments.page_at, Some(at("2026-11-30T08:00")));
    assert_eq!(moments.due_at, Some(at("2026-11-28T12:00")));
}

#[test]
fn without_rmm_only_data_loss_is_told_and_only_as_agreed() {
    let mut plain = contract(None);
    let ordinary = Case { data_loss: false, ..fact(Severity::P1) };
    assert_eq!(nothing(Some(&plain), &ordinary, SATURDAY_NIGHT), "contract-no-rmm");
    let told = |contract: &Contract, now: &str| decide(Some(contract), &fact(Severity::P1), at(now));
    assert_eq!(told(&plain, SATURDAY_NIGHT), Entitlement::Courtesy { at: at(SATURDAY_NIGHT) });
    plain.courtesy_notice = CourtesyNotice::Monthly;
    assert_eq!(told(&plain, SATURDAY_NIGHT), Entitlement::Courtesy { at: at("2026-12-01T09:00") });
    assert_eq!(told(&plain, "2026-12-31T23:30"), Entitlement::Courtesy { at: at("2027-01-04T09:00") });
    plain.courtesy_notice = CourtesyNotice::None;
    assert_eq!(nothing(Some(&plain), &fact(Severity::P1), SATURDAY_NIGHT), "contract-no-courtesy");
}

#[test]
fn outside_the_term_nothing_is_raised() {
    let mut ended = contract(Some(RmmResponse::AtOnce));
    let case = fact(Severity::P1);
    assert_eq!(nothing(None, &case, SATURDAY_NIGHT), "contract-none");
    assert_eq!(nothing(Some(&ended), &case, "2025-12-31T23:59"), "contract-not-started");
    let notice = Notice { received_on: date(2026, 12, 22), confirmed_end: None, confirmed_by: None };
    ended.notice = Some(notice.clone());
    assert!(matches!(decide(Some(&ended), &case, at("2027-02-01T00:00")), Entitlement::Raise(..)));
    ended.notice = Some(Notice { confirmed_end: Some(date(2027, 1, 31)), ..notice });
    assert!(matches!(decide(Some(&ended), &case, at("2027-01-31T23:59")), Entitlement::Raise(..)));
    assert_eq!(nothing(Some(&ended), &case, "2027-02-01T00:00"), "contract-ended");
}

#[test]
fn a_calendar_that_cannot_be_read_hides_no_problem() {
    let mut broken = contract(Some(RmmResponse::ServiceHours));
    broken.calendar.zone = "Nowhere/Else".to_owned();
    let moments = raised(&broken, &fact(Severity::P2), SATURDAY_NIGHT);
    assert_eq!(moments.page_at, Some(at(SATURDAY_NIGHT)));
    assert_eq!(moments.why.key, "contract-calendar-unreadable");
}
