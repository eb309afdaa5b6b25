//! Deliveries as documents: what went out, what waits, what was given up. Bodies stay inside.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, page};
use crate::console::Console;
use crate::model::{Actor, DeliveryState, MessageKind, OutboxMessage};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which deliveries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// `waiting`, `delivered`, `dead` or `cancelled`; all when absent.
    state: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A message to one destination.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    /// Id.
    id: Uuid,
    /// Whose.
    customer_id: Uuid,
    /// Which incident; null for a courtesy notice.
    incident_id: Option<Uuid>,
    /// Name of the destination.
    destination: String,
    /// What it tells.
    kind: MessageKind,
    /// CloudEvents type.
    event_type: &'static str,
    /// Idempotency key.
    key: String,
    /// Where it stands.
    state: DeliveryState,
    /// Tries so far.
    attempts: u32,
    /// The last failure.
    last_error: Option<String>,
    /// Not sent before.
    #[schema(value_type = String, format = DateTime)]
    not_before: Timestamp,
    /// When it was put in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Delivered or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

/// Deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(DeliveryQuery),
    responses((status = 200, description = "a page of deliveries", body = List<DeliveryView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<DeliveryQuery>,
) -> Answer<List<DeliveryView>> {
    let state = asked.state.as_deref().map(state).transpose()?;
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let found = console.store.deliveries(actor.scope, state, page).await?;
    Ok(Document(List::of(found, DeliveryView::from)))
}

fn state(word: &str) -> Result<DeliveryState, Problem> {
    match word {
        "waiting" => Ok(DeliveryState::Waiting),
        "delivered" => Ok(DeliveryState::Delivered),
        "dead" => Ok(DeliveryState::Dead),
        "cancelled" => Ok(DeliveryState::Cancelled),
        _ => Err(Problem::question("state: one of waiting, delivered, dead, cancelled")),
    }
}

impl From<OutboxMessage> for DeliveryView {
    fn from(message: OutboxMessage) -> Self {
        Self {
            id: message.id.0,
            customer_id: message.customer.0,
            incident_id: message.incident.map(|incident| incident.0),
            destination: message.destination,
            kind: message.kind,
            event_type: message.kind.event_type(),
            key: message.key,
            state: message.state,
            attempts: message.attempts,
            last_error: message.last_error,
            not_before: message.not_before,
            created_at: message.created_at,
            ended_at: message.ended_at,
        }
    }
}
