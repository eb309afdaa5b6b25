//! The CMDB of a host as documents: its items and their changes.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, cut, day_or_moment, moment, page};
use super::host::visible;
use crate::console::Console;
use crate::console::past::{self, Edge};
use crate::model::{Actor, Change, ChangeKind, Class, HostId, Item, ItemFilter, Value};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which items.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// One class; all when absent.
    #[param(value_type = Option<Class>, inline)]
    class: Option<String>,
    /// `true` lists what is no longer there too.
    gone: Option<bool>,
    /// What was there at this moment, as it stood: a day (its end, in the desk's zone), RFC 3339 or unix seconds. Volatile
    /// fields are absent in the past.
    at: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A configuration item.
#[derive(Serialize, ToSchema)]
pub struct ItemView {
    /// Id.
    id: Uuid,
    /// On which host.
    host_id: Uuid,
    /// Class.
    class: Class,
    /// Natural key within host and class.
    key: String,
    /// Name for people.
    name: String,
    /// Present facts; an absent fact is absent, not empty.
    fields: BTreeMap<String, Value>,
    /// First seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// No longer there since; null = present.
    #[schema(value_type = Option<String>, format = DateTime)]
    gone_at: Option<Timestamp>,
}

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangeQuery {
    /// Only from this moment on: RFC 3339 or unix seconds.
    since: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// One row of the CMDB's history.
#[derive(Serialize, ToSchema)]
pub struct ChangeView {
    /// Its place in the history.
    id: String,
    /// Which item.
    item_id: Uuid,
    /// On which host.
    host_id: Uuid,
    /// The item's class.
    class: Class,
    /// The item's name at that time.
    name: String,
    /// What happened.
    kind: ChangeKind,
    /// Which field changed.
    field: Option<String>,
    /// Value before.
    old: Option<Value>,
    /// Value after.
    new: Option<Value>,
    /// When the host saw it.
    #[schema(value_type = String, format = DateTime)]
    observed_at: Timestamp,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The report that carried it: incarnation and sequence.
    scan: String,
}

/// The configuration items of a host.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/items", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the host"), ItemQuery),
    responses((status = 200, description = "a page of items", body = List<ItemView>)))]
pub async fn items(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<ItemQuery>,
) -> Answer<List<ItemView>> {
    let class = asked.class.as_deref().map(class).transpose()?;
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let at = day_or_moment(&console, "at", asked.at.as_deref(), Edge::End)?.filter(|at| *at < Timestamp::now());
    let host = visible(&console, &actor, HostId(id)).await?.host.id;
    if let Some(at) = at {
        if asked.gone == Some(true) {
            return Err(Problem::question("gone: not together with `at`, which lists what was there"));
        }
        let then = past::host_at(&console, host, class, at).await?;
        let cut = cut(then, &page, |item| item.id.to_string())?;
        let items = cut.items.into_iter().map(ItemView::from).collect();
        return Ok(Document(List { items, next_cursor: cut.next_cursor }));
    }
    let filter = ItemFilter { host, class, gone_too: asked.gone.unwrap_or(false) };
    Ok(Document(List::of(console.store.items(filter, page).await?, ItemView::from)))
}

/// The changes of a host's items, newest first.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/changes", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the host"), ChangeQuery),
    responses((status = 200, description = "a page of changes", body = List<ChangeView>)))]
pub async fn changes(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<ChangeQuery>,
) -> Answer<List<ChangeView>> {
    let since = moment("since", asked.since.as_deref())?;
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let host = visible(&console, &actor, HostId(id)).await?.host.id;
    let found = console.store.changes(host, since, page).await?;
    Ok(Document(List::of(found, |(row, change)| ChangeView::new(row.to_string(), change))))
}

/// A class by its word.
pub fn class(word: &str) -> Result<Class, Problem> {
    let words = || Class::ALL.iter().map(|class| class.word()).collect::<Vec<_>>().join(", ");
    Class::from_word(word).ok_or_else(|| Problem::question(format!("class: one of {}", words())))
}

impl From<Item> for ItemView {
    fn from(item: Item) -> Self {
        Self {
            id: item.id.0,
            host_id: item.host.0,
            class: item.class,
            key: item.key,
            name: item.name,
            fields: item.fields,
            first_seen_at: item.first_seen_at,
            gone_at: item.gone_at,
        }
    }
}

impl ChangeView {
    /// A change under the id that its list gives it.
    pub fn new(id: String, change: Change) -> Self {
        Self {
            id,
            item_id: change.item.0,
            host_id: change.host.0,
            class: change.class,
            name: change.name,
            kind: change.kind,
            field: change.field,
            old: change.old,
            new: change.new,
            observed_at: change.observed_at,
            received_at: change.received_at,
            scan: change.scan,
        }
    }
}
