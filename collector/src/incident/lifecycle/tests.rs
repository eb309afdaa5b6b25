//! Lives of incidents at literal instants.

use super::*;
use crate::model::{Argument, Deadline, Severity};
use uuid::Uuid;

/// Seconds after a literal instant.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

const PLACE: Place = Place {
    customer: CustomerId(Uuid::from_u128(1)),
    site: SiteId(Uuid::from_u128(2)),
    host: Some(HostId(Uuid::from_u128(3))),
    item: None,
};

fn alarm(severity: Severity) -> Alarm {
    Alarm {
        severity,
        title: Message::new("judge-disk-space-title").with_text("object", "/"),
        reason: Message::new("judge-disk-space-reason"),
        next_step: Message::new("judge-disk-space-next"),
        caveat: None,
        deadline: None,
        since: at(-600),
        levels: vec![("system.filesystem.utilization".to_owned(), 0.8)],
    }
}

fn says(alarm: Alarm, second: i64) -> Finding {
    let (monitor, object) = ("disk_space".to_owned(), "/".to_owned());
    Finding { monitor, monitor_version: 1, object, verdict: Verdict::Alarm(alarm), at: at(second) }
}

fn is_well(second: i64) -> Finding {
    let verdict = Verdict::Clear { reason: Message::new("judge-disk-space-clear") };
    Finding { verdict, ..says(alarm(Severity::P3), second) }
}

/// P1 pages at once, P2 after an hour, the rest never; all is due after eight hours.
fn contract(second: i64) -> impl Fn(&Alarm) -> Option<(Moments, bool)> {
    move |alarm| {
        let page_at = match alarm.severity {
            Severity::P1 => Some(at(second)),
            Severity::P2 => Some(at(second + 3600)),
            _ => None,
        };
        let (ticket_at, due_at) = (at(second), Some(at(second + 8 * 3600)));
        Some((Moments { ticket_at, page_at, due_at, why: Message::new("contract-page-open"), paged_at: None }, false))
    }
}

fn step(current: Option<Incident>, finding: &Finding, second: i64) -> Option<Advance> {
    advance(current, finding, &PLACE, &contract(second), Evidence::default, at(second))
}

fn opened_as(severity: Severity) -> Incident {
    step(None, &says(alarm(severity), 0), 0).unwrap().incident
}

/// A fresh P3 incident, opened at second 0.
pub fn opened() -> Incident {
    opened_as(Severity::P3)
}

fn lines(incident: &Incident) -> Vec<&str> {
    incident.timeline.iter().map(|line| line.what.key.trim_start_matches("judge-")).collect()
}

#[test]
fn an_alarm_opens_an_incident_and_tells_it() {
    let advance = step(None, &says(alarm(Severity::P3), 0), 0).unwrap();
    assert_eq!((advance.tell, advance.incident.change_number), (vec![MessageKind::Opened], 1));
    assert_eq!((advance.incident.state, advance.incident.opened_at), (IncidentState::Open, at(0)));
    assert_eq!(lines(&advance.incident), ["incident-opened"]);
}

#[test]
fn the_same_step_gives_the_same_id_and_another_object_another() {
    assert_eq!(opened().id, opened().id);
    let other = Finding { object: "/home".to_owned(), ..says(alarm(Severity::P3), 0) };
    assert_ne!(step(None, &other, 0).unwrap().incident.id, opened().id);
}

#[test]
fn what_the_contract_does_not_cover_opens_nothing() {
    let finding = says(alarm(Severity::P1), 0);
    assert!(advance(None, &finding, &PLACE, &|_| None, || panic!("no evidence is wanted"), at(0)).is_none());
    assert!(step(None, &is_well(0), 0).is_none());
}

#[test]
fn a_first_clear_resolves_at_once_and_never_pages() {
    let incident = opened_as(Severity::P2);
    let advance = step(Some(incident), &is_well(600), 600).unwrap();
    assert_eq!(advance.tell, [MessageKind::Resolved]);
    assert_eq!((advance.incident.state, advance.incident.ended_at), (IncidentState::Resolved, Some(at(600))));
    assert_eq!(lines(&advance.incident)[1..], ["disk-space-clear", "incident-resolved-unseen"]);
    assert_eq!(page_due(&advance.incident, at(9000)), None);
    assert_eq!(step(Some(advance.incident), &is_well(700), 700), None);
}

#[test]
fn a_page_goes_out_once_when_due_and_nobody_has_it() {
    let incident = opened_as(Severity::P2);
    assert_eq!(page_due(&incident, at(3599)), None);
    let paged = page_due(&incident, at(3600)).unwrap();
    assert_eq!((paged.tell, paged.incident.change_number), (vec![MessageKind::Page], 2));
    assert_eq!(page_due(&paged.incident, at(3660)), None);
    let taken = acknowledge(&incident, "anna", at(60)).unwrap().incident;
    assert_eq!(page_due(&taken, at(3600)), None);
    assert_eq!(page_due(&opened(), at(99_999)), None);
}

#[test]
fn a_worse_alarm_is_told_with_new_moments_and_no_later_due_time() {
    let advance = step(Some(opened()), &says(alarm(Severity::P1), 300), 300).unwrap();
    assert_eq!((advance.tell, advance.incident.alarm.severity), (vec![MessageKind::Updated], Severity::P1));
    assert_eq!(advance.incident.moments.page_at, Some(at(300)));
    assert_eq!(advance.incident.moments.due_at, Some(at(8 * 3600)));
    assert_eq!(lines(&advance.incident)[1], "incident-worsened");
    assert!(page_due(&advance.incident, at(300)).is_some());
}

#[test]
fn a_milder_alarm_takes_back_a_page_that_was_not_sent() {
    let advance = step(Some(opened_as(Severity::P2)), &says(alarm(Severity::P3), 300), 300).unwrap();
    assert_eq!((advance.incident.moments.page_at, lines(&advance.incident)[1]), (None, "incident-milder"));
}

#[test]
fn an_engineer_is_called_again_only_when_it_got_worse() {
    let paged = page_due(&opened_as(Severity::P2), at(3600)).unwrap().incident;
    let moved = |severity, deadline| {
        let finding = says(Alarm { deadline, ..alarm(severity) }, 4000);
        page_due(&step(Some(paged.clone()), &finding, 4000).unwrap().incident, at(9000))
    };
    let deadline = Deadline { earliest: at(90_000), likely: at(99_000), latest: None };
    assert_eq!(moved(Severity::P2, Some(deadline)), None);
    assert_eq!(moved(Severity::P3, None), None);
    assert!(moved(Severity::P1, None).is_some());
}

#[test]
fn an_alarm_that_says_nothing_new_changes_nothing() {
    let retold =
        Alarm { title: Message::new("judge-disk-space-title").with("x", Argument::Number(1.0)), ..alarm(Severity::P3) };
    assert_eq!(step(Some(opened()), &says(retold, 60), 60), None);
}

#[test]
fn what_comes_back_within_the_hour_is_the_same_incident_and_must_then_stay_clear() {
    let resolved = step(Some(opened()), &is_well(600), 600).unwrap().incident;
    let back = step(Some(resolved.clone()), &says(alarm(Severity::P3), 4200), 4200).unwrap();
    assert_eq!((back.incident.id, back.incident.flaps, back.tell), (resolved.id, 1, vec![MessageKind::Updated]));
    assert_eq!((back.incident.state, back.incident.ended_at), (IncidentState::Open, None));
    let waiting = step(Some(back.incident), &is_well(5000), 5000).unwrap();
    assert_eq!((waiting.incident.state, waiting.tell.len()), (IncidentState::Open, 0));
    assert_eq!(tick(&waiting.incident, at(5899)), None);
    let resolved = tick(&waiting.incident, at(5900)).unwrap();
    assert_eq!((resolved.incident.state, resolved.tell), (IncidentState::Resolved, vec![MessageKind::Resolved]));
}

#[test]
fn each_return_makes_the_wait_longer_up_to_an_hour() {
    let waits: Vec<_> = [1, 2, 3, 4, 5, 50].map(flap_hold_s).to_vec();
    assert_eq!(waits, [900, 1350, 2025, 3037, 3600, 3600]);
    let waiting = Incident { flaps: 1, clear_since: Some(at(100)), ..opened() };
    let back = step(Some(waiting), &says(alarm(Severity::P3), 200), 200).unwrap();
    assert_eq!((back.incident.flaps, back.incident.clear_since, back.tell.len()), (2, None, 0));
}

#[test]
fn what_comes_back_later_is_a_new_incident() {
    let resolved = step(Some(opened()), &is_well(600), 600).unwrap().incident;
    let new = step(Some(resolved.clone()), &says(alarm(Severity::P3), 4201), 4201).unwrap();
    assert_ne!(new.incident.id, resolved.id);
    assert_eq!(new.tell, [MessageKind::Opened]);
}

#[test]
fn what_a_person_closed_stays_closed_unless_it_is_worse_or_new() {
    let closed = close(&opened(), "anna", "known", at(60)).unwrap().incident;
    assert_eq!(step(Some(closed.clone()), &says(alarm(Severity::P3), 120), 120), None);
    assert!(step(Some(closed.clone()), &says(alarm(Severity::P2), 120), 120).is_some());
    let again = Alarm { since: at(900), ..alarm(Severity::P3) };
    assert!(step(Some(closed), &says(again, 1200), 1200).is_some());
}

#[test]
fn a_silence_tells_nothing_but_the_end_and_ends_by_itself() {
    let silenced = silence(&opened_as(Severity::P2), "anna", "planned work", at(7200), at(60)).unwrap().incident;
    assert_eq!(page_due(&silenced, at(3600)), None);
    let worse = step(Some(silenced.clone()), &says(alarm(Severity::P1), 300), 300).unwrap();
    assert_eq!((worse.tell.len(), worse.incident.alarm.severity), (0, Severity::P1));
    assert_eq!(worse.incident.change_number, 1);
    assert_eq!(step(Some(silenced), &is_well(300), 300).unwrap().tell, [MessageKind::Resolved]);
    assert_eq!(tick(&worse.incident, at(7199)), None);
    let ended = tick(&worse.incident, at(7200)).unwrap();
    assert_eq!((ended.tell, ended.incident.silenced_until), (vec![MessageKind::Updated], None));
    assert!(page_due(&ended.incident, at(7200)).is_some());
}

#[test]
fn a_timeline_keeps_its_first_line_and_at_most_two_hundred() {
    let mut incident = opened();
    for second in 0..500 {
        incident = judge(&incident, "anna", crate::model::Judgement::Known, at(second)).unwrap().incident;
    }
    assert_eq!((incident.timeline.len(), lines(&incident)[0]), (200, "incident-opened"));
    assert_eq!(incident.timeline.last().unwrap().at, at(499));
}
