//! Hosts as documents.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, one_of, page};
use crate::console::Console;
use crate::model::{Actor, Admission, CustomerId, GoodbyeReason, HostFilter, HostId, HostRow, Presence, Role, Value};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const PRESENCES: [&str; 7] = ["online", "goodbye", "silent", "unseen", "quarantined", "pending", "revoked"];

/// Which hosts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HostQuery {
    /// Only this customer's.
    customer: Option<Uuid>,
    /// Text in name, id, model, serial, operating system, site or customer.
    search: Option<String>,
    /// `online`, `goodbye`, `silent`, `unseen`, `quarantined`, `pending` or `revoked`.
    presence: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A machine with an agent.
#[derive(Serialize, ToSchema)]
pub struct HostView {
    /// Id.
    id: Uuid,
    /// Hostname, as the machine claims it.
    name: String,
    /// Its customer.
    customer_id: Uuid,
    /// The customer's name.
    customer: String,
    /// Its site.
    site_id: Uuid,
    /// The site's name.
    site: String,
    /// What it is for.
    role: Role,
    /// May it report?
    admission: Admission,
    /// Is it there?
    presence: PresenceView,
    /// When it was enrolled.
    #[schema(value_type = String, format = DateTime)]
    enrolled_at: Timestamp,
    /// Time of its newest report.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_report_at: Option<Timestamp>,
    /// When anything was last heard of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_heard_at: Option<Timestamp>,
    /// Version of its agent, as claimed.
    agent_version: String,
    /// Seconds between reports.
    interval_s: u32,
    /// Name and version of its operating system.
    operating_system: String,
    /// Fields of its computer item: `product`, `serial`, …
    computer: BTreeMap<String, Value>,
    /// Open and acknowledged incidents.
    live_incidents: u32,
    /// The host that it was merged into; null for all others.
    merged_into: Option<Uuid>,
}

/// Is a host there?
#[derive(Serialize, ToSchema)]
pub struct PresenceView {
    /// `online`, `goodbye`, `silent`, `unseen`; `quarantined`, `pending` or `revoked` where it may not report.
    state: &'static str,
    /// Why it said goodbye: `service_stop`, `shutdown`, `sleep`, `update_reboot`.
    reason: Option<&'static str>,
    /// Since when it is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// When it meant to be back.
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_return_at: Option<Timestamp>,
}

/// Hosts, by name.
#[utoipa::path(get, path = "/api/v1/hosts", tag = "hosts", params(HostQuery),
    responses((status = 200, description = "a page of hosts", body = List<HostView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<HostQuery>,
) -> Answer<List<HostView>> {
    let filter = HostFilter {
        scope: actor.scope,
        customer: asked.customer.map(CustomerId),
        search: asked.search,
        presence: one_of("presence", asked.presence, &PRESENCES)?,
    };
    let found = console.store.hosts(filter, page(asked.cursor, asked.limit.as_deref())?).await?;
    Ok(Document(List::of(found, HostView::from)))
}

/// One host.
#[utoipa::path(get, path = "/api/v1/hosts/{id}", tag = "hosts", params(("id" = Uuid, Path, description = "of the host")),
    responses((status = 200, description = "the host", body = HostView)))]
pub async fn one(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<HostView> {
    Ok(Document(HostView::from(visible(&console, &actor, HostId(id)).await?)))
}

/// The host, when the actor may see it; another customer's reads as absent.
pub async fn visible(console: &Console, actor: &Actor, id: HostId) -> Result<HostRow, Problem> {
    let row = console.store.host(id).await?;
    row.filter(|row| actor.scope.covers(row.host.customer)).ok_or_else(Problem::absent)
}

impl From<HostRow> for HostView {
    fn from(row: HostRow) -> Self {
        let host = row.host;
        Self {
            id: host.id.0,
            customer_id: host.customer.0,
            customer: row.customer_name,
            site_id: host.site.0,
            site: row.site_name,
            role: host.role,
            admission: host.admission,
            presence: presence(host.admission, &host.presence),
            enrolled_at: host.enrolled_at,
            last_report_at: host.last_report_at,
            last_heard_at: host.last_heard_at,
            agent_version: host.agent_version,
            interval_s: host.interval_s,
            operating_system: row.operating_system,
            computer: row.computer,
            live_incidents: row.live_incidents,
            merged_into: row.merged_into.map(|host| host.0),
            name: host.name,
        }
    }
}

fn presence(admission: Admission, presence: &Presence) -> PresenceView {
    let (word, reason, since, expected_return_at) = match presence {
        Presence::Unseen => ("unseen", None, None, None),
        Presence::Online => ("online", None, None, None),
        Presence::Goodbye { reason, at, expected_return_at } => {
            ("goodbye", Some(reason_word(*reason)), Some(*at), *expected_return_at)
        }
        Presence::Silent { since } => ("silent", None, Some(*since), None),
    };
    let state = match admission {
        Admission::Active => word,
        Admission::Pending => "pending",
        Admission::Quarantined => "quarantined",
        Admission::Revoked => "revoked",
    };
    PresenceView { state, reason, since, expected_return_at }
}

fn reason_word(reason: GoodbyeReason) -> &'static str {
    match reason {
        GoodbyeReason::ServiceStop => "service_stop",
        GoodbyeReason::Shutdown => "shutdown",
        GoodbyeReason::Sleep => "sleep",
        GoodbyeReason::UpdateReboot => "update_reboot",
    }
}
