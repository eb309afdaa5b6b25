//! Files for other systems: a host as GLPI inventory or CycloneDX, lists as CSV. They show what the item lists show, to
//! those who may read these.

use super::answer::Problem;
use super::ask::{Asked, Named};
use super::host::visible;
use crate::console::Console;
use crate::console::export::{self, List, Table};
use crate::model::{Actor, CustomerId, HostId};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;
use std::sync::Arc;
use utoipa::IntoParams;
use uuid::Uuid;

/// Whose list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// Only this customer's.
    customer: Option<Uuid>,
}

/// The host as GLPI inventory, as GLPI 10 and later take it at their inventory door.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/export/glpi", tag = "exports",
    params(("id" = Uuid, Path, description = "of the host")),
    responses((status = 200, description = "inventory_format", body = Object)))]
pub async fn glpi(State(console): State<Arc<Console>>, actor: Actor, Named(id): Named) -> Result<Response, Problem> {
    let row = visible(&console, &actor, HostId(id)).await?;
    let document = export::glpi(&console.store, &row, Timestamp::now()).await?;
    file(json(&document)?, "application/json", &format!("{id}.glpi.json"))
}

/// The host's software as a CycloneDX 1.6 bill of materials. The same state gives the same bytes.
#[utoipa::path(get, path = "/api/v1/hosts/{id}/export/cyclonedx", tag = "exports",
    params(("id" = Uuid, Path, description = "of the host")),
    responses((status = 200, description = "CycloneDX 1.6", body = Object,
        content_type = "application/vnd.cyclonedx+json")))]
pub async fn cyclonedx(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Named(id): Named,
) -> Result<Response, Problem> {
    let row = visible(&console, &actor, HostId(id)).await?;
    let document = export::cyclonedx(&console.store, &row).await?;
    file(json(&document)?, "application/vnd.cyclonedx+json; version=1.6", &format!("{id}.cdx.json"))
}

/// A list over all hosts that the caller may see: `hosts.csv`, or `software.csv`, `user.csv` and so on for the present
/// items of a class. Cells that a spreadsheet would calculate begin with an apostrophe.
#[utoipa::path(get, path = "/api/v1/export/{table}", tag = "exports",
    params(("table" = String, Path, description = "`hosts` or a class of items, and `.csv`"), TableQuery),
    responses((status = 200, description = "RFC 4180", body = String, content_type = "text/csv")))]
pub async fn table(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(name): Path<String>,
    Asked(asked): Asked<TableQuery>,
) -> Result<Response, Problem> {
    let wrong = || Problem::question(format!("one of {}, and .csv", List::words()));
    let list = name.strip_suffix(".csv").and_then(List::from_word).ok_or_else(wrong)?;
    let customer = asked.customer.map(CustomerId);
    let table = Table::new(console.store.clone(), list, actor.scope, customer);
    let lines = stream::try_unfold(table, |mut table| async move {
        match table.next().await {
            Ok(lines) => Ok(lines.map(|lines| (lines, table))),
            Err(error) => {
                tracing::error!(%error, "an export broke off");
                Err(error)
            }
        }
    });
    file(Body::from_stream(lines), "text/csv; charset=utf-8; header=present", &name)
}

fn json(document: &Json) -> Result<Body, Problem> {
    serde_json::to_vec(document).map(Body::from).map_err(|error| Problem::failed(&error))
}

/// A file to keep, that no cache keeps. `name` is made of our own words and ids.
fn file(body: Body, kind: &'static str, name: &str) -> Result<Response, Problem> {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition.map_err(|error| Problem::failed(&error))?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
