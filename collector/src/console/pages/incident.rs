//! One incident, which is the ticket: cause, picture, next step, what would make it wrong, the three moments, and all
//! that was gathered. Beside the list and on a page of its own.

use super::change::{self, ChangeLine};
use super::row::{self, Row};
use super::{deliveries, incident_picture};
use crate::console::Console;
use crate::console::fault::{self, Fault, Result};
use crate::console::names::Names;
use crate::console::view::{Frame, Speech};
use crate::contract::term;
use crate::model::{Actor, Incident, IncidentState, Site};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    frame: Frame,
    detail: Detail,
}

/// An incident in text.
pub struct Detail {
    pub row: Row,
    pub customer_id: String,
    pub host_id: Option<String>,
    pub host: String,
    pub site: String,
    pub monitor: String,
    pub state_key: &'static str,
    pub is_live: bool,
    pub can_take: bool,
    pub picture: Option<String>,
    pub next_step: String,
    pub caveat: String,
    pub deadline: Option<[String; 3]>,
    pub why: String,
    pub moments: Vec<(&'static str, String)>,
    pub contract: Vec<String>,
    pub card: Option<Card>,
    pub changes: Vec<ChangeLine>,
    pub processes: Vec<[String; 4]>,
    pub peers: Vec<(String, bool)>,
    pub folded: Vec<(String, String)>,
    pub similar: Vec<(String, String)>,
    pub timeline: Vec<[String; 3]>,
    pub deliveries: Vec<deliveries::DeliveryRow>,
    pub facts: Vec<(&'static str, String)>,
}

/// What an engineer needs of the site at once.
pub struct Card {
    pub contacts: Vec<[String; 3]>,
    pub address: String,
    pub line: String,
    pub fault_desk: String,
    pub access: String,
}

/// The page of one incident.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Response> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    let incident = console.store.incident(id).await?;
    let incident = incident.filter(|incident| actor.scope.covers(incident.customer)).ok_or(Fault::NotFound)?;
    let mut frame = Frame::open(&console, &actor, "incidents", format!("/incidents/{id}")).await?;
    frame.live.clone_from(&frame.here);
    let detail = detail(&console, &frame, incident).await?;
    fault::html(&IncidentPage { frame, detail })
}

/// Gathers what is shown of an incident that the reader may see.
pub async fn detail(console: &Console, frame: &Frame, incident: Incident) -> Result<Detail> {
    let now = Timestamp::now();
    let names = Names::of(console, &frame.actor.scope, &[&incident]).await?;
    let contract = console.store.contract(incident.customer).await?;
    let sites = console.store.sites(incident.customer).await?;
    let sent = console.store.deliveries_of(incident.id).await?;
    let evidence = &incident.evidence;
    Ok(Detail {
        row: row::row(frame, &names, &incident, now),
        customer_id: incident.customer.to_string(),
        host_id: incident.host.map(|host| host.to_string()),
        host: names.host(incident.host).to_owned(),
        site: names.site(incident.site).to_owned(),
        monitor: format!("{} {}", incident.monitor, incident.object),
        state_key: row::state_key(incident.state),
        is_live: incident.state.is_live(),
        can_take: incident.state == IncidentState::Open,
        picture: incident_picture::picture(console, frame, &incident).await,
        next_step: frame.say(&incident.alarm.next_step),
        caveat: incident.alarm.caveat.as_ref().map(|caveat| frame.say(caveat)).unwrap_or_default(),
        deadline: deadline(frame, &incident),
        why: frame.say(&incident.moments.why),
        moments: moments(frame, &incident),
        contract: contract
            .iter()
            .flat_map(|known| term::describe(known).into_iter().take(3))
            .map(|line| frame.say(&line))
            .collect(),
        card: sites.into_iter().find(|site| site.id == incident.site).map(card),
        changes: evidence.changes.iter().map(|one| change::line(frame, one)).collect(),
        processes: processes(frame, &incident),
        peers: evidence.peers.clone(),
        folded: evidence.hosts.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
        similar: similar(console, frame, &incident).await?,
        timeline: timeline(frame, &incident),
        deliveries: sent.iter().map(|message| deliveries::row(frame, &names, message, now)).collect(),
        facts: facts(frame, &incident),
    })
}

fn deadline(speech: &Speech, incident: &Incident) -> Option<[String; 3]> {
    let deadline = incident.alarm.deadline?;
    Some([speech.time(&deadline.likely), speech.time(&deadline.earliest), speech.moment(deadline.latest)])
}

fn moments(speech: &Speech, incident: &Incident) -> Vec<(&'static str, String)> {
    let moments = &incident.moments;
    let page = match (moments.paged_at, moments.page_at) {
        (Some(at), _) => speech.name("console-moment-paged", &speech.time(&at)),
        (None, Some(at)) => speech.time(&at),
        (None, None) => speech.t("console-moment-never"),
    };
    vec![
        ("console-moment-ticket", speech.time(&moments.ticket_at)),
        ("console-moment-page", page),
        ("console-moment-due", speech.moment(moments.due_at)),
    ]
}

/// The card, or a site without one.
pub fn card(site: Site) -> Card {
    let contacts = site.card.contacts.into_iter();
    Card {
        contacts: contacts
            .map(|one| [one.name, one.role, format!("{} {}", one.phone, one.email).trim().to_owned()])
            .collect(),
        address: site.card.address,
        line: site.card.line,
        fault_desk: site.card.fault_desk,
        access: site.card.access,
    }
}

fn processes(speech: &Speech, incident: &Incident) -> Vec<[String; 4]> {
    let all = incident.evidence.processes.iter().take(10);
    all.map(|process| {
        let memory = speech.bytes(process.memory_bytes as f64);
        [process.name.clone(), process.pid.to_string(), memory, speech.ratio(process.cpu_utilization)]
    })
    .collect()
}

async fn similar(console: &Console, frame: &Frame, incident: &Incident) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for id in incident.evidence.similar.iter().take(5) {
        let other = console.store.incident(*id).await?;
        if let Some(other) = other.filter(|other| frame.actor.scope.covers(other.customer)) {
            found.push((id.to_string(), frame.say(&other.alarm.title)));
        }
    }
    Ok(found)
}

fn timeline(speech: &Speech, incident: &Incident) -> Vec<[String; 3]> {
    let newest_first = incident.timeline.iter().rev();
    newest_first
        .map(|entry| [speech.time(&entry.at), speech.say(&entry.what), entry.who.clone().unwrap_or_default()])
        .collect()
}

fn facts(speech: &Speech, incident: &Incident) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("console-fact-state", speech.t(row::state_key(incident.state))),
        ("console-fact-owner", incident.acknowledged_by.clone().unwrap_or_else(|| speech.t("console-nobody"))),
        ("console-fact-since", speech.time(&incident.alarm.since)),
        ("console-fact-opened", speech.time(&incident.opened_at)),
        ("console-fact-rule", format!("{} v{}", incident.monitor, incident.monitor_version)),
    ];
    let optional = [
        ("console-fact-clear-since", incident.clear_since.filter(|_| incident.state.is_live())),
        ("console-fact-ended", incident.ended_at),
        ("console-fact-silenced", incident.silenced_until.filter(|_| incident.state.is_live())),
    ];
    facts.extend(optional.into_iter().filter_map(|(key, at)| Some((key, speech.time(&at?)))));
    if incident.flaps > 0 {
        facts.push(("console-fact-flaps", incident.flaps.to_string()));
    }
    if incident.billable {
        facts.push(("console-fact-billable", speech.t("console-yes")));
    }
    facts.push(("console-fact-id", incident.id.to_string()));
    facts
}
