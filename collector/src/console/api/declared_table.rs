//! What people declare as a table: out as CSV, in with a preview. The pipeline applies it.

use super::answer::{Answer, Document, Problem};
use super::ask::Asked;
use super::declared::ask;
use crate::console::{Console, export};
use crate::declare::PreviewRow;
use crate::model::{Actor, CustomerId, DeclaredWish};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Bytes of a table; the whole console takes no larger body either.
const TABLE_BYTES_MAX: usize = 1 << 20;

/// Whose table.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Id of the customer.
    customer: Uuid,
}

/// What to do with a table.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Id of the customer.
    customer: Uuid,
    /// `true` (when absent too) only tells what the table would do; `false` applies what was previewed.
    preview: Option<bool>,
    /// Digest of the preview that was accepted; needed to apply.
    digest: Option<String>,
}

/// What a table does, or did.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Give it back to apply exactly this.
    pub digest: String,
    /// Rows that are items not there yet.
    pub new: u64,
    /// Rows that change an item.
    pub changed: u64,
    /// Rows that change nothing.
    pub unchanged: u64,
    /// Rows that cannot be; then nothing of the table is applied.
    pub refused: u64,
    /// Each row, in order.
    pub rows: Vec<PreviewRow>,
}

/// A body of CSV.
pub struct Table(String);

impl FromRequest<Arc<Console>> for Table {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Console>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_csv = kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/csv");
        if !is_csv {
            return Err(Problem::media_type("text/csv"));
        }
        let body = axum::body::to_bytes(request.into_body(), TABLE_BYTES_MAX).await;
        let body = body.map_err(|_| Problem::too_large(format!("a table has at most {TABLE_BYTES_MAX} bytes")))?;
        let text = String::from_utf8(body.to_vec());
        text.map(Table).map_err(|_| Problem::invalid("the table is not UTF-8: save it as \"CSV UTF-8\""))
    }
}

/// The table of a customer: every declared item, every item of which something is declared, and every machine. Cells that a
/// spreadsheet would calculate begin with an apostrophe, which the import takes away again.
#[utoipa::path(get, path = "/api/v1/declared/export", tag = "declared", params(ExportQuery),
    responses((status = 200, description = "RFC 4180", body = String, content_type = "text/csv")))]
pub async fn table(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<ExportQuery>,
) -> Result<Response, Problem> {
    let customer = CustomerId(asked.customer);
    let known = console.store.customers(actor.scope.clone()).await?;
    if !known.iter().any(|one| one.id == customer) {
        return Err(Problem::absent());
    }
    let table = export::declared(&console.store, customer).await.map_err(|error| Problem::failed(&error))?;
    let mut response = table.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"declared.csv\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Reads a table: first a preview, then, with the digest of that preview, all of it or nothing. At most 5,000 rows and
/// 1 MiB.
#[utoipa::path(post, path = "/api/v1/declared/import", tag = "declared", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "what the table does", body = ImportView)))]
pub async fn import(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<ImportQuery>,
    Table(text): Table,
) -> Answer<ImportView> {
    let digest = match (asked.preview.unwrap_or(true), asked.digest) {
        (true, _) => None,
        (false, Some(digest)) => Some(digest),
        (false, None) => return Err(Problem::question("digest: of the preview that is accepted")),
    };
    let wish = DeclaredWish::Import { customer: asked.customer.to_string(), text, digest };
    let told = ask(&console, &actor, wish).await?;
    serde_json::from_value(told).map(Document).map_err(|error| Problem::failed(&error))
}
