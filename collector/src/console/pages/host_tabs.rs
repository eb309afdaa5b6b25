//! The other tabs of a host: inventory by class, changes, incidents, and the ledger of its reports.

use super::change::{self, ChangeLine};
use super::host::{self, Head};
use super::row::{self, Row};
use crate::console::Console;
use crate::console::fault::{self, Result};
use crate::console::names::Names;
use crate::console::past::{self, Edge};
use crate::console::view::{Frame, Speech, clip, link};
use crate::model::{Actor, Class, Counts, HostId, IncidentFilter, Item, ItemFilter, LedgerView, Page, PageRequest};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const ROWS_MAX: usize = 100;

/// Columns of facts beside the name; classes with few items show all facts instead.
const COLUMNS_MAX: usize = 6;

/// Up to so many items are shown with all their facts.
const SHEETS_MAX: usize = 4;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    class: String,
    /// A day; the inventory as it stood at its end.
    at: String,
    cursor: String,
}

struct Sheet {
    id: String,
    name: String,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "host_inventory.html")]
struct InventoryPage {
    frame: Frame,
    head: Head,
    classes: Vec<(String, String, bool)>,
    class: Class,
    class_key: String,
    at: String,
    today: String,
    columns: Vec<String>,
    rows: Vec<(String, String, Vec<String>)>,
    sheets: Vec<Sheet>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "host_changes.html")]
struct ChangesPage {
    frame: Frame,
    head: Head,
    changes: Vec<ChangeLine>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "host_incidents.html")]
struct IncidentsPage {
    frame: Frame,
    head: Head,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "host_ledger.html")]
struct LedgerPage {
    frame: Frame,
    head: Head,
    ledgers: Vec<Ledger>,
}

struct Ledger {
    incarnation: String,
    as_of: String,
    is_balanced: bool,
    unexplained: u64,
    last_sequence: u64,
    lines: Vec<(String, [String; 4])>,
}

/// Items of one class.
pub async fn inventory(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, found) = host::open(&console, &actor, &id, "inventory").await?;
    let class = Class::from_word(&wish.class).unwrap_or(Class::Computer);
    let page = items(&console, found.host.id, class, &wish).await?;
    let path = format!("/hosts/{}/inventory", found.host.id);
    let is_short = page.items.len() <= SHEETS_MAX && wish.cursor.is_empty();
    let columns = if is_short { Vec::new() } else { columns(&page.items) };
    let page = InventoryPage {
        classes: Class::ALL
            .iter()
            .map(|one| (link(&path, &[("class", one.word()), ("at", &wish.at)]), class_key(*one), *one == class))
            .collect(),
        class,
        class_key: class_key(class),
        today: past::today(&console, Timestamp::now()),
        rows: if is_short { Vec::new() } else { page.items.iter().map(|item| cells(&frame, item, &columns)).collect() },
        columns: columns.iter().map(|name| name.replace('_', " ")).collect(),
        sheets: if is_short { page.items.iter().map(|item| sheet(&frame, item)).collect() } else { Vec::new() },
        next: page
            .next_cursor
            .map(|cursor| link(&path, &[("class", class.word()), ("at", &wish.at), ("cursor", &cursor)])),
        at: wish.at,
        frame,
        head,
    };
    fault::html(&page)
}

/// The present items of a class, or those of a day.
async fn items(console: &Console, host: HostId, class: Class, wish: &Wish) -> Result<Page<Item>> {
    let at = past::day_of_page(console, &wish.at, Edge::End)?.filter(|at| *at < Timestamp::now());
    let Some(at) = at else {
        let filter = ItemFilter { host, class: Some(class), gone_too: false };
        return Ok(console.store.items(filter, request(wish)).await?);
    };
    let then = past::host_at(console, host, Some(class), at).await?;
    let start = then.iter().position(|item| item.id.to_string() == wish.cursor).map_or(0, |last| last + 1);
    let more = then.len() > start + ROWS_MAX;
    let items: Vec<Item> = then.into_iter().skip(start).take(ROWS_MAX).collect();
    let next_cursor = items.last().filter(|_| more).map(|item| item.id.to_string());
    Ok(Page { items, next_cursor })
}

/// What changed, newest first.
pub async fn changes(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, found) = host::open(&console, &actor, &id, "changes").await?;
    let page = console.store.changes(found.host.id, None, request(&wish)).await?;
    let changes = page.items.iter().map(|(_, one)| change::line(&frame, one)).collect();
    let next = page.next_cursor.map(|cursor| link(&frame.here, &[("cursor", &cursor)]));
    fault::html(&ChangesPage { frame, head, changes, next })
}

/// Its incidents, newest first.
pub async fn incidents(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let (frame, head, found) = host::open(&console, &actor, &id, "incidents").await?;
    let filter = IncidentFilter { scope: actor.scope.clone(), customer: None, host: Some(found.host.id), state: None };
    let page = console.store.incidents(filter, request(&wish)).await?;
    let names = Names::of(&console, &actor.scope, &page.items.iter().collect::<Vec<_>>()).await?;
    let now = Timestamp::now();
    let rows = page.items.iter().map(|one| row::row(&frame, &names, one, now)).collect();
    let next = page.next_cursor.map(|cursor| link(&frame.here, &[("cursor", &cursor)]));
    fault::html(&IncidentsPage { frame, head, rows, next })
}

/// What its agent says it collected, against what is stored.
pub async fn ledger(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Response> {
    let (frame, head, found) = host::open(&console, &actor, &id, "ledger").await?;
    let ledgers = console.store.ledger(found.host.id).await?;
    let ledgers = ledgers.iter().map(|one| ledger_of(&frame, one)).collect();
    fault::html(&LedgerPage { frame, head, ledgers })
}

fn request(wish: &Wish) -> PageRequest {
    PageRequest { cursor: Some(wish.cursor.clone()).filter(|cursor| !cursor.is_empty()), limit: ROWS_MAX }
}

/// The word of a class.
pub fn class_key(class: Class) -> String {
    format!("console-class-{}", class.word().replace('_', "-"))
}

/// The facts that most items have, most common first.
fn columns(items: &[Item]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in items.iter().flat_map(|item| item.fields.keys()) {
        *counts.entry(name).or_default() += 1;
    }
    let mut names: Vec<_> = counts.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    names.into_iter().take(COLUMNS_MAX).map(|(name, _)| name.to_owned()).collect()
}

fn cells(speech: &Speech, item: &Item, columns: &[String]) -> (String, String, Vec<String>) {
    let text =
        |name: &String| item.fields.get(name).map(|value| clip(&speech.value(name, value), 60)).unwrap_or_default();
    (item.id.to_string(), clip(&item.name, 80), columns.iter().map(text).collect())
}

fn sheet(speech: &Speech, item: &Item) -> Sheet {
    let mut facts: Vec<_> =
        item.fields.iter().map(|(name, value)| (name.replace('_', " "), speech.value(name, value))).collect();
    facts.push((speech.t("console-first-seen"), speech.time(&item.first_seen_at)));
    Sheet { id: item.id.to_string(), name: clip(&item.name, 120), facts }
}

fn ledger_of(speech: &Speech, view: &LedgerView) -> Ledger {
    let line = |name: String, counts: &Counts| {
        (name, [&counts.reports, &counts.samples, &counts.sections, &counts.events].map(|number| speech.n(number)))
    };
    let mut lines = vec![
        line(speech.t("console-ledger-collected"), &view.collected),
        line(speech.t("console-ledger-stored"), &view.stored),
        line(speech.t("console-ledger-spooled"), &view.spooled),
    ];
    let dropped = view.dropped.iter();
    lines.extend(dropped.map(|one| line(speech.name("console-ledger-dropped", &one.reason), &one.counts)));
    Ledger {
        incarnation: view.id.clone(),
        as_of: speech.time(&view.as_of),
        is_balanced: view.balanced,
        unexplained: view.unexplained_reports,
        last_sequence: view.last_sequence,
        lines,
    }
}
