//! One configuration item: its facts by kind, what it relates to, its history, and a field for a day on which to see it
//! as it stood.

use super::change::{self, ChangeLine};
use super::host_tabs::class_key;
use super::relation::{self, RelationLine};
use crate::cmdb::{FieldKind, fields_of_kind};
use crate::console::Console;
use crate::console::fault::{self, Fault, Result};
use crate::console::past::{self, Edge, Stretches};
use crate::console::view::{Frame, Speech, clip, link};
use crate::model::{Actor, Change, Fields, Item, ItemId, PageRequest};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

const CHANGES_MAX: usize = 50;
const RELATIONS_MAX: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    at: String,
    cursor: String,
    relations: String,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    frame: Frame,
    host: (String, String),
    customer: (String, String),
    site: String,
    name: String,
    class_key: String,
    state: String,
    at: String,
    today: String,
    is_there: bool,
    there: Vec<String>,
    sheets: Vec<(&'static str, Vec<(String, String)>)>,
    relations: Vec<RelationLine>,
    more_relations: Option<String>,
    changes: Vec<ChangeLine>,
    next: Option<String>,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let id: ItemId = id.parse().map_err(|_| Fault::NotFound)?;
    let (item, host) = past::visible_item(&console, &actor, id).await?.ok_or(Fault::NotFound)?;
    let now = Timestamp::now();
    let at = past::day_of_page(&console, &wish.at, Edge::End)?.filter(|at| *at < now);
    let path = format!("/items/{id}");
    let frame = Frame::open(&console, &actor, "hosts", link(&path, &[("at", &wish.at)])).await?;
    let rows = |cursor: &str, limit| PageRequest { cursor: Some(cursor.to_owned()).filter(|c| !c.is_empty()), limit };
    let related = console.store.relations(id, at, rows(&wish.relations, RELATIONS_MAX)).await?;
    let changes = console.store.changes_of_item(id, rows(&wish.cursor, CHANGES_MAX)).await?;
    let (then, there) = past::item_at(&console, item.clone(), at).await?;
    let shown = then.as_ref().unwrap_or(&item);
    let mut relations: Vec<RelationLine> = related.items.iter().map(|row| relation::line(&frame, id, row)).collect();
    if wish.relations.is_empty() {
        relations.splice(0..0, relation::site(&frame, &item, &host, at));
    }
    let page = ItemPage {
        host: (host.host.id.to_string(), host.host.name.clone()),
        customer: (host.host.customer.to_string(), host.customer_name.clone()),
        site: host.site_name.clone(),
        name: clip(&shown.name, 120),
        class_key: class_key(item.class),
        state: state(&frame, &item, at, then.is_some()),
        today: past::today(&console, now),
        is_there: then.is_some(),
        there: stretches(&frame, &there),
        sheets: then.as_ref().map(|then| sheets(&frame, then)).unwrap_or_default(),
        relations,
        more_relations: related.next_cursor.map(|cursor| link(&path, &[("at", &wish.at), ("relations", &cursor)])),
        changes: changes.items.iter().map(|(_, one)| history_line(&frame, one)).collect(),
        next: changes.next_cursor.map(|cursor| link(&path, &[("at", &wish.at), ("cursor", &cursor)])),
        at: wish.at,
        frame,
    };
    fault::html(&page)
}

/// A history goes back for years.
fn history_line(speech: &Speech, one: &Change) -> ChangeLine {
    ChangeLine { at: speech.dated(&one.observed_at), ..change::line(speech, one) }
}

fn state(speech: &Speech, item: &Item, at: Option<Timestamp>, is_there: bool) -> String {
    match (at, is_there, item.gone_at) {
        (Some(at), true, _) => speech.name("console-item-then", &speech.dated(&at)),
        (Some(at), false, _) => speech.name("console-item-not-then", &speech.dated(&at)),
        (None, _, Some(gone)) => speech.name("console-item-gone", &speech.dated(&gone)),
        (None, _, None) => speech.t("console-item-present"),
    }
}

fn stretches(speech: &Speech, there: &Stretches) -> Vec<String> {
    let until = |until: &Option<Timestamp>| until.as_ref().map_or_else(String::new, |until| speech.dated(until));
    there.iter().map(|(from, to)| format!("{} – {}", speech.dated(from), until(to))).collect()
}

fn sheets(speech: &Speech, item: &Item) -> Vec<(&'static str, Vec<(String, String)>)> {
    let kinds = [
        ("console-item-identity", FieldKind::Identity),
        ("console-item-config", FieldKind::Config),
        ("console-item-volatile", FieldKind::Volatile),
    ];
    let facts = |fields: Fields| -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| (name.replace('_', " "), speech.value(name, value))).collect()
    };
    let sheets = kinds.map(|(key, kind)| (key, facts(fields_of_kind(item.class, &item.fields, kind))));
    sheets.into_iter().filter(|(_, facts)| !facts.is_empty()).collect()
}
