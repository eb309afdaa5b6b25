//! Incidents: what people handle.

use super::{Alarm, Change, CustomerId, HostId, IncidentId, ItemId, Message, ProcessTop, Severity, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An incident. At most one is open for (customer, subject, monitor, object).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Id.
    pub id: IncidentId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub site: SiteId,
    /// The host, or none for an incident of a whole site.
    pub host: Option<HostId>,
    /// The configuration item, where one is known.
    pub item: Option<ItemId>,
    /// Monitor name.
    pub monitor: String,
    /// Its version when it opened.
    pub monitor_version: u32,
    /// Mount point, service, array; empty for the host or site itself.
    pub object: String,
    /// Where it stands.
    pub state: IncidentState,
    /// What the monitor says now.
    pub alarm: Alarm,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it resolved or was closed.
    pub ended_at: Option<Timestamp>,
    /// Since when the condition is clear, while it waits to resolve.
    pub clear_since: Option<Timestamp>,
    /// Who acknowledged.
    pub acknowledged_by: Option<String>,
    /// Raised by one with each change that goes out: the idempotency key with the id.
    pub change_number: u32,
    /// How often it cleared and came back while open.
    pub flaps: u32,
    /// The three moments.
    pub moments: Moments,
    /// Not told to anyone until then.
    pub silenced_until: Option<Timestamp>,
    /// What was gathered when it opened.
    pub evidence: Evidence,
    /// What happened, oldest first; at most 200 lines.
    pub timeline: Vec<TimelineEntry>,
    /// Outside contract or hours: charged by the hour.
    pub billable: bool,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nobody has it.
    Open,
    /// Somebody has it.
    Acknowledged,
    /// The condition is gone.
    Resolved,
    /// A person closed it.
    Closed,
}

impl IncidentState {
    /// Does it still need handling?
    pub fn is_live(self) -> bool {
        matches!(self, IncidentState::Open | IncidentState::Acknowledged)
    }

    /// The word in the API and the store.
    pub fn word(self) -> &'static str {
        match self {
            IncidentState::Open => "open",
            IncidentState::Acknowledged => "acknowledged",
            IncidentState::Resolved => "resolved",
            IncidentState::Closed => "closed",
        }
    }
}

/// The three moments, never one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// The ticket is made at once, day and night.
    pub ticket_at: Timestamp,
    /// When an engineer is called; `None` = never.
    pub page_at: Option<Timestamp>,
    /// Pick up by, in the desk's own calendar; `None` for P4.
    pub due_at: Option<Timestamp>,
    /// Why the page is now, later or never.
    pub why: Message,
    /// The page went out.
    pub paged_at: Option<Timestamp>,
}

/// What was gathered when an incident opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The metric in the picture.
    pub metric: Option<String>,
    /// Its object.
    pub object: String,
    /// Points of the picture up to the opening: (unix seconds, value).
    pub points: Vec<(i64, f64)>,
    /// CMDB changes of the last 72 hours; at most 50.
    pub changes: Vec<Change>,
    /// The biggest processes.
    pub processes: Vec<ProcessTop>,
    /// Names of other hosts of the site and whether they report.
    pub peers: Vec<(String, bool)>,
    /// Names of other open incidents of the site.
    pub similar: Vec<IncidentId>,
    /// Hosts folded into an incident of a site.
    pub hosts: Vec<(HostId, String)>,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Message,
    /// Who, where a person did it.
    pub who: Option<String>,
}

/// What a person says of an incident that was not useful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// True, but far too soon.
    TooEarly,
    /// Not true.
    Wrong,
    /// Known already.
    Known,
    /// Not for us.
    NotOurs,
}

/// For lists: severity first, then age.
pub fn urgency(incident: &Incident) -> (Severity, Timestamp) {
    (incident.alarm.severity, incident.opened_at)
}
