//! `/livez`, `/readyz` and `/metrics`, for programs that watch the collector.

use super::Console;
use super::refusal::problem;
use super::route::Routes;
use crate::model::Permission;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The routes of the probes.
pub fn routes() -> Routes {
    Routes::new().get("/livez", Permission::Public, livez).get("/readyz", Permission::Public, readyz).get(
        "/metrics",
        Permission::Read,
        metrics,
    )
}

async fn livez() -> &'static str {
    "ok\n"
}

/// Ready when the store answers.
async fn readyz(State(console): State<Arc<Console>>) -> Response {
    match console.store.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            problem(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", "the store does not answer")
        }
    }
}

async fn metrics(State(console): State<Arc<Console>>) -> Response {
    let text = (console.metrics)();
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}
