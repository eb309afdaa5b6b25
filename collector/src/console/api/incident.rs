//! Incidents as documents: the sentences in the caller's language, the moments, and for one incident all its evidence.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, one_of, page};
use super::delivery::DeliveryView;
use super::evidence::{EvidenceView, LevelView, Speaker, TimelineView, evidence, timeline};
use crate::console::Console;
use crate::model::{
    Actor, CustomerId, Deadline, HostId, Incident, IncidentFilter, IncidentId, IncidentState, Moments, Severity, SiteId,
};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const STATES: [&str; 5] = ["open", "acknowledged", "resolved", "closed", "live"];

/// Which incidents.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IncidentQuery {
    /// `open`, `acknowledged`, `resolved`, `closed`, or `live` for the first two; all when absent.
    state: Option<String>,
    /// Only this customer's.
    customer: Option<Uuid>,
    /// Only this host's.
    host: Option<Uuid>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// An incident as lists show it.
#[derive(Serialize, ToSchema)]
pub struct IncidentView {
    /// Id.
    id: Uuid,
    /// Whose.
    customer_id: Uuid,
    /// The customer's name.
    customer: String,
    /// Where.
    site_id: Uuid,
    /// The site's name.
    site: String,
    /// The host; null for an incident of a whole site.
    host_id: Option<Uuid>,
    /// The host's name.
    host: Option<String>,
    /// The configuration item, where one is known.
    item_id: Option<Uuid>,
    /// Monitor.
    monitor: String,
    /// Its version when it opened.
    monitor_version: u32,
    /// Mount point, service, array; empty for the host or site itself.
    object: String,
    /// Where it stands.
    state: IncidentState,
    /// How bad; P1 is worst.
    severity: Severity,
    /// One sentence: what, with the object and the deadline.
    title: String,
    /// The reason in plain words.
    reason: String,
    /// The next step.
    next_step: String,
    /// What would make it wrong, for predictions.
    caveat: Option<String>,
    /// When the harm comes, for predictions.
    deadline: Option<Deadline>,
    /// When the condition first held.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it opened.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it resolved or was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Who has it.
    acknowledged_by: Option<String>,
    /// Not told to anyone until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    silenced_until: Option<Timestamp>,
    /// How often it cleared and came back while open.
    flaps: u32,
    /// Raised by one with each change that goes out.
    change_number: u32,
    /// Outside contract or hours.
    billable: bool,
    /// Ticket, page and due time.
    moments: MomentsView,
}

/// The three moments.
#[derive(Serialize, ToSchema)]
pub struct MomentsView {
    /// When the ticket was made.
    #[schema(value_type = String, format = DateTime)]
    ticket_at: Timestamp,
    /// When an engineer is called; null = never.
    #[schema(value_type = Option<String>, format = DateTime)]
    page_at: Option<Timestamp>,
    /// When the page went out.
    #[schema(value_type = Option<String>, format = DateTime)]
    paged_at: Option<Timestamp>,
    /// Pick up by, in the desk's calendar.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Why the page is now, later or never.
    why: String,
}

/// One incident with all that was gathered.
#[derive(Serialize, ToSchema)]
pub struct IncidentDetail {
    /// What lists show.
    #[serde(flatten)]
    incident: IncidentView,
    /// Levels of the monitor.
    levels: Vec<LevelView>,
    /// What was gathered when it opened.
    evidence: EvidenceView,
    /// What happened, oldest first.
    timeline: Vec<TimelineView>,
    /// What went out.
    deliveries: Vec<DeliveryView>,
}

/// Incidents: live ones by severity then age, others newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(IncidentQuery),
    responses((status = 200, description = "a page of incidents", body = List<IncidentView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<IncidentQuery>,
) -> Answer<List<IncidentView>> {
    let filter = IncidentFilter {
        scope: actor.scope.clone(),
        customer: asked.customer.map(CustomerId),
        host: asked.host.map(HostId),
        state: one_of("state", asked.state, &STATES)?,
    };
    let found = console.store.incidents(filter, page(asked.cursor, asked.limit.as_deref())?).await?;
    let names = Names::of(&console, &actor, &found.items).await?;
    let speaker = Speaker::new(&console, actor.language);
    Ok(Document(List::of(found, |incident| view(&incident, &names, &speaker))))
}

/// One incident with its evidence, timeline and deliveries.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = Uuid, Path, description = "of the incident")),
    responses((status = 200, description = "the incident", body = IncidentDetail)))]
pub async fn one(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<IncidentDetail> {
    let incident = visible(&console, &actor, IncidentId(id)).await?;
    detail(&console, &actor, incident).await
}

/// The incident, when the actor may see it; another customer's reads as absent.
pub async fn visible(console: &Console, actor: &Actor, id: IncidentId) -> Result<Incident, Problem> {
    let found = console.store.incident(id).await?;
    found.filter(|incident| actor.scope.covers(incident.customer)).ok_or_else(Problem::absent)
}

/// The whole document of an incident.
pub async fn detail(console: &Console, actor: &Actor, incident: Incident) -> Answer<IncidentDetail> {
    let names = Names::of(console, actor, std::slice::from_ref(&incident)).await?;
    let deliveries = console.store.deliveries_of(incident.id).await?;
    let speaker = Speaker::new(console, actor.language);
    Ok(Document(IncidentDetail {
        incident: view(&incident, &names, &speaker),
        levels: incident.alarm.levels.into_iter().map(|(metric, level)| LevelView { metric, level }).collect(),
        timeline: timeline(incident.timeline, &speaker),
        evidence: evidence(incident.evidence),
        deliveries: deliveries.into_iter().map(DeliveryView::from).collect(),
    }))
}

/// Names that a page of incidents shows, each looked up once.
struct Names {
    customers: HashMap<CustomerId, String>,
    sites: HashMap<SiteId, String>,
    hosts: HashMap<HostId, String>,
}

impl Names {
    async fn of(console: &Console, actor: &Actor, incidents: &[Incident]) -> Result<Self, Problem> {
        let all = console.store.customers(actor.scope.clone()).await?;
        let mut names = Names { customers: HashMap::new(), sites: HashMap::new(), hosts: HashMap::new() };
        for customer in all.into_iter().filter(|customer| incidents.iter().any(|i| i.customer == customer.id)) {
            let sites = console.store.sites(customer.id).await?;
            names.sites.extend(sites.into_iter().map(|site| (site.id, site.name)));
            names.customers.insert(customer.id, customer.name);
        }
        for host in incidents.iter().filter_map(|incident| incident.host) {
            if names.hosts.contains_key(&host) {
                continue;
            }
            if let Some(row) = console.store.host(host).await? {
                names.hosts.insert(host, row.host.name);
            }
        }
        Ok(names)
    }
}

fn view(incident: &Incident, names: &Names, speaker: &Speaker<'_>) -> IncidentView {
    let alarm = &incident.alarm;
    IncidentView {
        id: incident.id.0,
        customer_id: incident.customer.0,
        customer: names.customers.get(&incident.customer).cloned().unwrap_or_default(),
        site_id: incident.site.0,
        site: names.sites.get(&incident.site).cloned().unwrap_or_default(),
        host_id: incident.host.map(|host| host.0),
        host: incident.host.and_then(|host| names.hosts.get(&host).cloned()),
        item_id: incident.item.map(|item| item.0),
        monitor: incident.monitor.clone(),
        monitor_version: incident.monitor_version,
        object: incident.object.clone(),
        state: incident.state,
        severity: alarm.severity,
        title: speaker.say(&alarm.title),
        reason: speaker.say(&alarm.reason),
        next_step: speaker.say(&alarm.next_step),
        caveat: alarm.caveat.as_ref().map(|caveat| speaker.say(caveat)),
        deadline: alarm.deadline,
        since: alarm.since,
        opened_at: incident.opened_at,
        updated_at: incident.updated_at,
        ended_at: incident.ended_at,
        acknowledged_by: incident.acknowledged_by.clone(),
        silenced_until: incident.silenced_until,
        flaps: incident.flaps,
        change_number: incident.change_number,
        billable: incident.billable,
        moments: moments(&incident.moments, speaker),
    }
}

fn moments(moments: &Moments, speaker: &Speaker<'_>) -> MomentsView {
    MomentsView {
        ticket_at: moments.ticket_at,
        page_at: moments.page_at,
        paged_at: moments.paged_at,
        due_at: moments.due_at,
        why: speaker.say(&moments.why),
    }
}
