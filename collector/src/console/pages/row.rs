//! An incident as a row: a sentence, where, pick up by, who has it. The list, the host's tab and the wall share it, so
//! that they agree.

use crate::console::names::Names;
use crate::console::view::{Speech, severity};
use crate::model::{Incident, IncidentState};
use jiff::Timestamp;

/// A row of text.
pub struct Row {
    /// Id.
    pub id: String,
    /// Where its detail is.
    pub href: String,
    /// `P1`.
    pub severity: &'static str,
    /// Class of its colour.
    pub tone: &'static str,
    /// What, with the object and the deadline.
    pub title: String,
    /// Why.
    pub reason: String,
    /// Customer.
    pub customer: String,
    /// Site and host.
    pub place: String,
    /// Pick up by, or that it is time now.
    pub due: String,
    /// It is time now.
    pub is_due: bool,
    /// Why the page waits, or how long it is open.
    pub note: String,
    /// Who has it, or how it ended.
    pub owner: String,
    /// Nobody has it.
    pub is_untaken: bool,
    /// It is the chosen one.
    pub is_chosen: bool,
    /// First of its customer in a list by customer.
    pub opens_group: bool,
    /// What the search looks in.
    pub haystack: String,
}

/// Does it need someone now: untaken, not kept quiet, and its page or its due time has come?
pub fn needs_someone(incident: &Incident, now: Timestamp) -> bool {
    let come = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    incident.state == IncidentState::Open
        && !is_silenced(incident, now)
        && (come(incident.moments.page_at) || come(incident.moments.due_at))
}

/// Does its page wait for service hours?
pub fn waits(incident: &Incident, now: Timestamp) -> bool {
    incident.state == IncidentState::Open
        && !is_silenced(incident, now)
        && !needs_someone(incident, now)
        && incident.moments.page_at.is_some_and(|at| at > now)
}

/// Is it kept quiet?
pub fn is_silenced(incident: &Incident, now: Timestamp) -> bool {
    incident.state.is_live() && incident.silenced_until.is_some_and(|until| until > now)
}

/// The row of an incident.
pub fn row(speech: &Speech, names: &Names, incident: &Incident, now: Timestamp) -> Row {
    let (word, tone) = severity(incident.alarm.severity);
    let title = speech.say(&incident.alarm.title);
    let reason = speech.say(&incident.alarm.reason);
    let customer = names.customer(incident.customer).to_owned();
    let (site, host) = (names.site(incident.site), names.host(incident.host));
    let place = if host.is_empty() { site.to_owned() } else { format!("{site} · {host}") };
    let is_due = needs_someone(incident, now);
    let haystack =
        [&title, &reason, &customer, &place, &incident.monitor, &incident.object].map(|text| text.to_lowercase());
    Row {
        id: incident.id.to_string(),
        href: format!("/incidents/{}", incident.id),
        severity: word,
        tone,
        due: due(speech, incident, is_due),
        is_due,
        note: note(speech, incident, now, is_due),
        owner: owner(speech, incident),
        is_untaken: incident.state == IncidentState::Open,
        is_chosen: false,
        opens_group: false,
        haystack: haystack.join("\n"),
        title,
        reason,
        customer,
        place,
    }
}

fn due(speech: &Speech, incident: &Incident, is_due: bool) -> String {
    match (incident.state.is_live(), is_due) {
        (false, _) => speech.moment(incident.ended_at),
        (true, true) => speech.t("console-due-now"),
        (true, false) => speech.moment(incident.moments.due_at),
    }
}

fn note(speech: &Speech, incident: &Incident, now: Timestamp, is_due: bool) -> String {
    if !incident.state.is_live() {
        return speech.t(state_key(incident.state));
    }
    if is_silenced(incident, now) {
        return speech.name("console-silenced-until", &speech.moment(incident.silenced_until));
    }
    if is_due || incident.state == IncidentState::Acknowledged {
        return speech.name("console-open-for", &speech.span(incident.opened_at, now));
    }
    speech.say(&incident.moments.why)
}

fn owner(speech: &Speech, incident: &Incident) -> String {
    incident.acknowledged_by.clone().unwrap_or_else(|| speech.t("console-nobody"))
}

/// The word of a state.
pub fn state_key(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Open => "console-state-open",
        IncidentState::Acknowledged => "console-state-acknowledged",
        IncidentState::Resolved => "console-state-resolved",
        IncidentState::Closed => "console-state-closed",
    }
}
