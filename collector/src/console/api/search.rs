//! Who has what: items over all hosts of the caller's customers, as documents.

use super::answer::{Answer, Document, List, Problem};
use super::ask::{Asked, page};
use super::item::{ItemView, class};
use crate::console::Console;
use crate::console::find::{Unread, Wanted};
use crate::model::{Actor, CustomerId, ItemRow};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which items: one of `software`, `disk`, `administrators` and `class`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// A package's name in any case, or its beginning: `openssl`, `openssl*`.
    software: Option<String>,
    /// The package's version: `3.0.5`, `=3.0.5`, `3.0*`, or after `<`, `<=`, `>`, `>=`, in the order of its package
    /// manager. An epoch or revision that is not said is not compared.
    version: Option<String>,
    /// A disk's model in any case, or its beginning.
    disk: Option<String>,
    /// `true`: accounts with the rights of an administrator.
    administrators: Option<bool>,
    /// Any class.
    class: Option<String>,
    /// The item's name in any case, or its beginning; with `class`.
    name: Option<String>,
    /// A field that is known; with `class`.
    field: Option<String>,
    /// The field's value: a text or its beginning, a number, `true` or `false`; of a list any member.
    value: Option<String>,
    /// Only this customer's.
    customer: Option<Uuid>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// A found item, and where it is.
#[derive(Serialize, ToSchema)]
pub struct FoundView {
    /// Id of the item.
    id: Uuid,
    /// The item.
    item: ItemView,
    /// Name of its host.
    host: String,
    /// Whose.
    customer_id: Uuid,
    /// The customer's name.
    customer: String,
    /// The site's name.
    site: String,
}

/// Present items of all hosts that are not revoked, by name. A page may be short, even empty, before the last one.
#[utoipa::path(get, path = "/api/v1/search", tag = "cmdb", params(SearchQuery),
    responses((status = 200, description = "a page of items", body = List<FoundView>)))]
pub async fn search(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<SearchQuery>,
) -> Answer<List<FoundView>> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let wanted = Wanted {
        software: asked.software.unwrap_or_default(),
        version: asked.version.unwrap_or_default(),
        disk: asked.disk.unwrap_or_default(),
        administrators: asked.administrators.unwrap_or_default(),
        class: asked.class.unwrap_or_default(),
        name: asked.name.unwrap_or_default(),
        field: asked.field.unwrap_or_default(),
        value: asked.value.unwrap_or_default(),
    };
    let read = wanted.read(actor.scope, asked.customer.map(CustomerId));
    let (search, query) = read.map_err(|unread| problem(unread, &wanted))?;
    let found = console.store.search(search, page, move |item| query.is_met(item)).await?;
    Ok(Document(List::of(found, FoundView::from)))
}

fn problem(unread: Unread, wanted: &Wanted) -> Problem {
    Problem::question(match unread {
        Unread::Empty => "say one of software, disk, administrators and class",
        Unread::Several => "say only one of software, disk, administrators and class",
        Unread::Long => "a text has at most 256 bytes",
        Unread::Version => "version: a version of `software`, after <, <=, =, >= or >, or before *",
        Unread::Field => "field: lower-case letters, digits and underscores; value only with a field",
        Unread::Class => return class(&wanted.class).err().unwrap_or_else(Problem::absent),
    })
}

impl From<ItemRow> for FoundView {
    fn from(row: ItemRow) -> Self {
        Self {
            id: row.item.id.0,
            item: ItemView::from(row.item),
            host: row.host_name,
            customer_id: row.customer.0,
            customer: row.customer_name,
            site: row.site_name,
        }
    }
}
