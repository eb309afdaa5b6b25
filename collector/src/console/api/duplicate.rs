//! Which machine is which, as documents: what the collector could not decide alone, and what a person decides.

use super::act::refused;
use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, one_of, page};
use crate::console::Console;
use crate::model::{
    Actor, CloneSign, Command, DuplicateFilter, DuplicateId, DuplicateKind, DuplicateRow, DuplicateState, HostId,
    HostName, MarkKind, Outcome,
};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const STATES: [&str; 3] = ["open", "dismissed", "merged"];

/// Which tasks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    /// `open`, `dismissed` or `merged`; all when absent.
    state: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// Two hosts that may be one machine, or one host whose identity has two holders.
#[derive(Serialize, ToSchema)]
pub struct DuplicateView {
    /// Id.
    id: Uuid,
    /// What is to be decided.
    kind: DuplicateKind,
    /// Is it decided?
    state: DuplicateState,
    /// The host that came later; the held one of a clone.
    newer: DuplicateHostView,
    /// The host that was there; null for a clone.
    older: Option<DuplicateHostView>,
    /// What is equal.
    matched: Vec<MarkKind>,
    /// What both have, and differs.
    contradicting: Vec<MarkKind>,
    /// How the second holder of an identity showed itself; null for other kinds.
    sign: Option<CloneSign>,
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    found_at: Timestamp,
    /// Who decided.
    decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
}

/// One of the hosts.
#[derive(Serialize, ToSchema)]
pub struct DuplicateHostView {
    /// Id.
    id: Uuid,
    /// Hostname, as the machine claims it.
    name: String,
    /// Its customer.
    customer_id: Uuid,
    /// The customer's name.
    customer: String,
    /// The site's name.
    site: String,
    /// When it was enrolled.
    #[schema(value_type = String, format = DateTime)]
    enrolled_at: Timestamp,
    /// When anything was last heard of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_heard_at: Option<Timestamp>,
}

/// What waits for a person, and what was decided; oldest first.
#[utoipa::path(get, path = "/api/v1/duplicates", tag = "hosts", params(DuplicateQuery),
    responses((status = 200, description = "a page of tasks", body = List<DuplicateView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<DuplicateQuery>,
) -> Answer<List<DuplicateView>> {
    let state = one_of("state", asked.state, &STATES)?.map(|word| match word.as_str() {
        "open" => DuplicateState::Open,
        "dismissed" => DuplicateState::Dismissed,
        _ => DuplicateState::Merged,
    });
    let filter = DuplicateFilter { scope: actor.scope, state };
    let found = console.store.duplicates(filter, page(asked.cursor, asked.limit.as_deref())?).await?;
    Ok(Document(List::of(found, DuplicateView::from)))
}

/// They are two machines. Of a clone: its host is given back, to the next holder of its identity.
#[utoipa::path(post, path = "/api/v1/duplicates/{id}/dismiss", tag = "hosts",
    params(("id" = Uuid, Path, description = "of the task")),
    responses((status = 200, description = "the task as it now stands", body = DuplicateView)))]
pub async fn dismiss(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<DuplicateView> {
    decide(&console, &actor, id, Command::DuplicateDismiss { duplicate: DuplicateId(id) }).await
}

/// They are one machine: the older host is retired. Its certificate is revoked and its incidents end; what people said of
/// it goes over to the newer, whose changes, incidents and series hold the older's from then on. Its own pages stay, and
/// say into which host it was merged.
#[utoipa::path(post, path = "/api/v1/duplicates/{id}/merge", tag = "hosts",
    params(("id" = Uuid, Path, description = "of the task")),
    responses((status = 200, description = "the task as it now stands", body = DuplicateView)))]
pub async fn merge(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Answer<DuplicateView> {
    decide(&console, &actor, id, Command::DuplicateMerge { duplicate: DuplicateId(id) }).await
}

async fn decide(console: &Console, actor: &Actor, id: Uuid, command: Command) -> Answer<DuplicateView> {
    match console.port.ask(actor.clone(), command).await {
        Outcome::Done { .. } => {
            let found = console.store.duplicate(DuplicateId(id)).await?;
            found.map(|row| Document(DuplicateView::from(row))).ok_or_else(Problem::absent)
        }
        Outcome::Refused { kind, reason } => Err(refused(kind, reason)),
    }
}

impl From<DuplicateRow> for DuplicateView {
    fn from(row: DuplicateRow) -> Self {
        let (decided_by, decided_at) = row.duplicate.decided.unzip();
        Self {
            id: row.duplicate.id.0,
            kind: row.duplicate.kind,
            state: row.duplicate.state,
            newer: host(row.duplicate.newer, row.newer),
            older: row.duplicate.older.zip(row.older).map(|(id, name)| host(id, name)),
            matched: row.duplicate.resemblance.matched,
            contradicting: row.duplicate.resemblance.contradicting,
            sign: row.duplicate.sign,
            found_at: row.duplicate.found_at,
            decided_by,
            decided_at,
        }
    }
}

fn host(id: HostId, found: HostName) -> DuplicateHostView {
    DuplicateHostView {
        id: id.0,
        name: found.name,
        customer_id: found.customer_id.0,
        customer: found.customer,
        site: found.site,
        enrolled_at: found.enrolled_at,
        last_heard_at: found.last_heard_at,
    }
}
