//! What a page answers when it cannot be shown. Handlers return a [`Fault`]; `dress` gives it, and every other bare
//! error, the look of the console, or makes it a problem where a program asked.

use super::Console;
use super::refusal::{PROBLEM_JSON, is_for_programs, problem};
use super::view::{Speech, language_of};
use crate::model::{Language, RefusalKind};
use crate::store;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// Why a page cannot be shown, or an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such thing, or it is not the actor's to see.
    #[error("not found")]
    NotFound,
    /// A form or a filter does not read.
    #[error("{0}")]
    Invalid(&'static str),
    /// The pipeline refused a command.
    #[error("{1}")]
    Refused(RefusalKind, String),
    /// Others are before it.
    #[error("busy")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A template failed.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

/// Result of a page.
pub type Result<T> = std::result::Result<T, Fault>;

/// A page.
pub fn html<T: Template>(page: &T) -> Result<Response> {
    Ok(Html(page.render()?).into_response())
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a page could not be shown");
        }
        let mut answer = status.into_response();
        if let Fault::Refused(_, reason) = self {
            answer.extensions_mut().insert(Reason(reason));
        }
        answer
    }
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Fault::NotFound | Fault::Refused(RefusalKind::NotFound, _) => StatusCode::NOT_FOUND,
            Fault::Refused(RefusalKind::Conflict, _) => StatusCode::CONFLICT,
            Fault::Refused(RefusalKind::Forbidden, _) => StatusCode::FORBIDDEN,
            Fault::Invalid(_) | Fault::Refused(RefusalKind::Invalid, _) | Fault::Store(store::Error::Cursor) => {
                StatusCode::BAD_REQUEST
            }
            Fault::Busy => StatusCode::TOO_MANY_REQUESTS,
            Fault::Refused(RefusalKind::Failed, _) => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Store(_) | Fault::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Dresses bare errors of all handlers and layers inside.
pub async fn dress(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let for_programs = is_for_programs(request.uri().path());
    let accepted = language_of(request.headers());
    let answer = next.run(request).await;
    let status = answer.status();
    if !(status.is_client_error() || status.is_server_error()) || is_dressed(answer.headers()) {
        return answer;
    }
    let mut dressed = if for_programs {
        problem(status, code(status), status.canonical_reason().unwrap_or("error"))
    } else {
        let language = answer.extensions().get::<Language>().copied().unwrap_or(accepted);
        let reason = answer.extensions().get::<Reason>().map(|reason| reason.0.clone());
        page(Speech::new(&console, language), status, reason)
    };
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = answer.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed
}

#[derive(Clone)]
struct Reason(String);

fn is_dressed(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    media_type.starts_with(b"text/html") || media_type == PROBLEM_JSON.as_bytes()
}

fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 | 422 => "invalid_request",
        401 => "unauthenticated",
        403 => "not_permitted",
        404 => "not_found",
        405 => "method_not_allowed",
        413 => "too_large",
        415 => "wrong_media_type",
        503 => "unavailable",
        code if code < 500 => "refused",
        _ => "failed",
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    speech: Speech,
    status: u16,
    title_key: &'static str,
    help_key: &'static str,
    reason: Option<String>,
}

fn page(speech: Speech, status: StatusCode, reason: Option<String>) -> Response {
    let (title_key, help_key) = keys(status);
    let page = ErrorPage { speech, status: status.as_u16(), title_key, help_key, reason };
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => status.into_response(),
    }
}

fn keys(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        404 => ("console-error-absent", "console-error-absent-help"),
        401 | 403 => ("console-error-forbidden", "console-error-forbidden-help"),
        409 => ("console-error-conflict", "console-error-conflict-help"),
        429 => ("console-error-busy", "console-error-busy-help"),
        code if code < 500 => ("console-error-invalid", "console-error-invalid-help"),
        _ => ("console-error-failed", "console-error-failed-help"),
    }
}
