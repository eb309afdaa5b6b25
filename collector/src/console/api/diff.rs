//! What differs of a host between two moments, as documents.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, Named, cut, day_or_moment, page};
use super::host::visible;
use super::item::class;
use crate::cmdb::past::Difference;
use crate::console::Console;
use crate::console::past::{self, Edge};
use crate::model::{Actor, ChangeKind, Class, HostId, Value};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Between when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// From: a day (its start, in the desk's zone), RFC 3339 or unix seconds.
    from: Option<String>,
    /// To: a day (its end), RFC 3339 or unix seconds; now when absent.
    to: Option<String>,
    /// Only this class.
    class: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// One difference.
#[derive(Serialize, ToSchema)]
pub struct DiffView {
    /// Unique in this list.
    id: String,
    /// Which item.
    item_id: Uuid,
    /// Its class.
    class: Class,
    /// Its name.
    name: String,
    /// It is there and was not, was there and is not, or a field differs.
    kind: ChangeKind,
    /// Which field, of a changed one.
    field: Option<String>,
    /// Value before.
    old: Option<Value>,
    /// Value after.
    new: Option<Value>,
}

/// What was added, removed and changed on a host between two moments, by class and key. What changed back is none.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/diff", tag = "cmdb",
    params(("id" = Uuid, Path, description = "of the host"), DiffQuery),
    responses((status = 200, description = "a page of differences", body = List<DiffView>)))]
pub async fn diff(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
    Asked(asked): Asked<DiffQuery>,
) -> Answer<List<DiffView>> {
    let now = Timestamp::now();
    let class = asked.class.as_deref().map(class).transpose()?;
    let from = day_or_moment(&console, "from", asked.from.as_deref(), Edge::Start)?;
    let from = from.ok_or_else(|| Problem::question("from: a day as 2026-03-01, or a time, is needed"))?;
    let to = day_or_moment(&console, "to", asked.to.as_deref(), Edge::End)?.unwrap_or(now);
    if from > to {
        return Err(Problem::question("from: not later than `to`"));
    }
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let host = visible(&console, &actor, HostId(id)).await?.host.id;
    let found = past::differences(&console, host, class, (from, to)).await?;
    Ok(Document(cut(found.into_iter().map(DiffView::from).collect(), &page, |row| row.id.clone())?))
}

impl From<Difference> for DiffView {
    fn from(found: Difference) -> Self {
        let item = found.item;
        Self {
            id: found.field.as_ref().map_or_else(|| item.id.to_string(), |field| format!("{}/{field}", item.id)),
            item_id: item.id.0,
            class: item.class,
            name: item.name,
            kind: found.kind,
            field: found.field,
            old: found.old,
            new: found.new,
        }
    }
}
