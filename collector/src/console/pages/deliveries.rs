//! What goes out: messages that wait, and those that were given up and need a person.

use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::names::Names;
use crate::console::view::{Frame, Speech, clip, link};
use crate::model::{Actor, Command, DeliveryState, MessageId, MessageKind, OutboxMessage, PageRequest, Scope};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

const STATES: [(&str, DeliveryState); 4] = [
    ("dead", DeliveryState::Dead),
    ("waiting", DeliveryState::Waiting),
    ("delivered", DeliveryState::Delivered),
    ("cancelled", DeliveryState::Cancelled),
];

/// Pages of a thousand dead letters in which one that is to be sent again is looked for.
const LOOKED_THROUGH_MAX: usize = 20;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    state: String,
    cursor: String,
}

/// A message as a row of text.
pub struct DeliveryRow {
    pub id: String,
    pub customer: String,
    pub incident: Option<String>,
    pub destination: String,
    pub kind_key: &'static str,
    pub state: &'static str,
    pub state_key: String,
    pub created: String,
    pub next: String,
    pub attempts: u32,
    pub error: String,
    pub is_dead: bool,
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    chips: Vec<(String, String, bool)>,
    rows: Vec<DeliveryRow>,
    next: Option<String>,
}

/// The page; the dead ones first when there are any.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let here = link("/deliveries", &[("state", &filter.state), ("cursor", &filter.cursor)]);
    let mut frame = Frame::open(&console, &actor, "deliveries", here).await?;
    frame.live.clone_from(&frame.here);
    let fallback = if frame.totals.dead_letters > 0 { "dead" } else { "waiting" };
    let chosen = STATES
        .iter()
        .find(|(word, _)| *word == filter.state)
        .or_else(|| STATES.iter().find(|(word, _)| *word == fallback));
    let cursor = Some(filter.cursor).filter(|cursor| !cursor.is_empty());
    let state = chosen.map(|(_, state)| *state);
    let page = console.store.deliveries(actor.scope.clone(), state, PageRequest { cursor, limit: 100 }).await?;
    let names = Names::of(&console, &actor.scope, &[]).await?;
    let now = Timestamp::now();
    let word = state.map_or("", state_word);
    let page = DeliveriesPage {
        chips: STATES
            .iter()
            .map(|(one, _)| (link("/deliveries", &[("state", one)]), format!("console-delivery-{one}"), *one == word))
            .collect(),
        rows: page.items.iter().map(|message| row(&frame, &names, message, now)).collect(),
        next: page.next_cursor.map(|cursor| link("/deliveries", &[("state", word), ("cursor", &cursor)])),
        frame,
    };
    fault::html(&page)
}

/// Sends one again.
pub async fn redeliver(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Redirect> {
    let id: MessageId = id.parse().map_err(|_| Fault::NotFound)?;
    if !is_dead_and_visible(&console, &actor.scope, id).await? {
        return Err(Fault::NotFound);
    }
    act(&console, &actor, Command::Redeliver { message: id.to_string() }).await?;
    Ok(Redirect::to("/deliveries"))
}

/// A message of another customer reads exactly as an absent one. The store looks messages up by list alone.
async fn is_dead_and_visible(console: &Console, scope: &Scope, id: MessageId) -> Result<bool> {
    let mut cursor = None;
    for _ in 0..LOOKED_THROUGH_MAX {
        let wanted = PageRequest { cursor, limit: 1_000 };
        let page = console.store.deliveries(scope.clone(), Some(DeliveryState::Dead), wanted).await?;
        if page.items.iter().any(|message| message.id == id) {
            return Ok(true);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(false)
}

/// The row of a message.
pub fn row(speech: &Speech, names: &Names, message: &OutboxMessage, now: Timestamp) -> DeliveryRow {
    let state = state_word(message.state);
    let waits = message.state == DeliveryState::Waiting && message.not_before > now;
    DeliveryRow {
        id: message.id.to_string(),
        customer: names.customer(message.customer).to_owned(),
        incident: message.incident.map(|incident| incident.to_string()),
        destination: message.destination.clone(),
        kind_key: kind_key(message.kind),
        state,
        state_key: format!("console-delivery-{state}"),
        created: speech.time(&message.created_at),
        next: if waits { speech.time(&message.not_before) } else { speech.moment(message.ended_at) },
        attempts: message.attempts,
        error: clip(message.last_error.as_deref().unwrap_or_default(), 200),
        is_dead: message.state == DeliveryState::Dead,
    }
}

fn state_word(state: DeliveryState) -> &'static str {
    STATES.iter().find(|(_, other)| *other == state).map_or("", |(word, _)| word)
}

fn kind_key(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Opened => "console-kind-opened",
        MessageKind::Updated => "console-kind-updated",
        MessageKind::Acknowledged => "console-kind-acknowledged",
        MessageKind::Resolved => "console-kind-resolved",
        MessageKind::Closed => "console-kind-closed",
        MessageKind::Page => "console-kind-page",
        MessageKind::Courtesy => "console-kind-courtesy",
    }
}
