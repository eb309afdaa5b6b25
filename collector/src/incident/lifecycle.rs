//! How findings and time move an incident: it opens, changes, waits, resolves, comes back, pages. What people do to it
//! stands in `act`.
//!
//! `current` is the newest incident of the finding's (customer, subject, monitor, object): the live one, or the last
//! that ended. One that comes back within an hour of resolving is the same incident.

use super::timeline::{note, with_seconds, with_severity};
use super::update;
use crate::model::{
    Alarm, CustomerId, Evidence, Finding, HostId, Incident, IncidentId, IncidentState, ItemId, Message, MessageKind,
    Moments, SiteId, Verdict,
};
use jiff::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Builder;

pub use super::act::{RefusedBecause, acknowledge, close, judge, silence, succeeded};

/// Comes back within this after resolving: the same incident.
const REOPEN_S: i64 = 3600;
/// How long a first returner must be clear; half as long again for each further return.
const FLAP_HOLD_S: f64 = 900.0;
const FLAP_FACTOR: f64 = 1.5;
const FLAP_HOLD_S_MAX: f64 = 3600.0;

/// An incident after a step, and what to tell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Advance {
    /// As it is now; to be stored.
    pub incident: Incident,
    /// Messages for the destinations, in this order; `change_number` was raised once for all of them.
    pub tell: Vec<MessageKind>,
}

/// Where a finding belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub site: SiteId,
    /// The host, or none for a whole site.
    pub host: Option<HostId>,
    /// The configuration item, where one is known.
    pub item: Option<ItemId>,
}

/// What the contract decides of an alarm: the moments, and whether it is billable; `None` = no incident.
pub type Decision<'a> = &'a dyn Fn(&Alarm) -> Option<(Moments, bool)>;

/// Takes a finding; `None` when nothing changes. `evidence` is gathered only when an incident opens.
pub fn advance(
    current: Option<Incident>,
    finding: &Finding,
    place: &Place,
    decision: Decision<'_>,
    evidence: impl FnOnce() -> Evidence,
    now: Timestamp,
) -> Option<Advance> {
    match (&finding.verdict, current) {
        (Verdict::Alarm(alarm), Some(live)) if live.state.is_live() => update::alarm(live, alarm, decision, now),
        (Verdict::Alarm(alarm), Some(ended)) if is_known(&ended, alarm) => None,
        (Verdict::Alarm(alarm), Some(ended)) if comes_back(&ended, now) => reopen(ended, alarm, decision, now),
        (Verdict::Alarm(alarm), _) => open(finding, alarm, place, decision, evidence, now),
        (Verdict::Clear { reason }, Some(live)) if live.state.is_live() => clear(live, reason, now),
        (Verdict::Clear { .. }, _) => None,
    }
}

/// What time alone does: a silence ends, a returner that stayed clear resolves. To be called now and then for each
/// live incident.
pub fn tick(incident: &Incident, now: Timestamp) -> Option<Advance> {
    if !incident.state.is_live() {
        return None;
    }
    let stood_s = incident.clear_since.map(|since| now.duration_since(since).as_secs());
    if stood_s.is_some_and(|stood_s| stood_s >= flap_hold_s(incident.flaps) as i64) {
        return Some(resolve(incident.clone(), Message::new("judge-incident-resolved"), now));
    }
    incident.silenced_until.filter(|until| *until <= now)?;
    let mut incident = incident.clone();
    incident.silenced_until = None;
    note(&mut incident, now, Message::new("judge-incident-silence-ended"), None);
    Some(told(incident, vec![MessageKind::Updated], now))
}

/// Calls an engineer, once, when the moment has come and nobody has the incident yet.
pub fn page_due(incident: &Incident, now: Timestamp) -> Option<Advance> {
    let is_waiting = incident.state == IncidentState::Open && incident.clear_since.is_none();
    let is_silent = incident.silenced_until.is_some_and(|until| until > now);
    let is_due = incident.moments.page_at.is_some_and(|page_at| page_at <= now);
    if !is_waiting || is_silent || !is_due || incident.moments.paged_at.is_some() {
        return None;
    }
    let mut incident = incident.clone();
    incident.moments.paged_at = Some(now);
    note(&mut incident, now, Message::new("judge-incident-paged"), None);
    Some(told(incident, vec![MessageKind::Page], now))
}

/// Closes a step: what is told raises the change number; under silence only an end is told.
pub(super) fn told(mut incident: Incident, mut tell: Vec<MessageKind>, now: Timestamp) -> Advance {
    if incident.silenced_until.is_some_and(|until| until > now) {
        // A ticket that was made must not stay open outside because of a silence.
        tell.retain(|kind| matches!(kind, MessageKind::Resolved | MessageKind::Closed));
    }
    if !tell.is_empty() {
        incident.change_number += 1;
    }
    Advance { incident, tell }
}

fn open(
    finding: &Finding,
    alarm: &Alarm,
    place: &Place,
    decision: Decision<'_>,
    evidence: impl FnOnce() -> Evidence,
    now: Timestamp,
) -> Option<Advance> {
    let (moments, billable) = decision(alarm)?;
    let mut incident = Incident {
        id: id(finding, place, now),
        customer: place.customer,
        site: place.site,
        host: place.host,
        item: place.item,
        monitor: finding.monitor.clone(),
        monitor_version: finding.monitor_version,
        object: finding.object.clone(),
        state: IncidentState::Open,
        alarm: alarm.clone(),
        opened_at: now,
        updated_at: now,
        ended_at: None,
        clear_since: None,
        acknowledged_by: None,
        change_number: 0,
        flaps: 0,
        moments,
        silenced_until: None,
        evidence: evidence(),
        timeline: Vec::new(),
        billable,
    };
    note(&mut incident, now, with_severity("judge-incident-opened", alarm.severity), None);
    Some(told(incident, vec![MessageKind::Opened], now))
}

/// The same finding at the same moment gives the same id, so that a step taken again doubles nothing.
fn id(finding: &Finding, place: &Place, now: Timestamp) -> IncidentId {
    let mut random = [0u8; 10];
    for (salt, bytes) in random.chunks_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (salt, place.customer, place.site, place.host, &finding.monitor, &finding.object).hash(&mut hasher);
        now.as_nanosecond().hash(&mut hasher);
        bytes.copy_from_slice(&hasher.finish().to_le_bytes()[..bytes.len()]);
    }
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    IncidentId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// A person closed this very episode, and it is not worse than it was.
fn is_known(ended: &Incident, alarm: &Alarm) -> bool {
    ended.state == IncidentState::Closed && ended.alarm.since == alarm.since && alarm.severity >= ended.alarm.severity
}

fn comes_back(ended: &Incident, now: Timestamp) -> bool {
    let since_end = |at: Timestamp| now.duration_since(at).as_secs();
    ended.state == IncidentState::Resolved && ended.ended_at.is_some_and(|at| since_end(at) <= REOPEN_S)
}

fn reopen(mut incident: Incident, alarm: &Alarm, decision: Decision<'_>, now: Timestamp) -> Option<Advance> {
    let (moments, billable) = decision(alarm)?;
    incident.moments = Moments { ticket_at: incident.moments.ticket_at, ..moments };
    incident.billable = billable;
    incident.state = IncidentState::Open;
    incident.alarm = alarm.clone();
    incident.acknowledged_by = None;
    incident.ended_at = None;
    incident.clear_since = None;
    incident.flaps += 1;
    note(&mut incident, now, Message::new("judge-incident-reopened"), None);
    Some(told(incident, vec![MessageKind::Updated], now))
}

fn clear(mut incident: Incident, reason: &Message, now: Timestamp) -> Option<Advance> {
    if incident.flaps == 0 {
        return Some(resolve(incident, reason.clone(), now));
    }
    if incident.clear_since.is_some() {
        return None;
    }
    incident.clear_since = Some(now);
    let waiting = with_seconds("judge-incident-cleared-waiting", "wait", flap_hold_s(incident.flaps));
    note(&mut incident, now, waiting, None);
    Some(told(incident, Vec::new(), now))
}

fn resolve(mut incident: Incident, reason: Message, now: Timestamp) -> Advance {
    let unseen = incident.state == IncidentState::Open && incident.moments.paged_at.is_none();
    incident.state = IncidentState::Resolved;
    incident.ended_at = Some(now);
    incident.clear_since = None;
    note(&mut incident, now, reason, None);
    if unseen {
        incident.moments.page_at = None;
        note(&mut incident, now, Message::new("judge-incident-resolved-unseen"), None);
    }
    told(incident, vec![MessageKind::Resolved], now)
}

fn flap_hold_s(flaps: u32) -> u64 {
    let returns = i32::try_from(flaps.saturating_sub(1)).unwrap_or(i32::MAX);
    (FLAP_HOLD_S * FLAP_FACTOR.powi(returns)).min(FLAP_HOLD_S_MAX) as u64
}

#[cfg(test)]
pub(super) mod tests;
