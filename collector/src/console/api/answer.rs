//! What the API answers with: documents, lists in pages, and RFC 9457 problems. No internals ever leave in a problem.

use crate::console::past::Unanswered;
use crate::console::refusal;
use crate::model::Page;
use crate::store;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A document or a problem.
pub type Answer<T> = Result<Document<T>, Problem>;

/// A JSON document that no cache keeps.
pub struct Document<T>(pub T);

impl<T: Serialize> IntoResponse for Document<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.0).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give it as `cursor` to get the next page; null = this was the last.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A list that is never cut into pages.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of the store, each row as its document.
    pub fn of<R>(page: Page<R>, view: impl FnMut(R) -> T) -> Self {
        Self { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }
    }
}

/// An RFC 9457 problem, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:wacht:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable word, for programs.
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:wacht:problem:{code}"),
            title: status.canonical_reason().unwrap_or("error").to_owned(),
            status: status.as_u16(),
            code,
            detail: detail.into(),
        }
    }

    /// 400: the question is wrong.
    pub fn question(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_permitted", detail)
    }

    /// 404: absent, or not the caller's to see. The two read the same.
    pub fn absent() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing, or it is not yours to see")
    }

    /// 404: it is the caller's to see, but was not there at the moment that was asked for.
    pub fn not_then(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_there_then", detail)
    }

    /// 409: it is in another state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// 415: the body is to be of this type.
    pub fn media_type(wanted: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", format!("send the body as {wanted}"))
    }

    /// 422: well formed, but not possible.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// 429: others are before it.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", detail)
    }

    /// 500; the reason goes to the log alone.
    pub fn failed(reason: &dyn std::fmt::Display) -> Self {
        tracing::error!(%reason, "an api call failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "the collector failed; its log says why")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = refusal::problem(status, self.code, &self.detail);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        if matches!(error, store::Error::Cursor) {
            return Self::question("cursor: not one that this list gave");
        }
        Self::failed(&error)
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TooMuch => Self::invalid(unanswered.to_string()),
            Unanswered::Busy => Self::busy(unanswered.to_string()),
            Unanswered::Store(error) => error.into(),
        }
    }
}

/// A path below `/api` that is no route.
pub async fn nowhere() -> Problem {
    Problem::absent()
}
