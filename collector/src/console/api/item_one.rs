//! One configuration item as a document, now or as it stood: its fields by kind, its relations both ways, its history.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, day_or_moment, page};
use super::item::ChangeView;
use crate::cmdb::{FieldKind, fields_of_kind};
use crate::console::Console;
use crate::console::past::{self, Edge, Stretches};
use crate::model::{
    Actor, Class, HostRow, Item, ItemId, Page, PageRequest, Relation, RelationKind, RelationRow, Value,
};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// When.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OneQuery {
    /// As it stood at this moment: a day (its end, in the desk's zone), RFC 3339 or unix seconds; now when absent.
    at: Option<String>,
}

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// Which relations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RelationQuery {
    /// Only what held at this moment: a day (its end, in the desk's zone), RFC 3339 or unix seconds; all when absent.
    at: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A configuration item with all that is known of it.
#[derive(Serialize, ToSchema)]
pub struct ItemOneView {
    /// Id.
    id: Uuid,
    /// On which host.
    host_id: Uuid,
    /// The host's name.
    host: String,
    /// Its customer.
    customer_id: Uuid,
    /// Class.
    class: Class,
    /// Natural key within host and class.
    key: String,
    /// Name for people.
    name: String,
    /// Of which moment this tells; null = now.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// `present` or `gone`.
    presence: &'static str,
    /// First seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// Last known to be there: its host's newest report, or the moment at which it was found gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
    /// No longer there since; null = present.
    #[schema(value_type = Option<String>, format = DateTime)]
    gone_at: Option<Timestamp>,
    /// When it was there, oldest first.
    there: Vec<StretchView>,
    /// Facts by kind; an absent fact is absent, not empty.
    fields: FieldsView,
    /// The first relations; more at `/api/v1/items/{id}/relations`.
    relations: List<RelationView>,
    /// The newest changes, whatever the moment; more at `/api/v1/items/{id}/changes`.
    history: List<ChangeView>,
}

/// From when until when.
#[derive(Serialize, ToSchema)]
pub struct StretchView {
    /// Since.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until; null = still.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// The facts of an item.
#[derive(Serialize, ToSchema)]
pub struct FieldsView {
    /// The item is known by them.
    identity: BTreeMap<String, Value>,
    /// How it is set up; each change is a row of history.
    config: BTreeMap<String, Value>,
    /// Without history, so unknown of the past.
    volatile: BTreeMap<String, Value>,
}

/// A relation as this item sees it.
#[derive(Serialize, ToSchema)]
pub struct RelationView {
    /// Unique in this list.
    id: String,
    /// What it is.
    kind: RelationKind,
    /// `out`: this item is a part of, runs on, … the other; `in`: the other way round.
    direction: &'static str,
    /// The other item; null where it is a site.
    item_id: Option<Uuid>,
    /// The site.
    site_id: Option<Uuid>,
    /// The other's class; null where people declared it, or it is a site.
    class: Option<Class>,
    /// The other's name.
    name: String,
    /// Since.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until; null = it holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// One item, now or as it stood.
#[utoipa::path(get, path = "/api/v1/items/{id}", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the item"), OneQuery),
    responses((status = 200, description = "the item; 404 with when it was there, where it was not", body = ItemOneView)))]
pub async fn one(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<OneQuery>,
) -> Answer<ItemOneView> {
    let at = day_or_moment(&console, "at", asked.at.as_deref(), Edge::End)?.filter(|at| *at < Timestamp::now());
    let (item, host) = visible(&console, &actor, id).await?;
    let (then, there) = past::item_at(&console, item, at).await?;
    let item = then.ok_or_else(|| not_then(&there))?;
    let relations = console.store.relations(item.id, at, PageRequest::default()).await?;
    let history = console.store.changes_of_item(item.id, PageRequest::default()).await?;
    let relations = related(&item, &host, at, relations, true);
    let history = List::of(history, |(row, change)| ChangeView::new(row.to_string(), change));
    Ok(Document(view(item, &host, at, &there, (relations, history))))
}

/// The history of an item, newest first; append-only.
#[utoipa::path(get, path = "/api/v1/items/{id}/changes", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the item"), RowQuery),
    responses((status = 200, description = "a page of changes", body = List<ChangeView>)))]
pub async fn changes(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<RowQuery>,
) -> Answer<List<ChangeView>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let (item, _) = visible(&console, &actor, id).await?;
    let found = console.store.changes_of_item(item.id, page).await?;
    Ok(Document(List::of(found, |(row, change)| ChangeView::new(row.to_string(), change))))
}

/// The relations of an item both ways: those that hold first, then by kind and name.
#[utoipa::path(get, path = "/api/v1/items/{id}/relations", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the item"), RelationQuery),
    responses((status = 200, description = "a page of relations", body = List<RelationView>)))]
pub async fn relations(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<RelationQuery>,
) -> Answer<List<RelationView>> {
    let at = day_or_moment(&console, "at", asked.at.as_deref(), Edge::End)?;
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let is_first = page.cursor.is_none();
    let (item, host) = visible(&console, &actor, id).await?;
    let found = console.store.relations(item.id, at, page).await?;
    Ok(Document(related(&item, &host, at, found, is_first)))
}

async fn visible(console: &Console, actor: &Actor, id: Uuid) -> Result<(Item, HostRow), Problem> {
    past::visible_item(console, actor, ItemId(id)).await?.ok_or_else(Problem::absent)
}

fn not_then(there: &Stretches) -> Problem {
    let mut detail = "it was not there then; it was".to_owned();
    for (from, until) in there {
        let _ = match until {
            Some(until) => write!(detail, " from {from} until {until};"),
            None => write!(detail, " from {from} on;"),
        };
    }
    Problem::not_then(detail.trim_end_matches(';'))
}

fn view(
    item: Item,
    host: &HostRow,
    at: Option<Timestamp>,
    there: &Stretches,
    (relations, history): (List<RelationView>, List<ChangeView>),
) -> ItemOneView {
    let of = |kind| fields_of_kind(item.class, &item.fields, kind);
    ItemOneView {
        id: item.id.0,
        host_id: item.host.0,
        host: host.host.name.clone(),
        customer_id: host.host.customer.0,
        class: item.class,
        at,
        presence: if item.gone_at.is_some() { "gone" } else { "present" },
        first_seen_at: item.first_seen_at,
        last_seen_at: at.or(item.gone_at).or(host.host.last_report_at),
        gone_at: item.gone_at,
        there: there.iter().map(|(from, until)| StretchView { from: *from, until: *until }).collect(),
        fields: FieldsView {
            identity: of(FieldKind::Identity),
            config: of(FieldKind::Config),
            volatile: of(FieldKind::Volatile),
        },
        relations,
        history,
        key: item.key,
        name: item.name,
    }
}

/// A page of relations; the first of a machine begins with its site, which is where its host is now.
fn related(
    item: &Item,
    host: &HostRow,
    at: Option<Timestamp>,
    found: Page<RelationRow>,
    is_first: bool,
) -> List<RelationView> {
    let mut list = List::of(found, |row| relation(item.id, row));
    let enrolled_at = host.host.enrolled_at;
    if is_first && item.class == Class::Computer && at.is_none_or(|at| at >= enrolled_at) {
        list.items.insert(0, located_at(host));
    }
    list
}

fn located_at(host: &HostRow) -> RelationView {
    RelationView {
        id: format!("located_at/{}", host.host.site),
        kind: RelationKind::LocatedAt,
        direction: "out",
        item_id: None,
        site_id: Some(host.host.site.0),
        class: None,
        name: host.site_name.clone(),
        from: host.host.enrolled_at,
        until: None,
    }
}

fn relation(of: ItemId, row: RelationRow) -> RelationView {
    let Relation { from, kind, to, since, until } = row.relation;
    let (direction, other) = if from == of { ("out", to) } else { ("in", from) };
    RelationView {
        id: format!("{direction}/{other}/{}", since.as_millisecond()),
        kind,
        direction,
        item_id: Some(other.0),
        site_id: None,
        class: row.class,
        name: row.name,
        from: since,
        until,
    }
}
