//! A live incident whose alarm says something new: worse, milder, another deadline, or back from waiting.

use super::lifecycle::{Advance, Decision, told};
use super::timeline::{note, with_severity};
use crate::model::{Alarm, Incident, Message, MessageKind, Moments};
use jiff::Timestamp;
use std::cmp::Ordering;

/// Takes a new alarm; `None` when it says what is known.
pub(super) fn alarm(mut incident: Incident, alarm: &Alarm, decision: Decision<'_>, now: Timestamp) -> Option<Advance> {
    let returned = incident.clear_since.take().is_some();
    if returned {
        incident.flaps += 1;
        note(&mut incident, now, Message::new("judge-incident-returned"), None);
    }
    let before = std::mem::replace(&mut incident.alarm, alarm.clone());
    if !says_something_new(&before, alarm) {
        return returned.then(|| told(incident, Vec::new(), now));
    }
    if let Some((moments, billable)) = decision(alarm) {
        let worse = alarm.severity < before.severity;
        incident.moments = moved(&incident.moments, moments, worse);
        incident.billable = billable;
    }
    note(&mut incident, now, line(&before, alarm), None);
    Some(told(incident, vec![MessageKind::Updated], now))
}

fn says_something_new(before: &Alarm, alarm: &Alarm) -> bool {
    before.severity != alarm.severity || before.deadline != alarm.deadline || before.title.key != alarm.title.key
}

/// A changed alarm never moves what is due to later, and an engineer who was called stays called, unless it is worse.
fn moved(old: &Moments, new: Moments, worse: bool) -> Moments {
    let due_at = match (old.due_at, new.due_at) {
        (Some(old), Some(new)) => Some(old.min(new)),
        (old, new) => old.or(new),
    };
    let called = old.paged_at.filter(|_| !worse || new.page_at.is_none());
    let page_at = if called.is_some() { old.page_at } else { new.page_at };
    Moments { ticket_at: old.ticket_at, page_at, due_at, why: new.why, paged_at: called }
}

fn line(before: &Alarm, alarm: &Alarm) -> Message {
    let key = match alarm.severity.cmp(&before.severity) {
        Ordering::Less => "judge-incident-worsened",
        Ordering::Greater => "judge-incident-milder",
        Ordering::Equal => return Message::new("judge-incident-changed"),
    };
    with_severity(key, alarm.severity).with_text("before", format!("{:?}", before.severity))
}
