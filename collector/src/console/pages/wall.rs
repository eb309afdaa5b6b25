//! The wall: three numbers and at most eight sentences, readable at five metres. No personal data but who has it.

use super::row::{self, Row};
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::names::Names;
use crate::console::view::Frame;
use crate::model::{Actor, Incident, IncidentFilter, IncidentState, PageRequest, urgency};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

const SENTENCES_MAX: usize = 8;

#[derive(Template)]
#[template(path = "wall.html")]
struct WallPage {
    frame: Frame,
    now: u64,
    oldest: String,
    breaching: u64,
    rows: Vec<Row>,
    more: u64,
    clock: String,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor) -> Result<Response> {
    let mut frame = Frame::open(&console, &actor, "wall", "/wall".to_owned()).await?;
    frame.live.clone_from(&frame.here);
    let now = Timestamp::now();
    let filter =
        IncidentFilter { scope: actor.scope.clone(), customer: None, host: None, state: Some("live".to_owned()) };
    let mut live = console.store.incidents(filter, PageRequest { cursor: None, limit: 1_000 }).await?.items;
    live.retain(|incident| !row::is_silenced(incident, now));
    live.sort_by_key(|incident| {
        (incident.state != IncidentState::Open, !row::needs_someone(incident, now), urgency(incident))
    });
    let shown: Vec<&Incident> = live.iter().take(SENTENCES_MAX).collect();
    let names = Names::of(&console, &actor.scope, &shown).await?;
    let page = WallPage {
        now: live.iter().filter(|incident| row::needs_someone(incident, now)).count() as u64,
        oldest: oldest_untaken(&live).map_or_else(|| "–".to_owned(), |since| frame.span(since, now)),
        breaching: live.iter().filter(|incident| breaches(incident, now)).count() as u64,
        rows: shown.iter().map(|incident| row::row(&frame, &names, incident, now)).collect(),
        more: live.len().saturating_sub(SENTENCES_MAX) as u64,
        clock: frame.time(&now),
        frame,
    };
    fault::html(&page)
}

fn oldest_untaken(live: &[Incident]) -> Option<Timestamp> {
    live.iter().filter(|incident| incident.state == IncidentState::Open).map(|incident| incident.opened_at).min()
}

/// Untaken, and its time ends within the hour or has ended.
fn breaches(incident: &Incident, now: Timestamp) -> bool {
    let limit = now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(now);
    incident.state == IncidentState::Open && incident.moments.due_at.is_some_and(|due| due <= limit)
}
