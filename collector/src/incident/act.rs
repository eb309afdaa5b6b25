//! What people do to an incident: take it, close it, silence it, judge it. Each is refused with a reason where it makes
//! no sense; who may do it is decided elsewhere.

use super::lifecycle::{Advance, told};
use super::timeline::note;
use crate::model::{Argument, Incident, IncidentState, ItemId, Judgement, Message, MessageKind, RefusalKind};
use jiff::{SignedDuration, Timestamp};

/// Longest silence.
const SILENCE_DAYS_MAX: i64 = 14;
/// Longest reason, in characters.
const REASON_CHARACTERS_MAX: usize = 500;

/// Why an act is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct RefusedBecause {
    /// What kind of refusal.
    pub kind: RefusalKind,
    /// In words, without secrets.
    pub reason: String,
}

/// Somebody takes the incident.
pub fn acknowledge(incident: &Incident, who: &str, now: Timestamp) -> Result<Advance, RefusedBecause> {
    let mut incident = live(incident)?;
    if incident.state == IncidentState::Acknowledged {
        let by = incident.acknowledged_by.unwrap_or_default();
        return Err(conflict(format!("the incident is already acknowledged by {by}")));
    }
    incident.state = IncidentState::Acknowledged;
    incident.acknowledged_by = Some(who.to_owned());
    note(&mut incident, now, Message::new("judge-incident-acknowledged"), Some(who));
    Ok(told(incident, vec![MessageKind::Acknowledged], now))
}

/// A person closes the incident, with a reason.
pub fn close(incident: &Incident, who: &str, reason: &str, now: Timestamp) -> Result<Advance, RefusedBecause> {
    let (mut incident, reason) = (live(incident)?, reasoned(reason)?);
    incident.state = IncidentState::Closed;
    incident.ended_at = Some(now);
    incident.clear_since = None;
    note(&mut incident, now, Message::new("judge-incident-closed").with_text("reason", reason), Some(who));
    Ok(told(incident, vec![MessageKind::Closed], now))
}

/// Nothing but its end is told of the incident until a moment at most 14 days ahead. It is still judged.
pub fn silence(
    incident: &Incident,
    who: &str,
    reason: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<Advance, RefusedBecause> {
    let (mut incident, reason) = (live(incident)?, reasoned(reason)?);
    let longest = SignedDuration::from_hours(24 * SILENCE_DAYS_MAX);
    if until <= now || until.duration_since(now) > longest {
        return Err(invalid(format!("a silence ends in the future, at most {SILENCE_DAYS_MAX} days ahead")));
    }
    incident.silenced_until = Some(until);
    let what = Message::new("judge-incident-silenced").with("until", Argument::Time(until)).with_text("reason", reason);
    note(&mut incident, now, what, Some(who));
    Ok(told(incident, Vec::new(), now))
}

/// Another item took the place of the one that a live incident is about: it goes over with its ticket.
pub fn succeeded(incident: &Incident, by: ItemId, (old, new): (&str, &str), who: &str, now: Timestamp) -> Advance {
    let mut incident = incident.clone();
    incident.item = Some(by);
    let what = Message::new("judge-incident-succeeded").with_text("old", old).with_text("new", new);
    note(&mut incident, now, what, Some(who));
    told(incident, vec![MessageKind::Updated], now)
}

/// A person says what was wrong with the incident; also after its end.
pub fn judge(incident: &Incident, who: &str, judgement: Judgement, now: Timestamp) -> Result<Advance, RefusedBecause> {
    let key = match judgement {
        Judgement::TooEarly => "judge-incident-judged-too-early",
        Judgement::Wrong => "judge-incident-judged-wrong",
        Judgement::Known => "judge-incident-judged-known",
        Judgement::NotOurs => "judge-incident-judged-not-ours",
    };
    let mut incident = incident.clone();
    note(&mut incident, now, Message::new(key), Some(who));
    Ok(told(incident, Vec::new(), now))
}

fn live(incident: &Incident) -> Result<Incident, RefusedBecause> {
    if incident.state.is_live() {
        return Ok(incident.clone());
    }
    Err(conflict(format!("the incident is already {}", incident.state.word())))
}

fn reasoned(reason: &str) -> Result<String, RefusedBecause> {
    let reason: String = reason.trim().chars().take(REASON_CHARACTERS_MAX).collect();
    if reason.is_empty() { Err(invalid("a reason is needed".to_owned())) } else { Ok(reason) }
}

fn conflict(reason: String) -> RefusedBecause {
    RefusedBecause { kind: RefusalKind::Conflict, reason }
}

fn invalid(reason: String) -> RefusedBecause {
    RefusedBecause { kind: RefusalKind::Invalid, reason }
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::tests::{at, opened};
    use super::*;

    #[test]
    fn somebody_takes_an_incident_once() {
        let taken = acknowledge(&opened(), "anna", at(60)).unwrap();
        assert_eq!((taken.incident.state, taken.tell), (IncidentState::Acknowledged, vec![MessageKind::Acknowledged]));
        assert_eq!(taken.incident.change_number, 2);
        assert_eq!(taken.incident.timeline.last().unwrap().who.as_deref(), Some("anna"));
        let again = acknowledge(&taken.incident, "bert", at(61)).unwrap_err();
        assert_eq!(again, conflict("the incident is already acknowledged by anna".to_owned()));
    }

    #[test]
    fn closing_needs_a_reason_and_happens_once() {
        assert_eq!(close(&opened(), "anna", "  ", at(60)).unwrap_err().kind, RefusalKind::Invalid);
        let closed = close(&opened(), "anna", "replaced", at(60)).unwrap();
        assert_eq!((closed.incident.ended_at, closed.tell), (Some(at(60)), vec![MessageKind::Closed]));
        assert_eq!(
            close(&closed.incident, "anna", "again", at(61)).unwrap_err().reason,
            "the incident is already closed"
        );
        assert!(acknowledge(&closed.incident, "anna", at(61)).is_err());
    }

    #[test]
    fn a_silence_needs_a_reason_and_an_end_within_two_weeks() {
        let day = 86_400;
        assert!(silence(&opened(), "anna", "", at(day), at(0)).is_err());
        assert!(silence(&opened(), "anna", "known", at(0), at(0)).is_err());
        assert!(silence(&opened(), "anna", "known", at(14 * day + 1), at(0)).is_err());
        let silenced = silence(&opened(), "anna", "known", at(14 * day), at(0)).unwrap();
        assert_eq!((silenced.incident.silenced_until, silenced.tell), (Some(at(14 * day)), vec![]));
        assert_eq!(silenced.incident.change_number, 1);
    }

    #[test]
    fn an_incident_is_judged_also_after_its_end() {
        let closed = close(&opened(), "anna", "nothing", at(60)).unwrap().incident;
        let judged = judge(&closed, "anna", Judgement::Wrong, at(70)).unwrap();
        assert_eq!(judged.incident.timeline.last().unwrap().what.key, "judge-incident-judged-wrong");
        assert!(judged.tell.is_empty());
    }
}
