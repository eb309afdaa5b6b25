//! A table that somebody brings along: pasted, previewed, and then applied whole or not at all.

use super::declared::{Choices, chosen, customer_names, customers};
use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::view::{Frame, clip, link};
use crate::declare::{PreviewRow, RowKind};
use crate::model::{Actor, Command, DeclaredWish};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// Rows of a preview that are shown; those that change nothing are only counted.
const ROWS_MAX: usize = 300;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    customer: String,
    text: String,
    digest: String,
}

struct Row {
    line: u64,
    kind_key: &'static str,
    tone: &'static str,
    name: String,
    detail: String,
}

struct Shown {
    digest: String,
    counts: Vec<(&'static str, u64)>,
    may_apply: bool,
    rows: Vec<Row>,
    left_out: u64,
}

#[derive(Template)]
#[template(path = "declared_import.html")]
struct ImportPage {
    frame: Frame,
    customers: Choices,
    text: String,
    preview: Option<Shown>,
}

#[derive(Deserialize)]
struct Told {
    digest: String,
    new: u64,
    changed: u64,
    unchanged: u64,
    refused: u64,
    rows: Vec<PreviewRow>,
}

/// The form.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(wish): Query<Wish>) -> Result<Response> {
    show(&console, &actor, Wish { customer: wish.customer, ..Wish::default() }, None).await
}

/// What the table would do.
pub async fn preview(State(console): State<Arc<Console>>, actor: Actor, Form(wish): Form<Wish>) -> Result<Response> {
    let told = ask(&console, &actor, &wish, None).await?;
    show(&console, &actor, wish, Some(shown(told))).await
}

/// Applies what was previewed.
pub async fn apply(State(console): State<Arc<Console>>, actor: Actor, Form(wish): Form<Wish>) -> Result<Redirect> {
    ask(&console, &actor, &wish, Some(wish.digest.clone())).await?;
    Ok(Redirect::to(&link("/declared", &[("customer", &wish.customer)])))
}

async fn ask(console: &Console, actor: &Actor, wish: &Wish, digest: Option<String>) -> Result<Told> {
    let asked = DeclaredWish::Import { customer: wish.customer.clone(), text: wish.text.clone(), digest };
    let told = act(console, actor, Command::Declared { wish: Box::new(asked) }).await?;
    serde_json::from_value(told).map_err(|error| Fault::Store(error.into()))
}

async fn show(console: &Console, actor: &Actor, wish: Wish, preview: Option<Shown>) -> Result<Response> {
    let frame = Frame::open(console, actor, "declared", "/declared/import".to_owned()).await?;
    let names = customers(&customer_names(console, actor).await?);
    let customers = chosen(&names, &wish.customer);
    fault::html(&ImportPage { frame, customers, text: wish.text, preview })
}

fn shown(told: Told) -> Shown {
    let worth: Vec<&PreviewRow> = told.rows.iter().filter(|row| row.kind != RowKind::Unchanged).collect();
    Shown {
        counts: vec![
            ("declare-row-new", told.new),
            ("declare-row-changed", told.changed),
            ("declare-row-unchanged", told.unchanged),
            ("declare-row-refused", told.refused),
        ],
        may_apply: told.refused == 0 && told.new + told.changed > 0,
        rows: worth.iter().take(ROWS_MAX).map(|row| row_of(row)).collect(),
        left_out: worth.len().saturating_sub(ROWS_MAX) as u64,
        digest: told.digest,
    }
}

fn row_of(row: &PreviewRow) -> Row {
    let (kind_key, tone) = match row.kind {
        RowKind::New => ("declare-row-new", "ok"),
        RowKind::Changed => ("declare-row-changed", "warn"),
        RowKind::Unchanged => ("declare-row-unchanged", ""),
        RowKind::Refused => ("declare-row-refused", "bad"),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let changes = row.changes.iter().map(|one| format!("{}: {} → {}", one.field, text(&one.old), text(&one.new)));
    let reason = [row.column.clone(), row.reason.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let detail = if row.kind == RowKind::Refused { reason } else { changes.collect::<Vec<_>>().join("; ") };
    Row { line: row.line, kind_key, tone, name: clip(&row.name, 80), detail: clip(&detail, 300) }
}
