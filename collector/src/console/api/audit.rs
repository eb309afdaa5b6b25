//! The audit log and the totals as documents.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, page};
use super::customer::PageQuery;
use crate::console::Console;
use crate::model::{Actor, Scope};
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// Its place in the log.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor: String,
    /// What, one word.
    act: String,
    /// On what.
    subject: String,
    /// `done`, or why not.
    outcome: String,
}

/// Numbers of what the caller may see.
#[derive(Serialize, ToSchema)]
pub struct TotalsView {
    /// Hosts that report.
    online: u64,
    /// Hosts that said goodbye.
    goodbye: u64,
    /// Hosts that should report and do not.
    silent: u64,
    /// Hosts held for a person's decision.
    quarantined: u64,
    /// Hosts that wait for approval.
    pending: u64,
    /// All hosts that are not revoked.
    hosts: u64,
    /// Open and acknowledged incidents.
    live_incidents: u64,
    /// Customers.
    customers: u64,
    /// Deliveries that were given up.
    dead_letters: u64,
}

/// Who did what, newest first. Only for administrators of all customers.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(PageQuery),
    responses((status = 200, description = "a page of the audit log", body = List<AuditView>)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<PageQuery>,
) -> Answer<List<AuditView>> {
    // a line names no customer, so it cannot be shown to somebody who may see only some
    if actor.scope != Scope::All {
        return Err(Problem::forbidden("the audit log spans all customers, and you may see only some"));
    }
    let found = console.store.audit_entries(page(asked.cursor, asked.limit.as_deref())?).await?;
    Ok(Document(List::of(found, |(row, entry)| AuditView {
        id: row.to_string(),
        at: entry.at,
        actor: entry.actor,
        act: entry.act,
        subject: entry.subject,
        outcome: entry.outcome,
    })))
}

/// How many hosts, incidents and customers there are.
#[utoipa::path(get, path = "/api/v1/totals", tag = "audit",
    responses((status = 200, description = "the numbers", body = TotalsView)))]
pub async fn totals(State(console): State<Arc<Console>>, actor: Actor) -> Answer<TotalsView> {
    let totals = console.store.totals(actor.scope).await?;
    Ok(Document(TotalsView {
        online: totals.online,
        goodbye: totals.goodbye,
        silent: totals.silent,
        quarantined: totals.quarantined,
        pending: totals.pending,
        hosts: totals.hosts,
        live_incidents: totals.live_incidents,
        customers: totals.customers,
        dead_letters: totals.dead_letters,
    }))
}
