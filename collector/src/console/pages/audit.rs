//! The audit log, newest first, for administrators.

use crate::console::Console;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, link};
use crate::model::{Actor, PageRequest};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    cursor: String,
}

struct Row {
    at: String,
    actor: String,
    act: String,
    subject: String,
    outcome: String,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(place): Query<Place>) -> Result<Response> {
    let frame = Frame::open(&console, &actor, "audit", "/audit".to_owned()).await?;
    if !frame.may_audit() {
        return Err(Fault::NotFound);
    }
    let cursor = Some(place.cursor).filter(|cursor| !cursor.is_empty());
    let page = console.store.audit_entries(PageRequest { cursor, limit: 100 }).await?;
    let rows = page.items.into_iter().map(|(_, entry)| Row {
        at: frame.time(&entry.at),
        actor: entry.actor,
        is_done: entry.outcome == "done",
        act: entry.act.replace('_', " "),
        subject: entry.subject,
        outcome: entry.outcome,
    });
    let rows = rows.collect();
    let next = page.next_cursor.map(|cursor| link("/audit", &[("cursor", &cursor)]));
    fault::html(&AuditPage { frame, rows, next })
}
