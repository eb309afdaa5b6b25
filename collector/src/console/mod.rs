//! The console: pages for people, the JSON API, probes and assets, behind one deny-by-default router. It reads the
//! store, and all that it changes beyond sign-ins and audit is a Command put to the port. No judgement lives here.

pub mod act;
pub mod api;
mod assets;
pub mod auth;
pub mod baseline_text;
mod events;
pub mod export;
mod fault;
mod find;
mod header;
pub mod limit;
mod names;
mod pages;
mod password;
mod past;
mod probes;
mod rate;
pub mod refusal;
pub mod route;
mod survey;
mod view;

pub use password::hash_password;
pub use past::Turns;

use crate::port::Port;
use crate::store::Store;
use crate::words::Words;
use auth::Doorman;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use route::Routes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// Most bytes of a request's body.
const BODY_BYTES_MAX: usize = 1 << 20;

/// How long a handler may take to begin its answer; a stream of events goes on after that.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// What the console needs of the rest of the collector. Handlers get it as `State<Arc<Console>>`.
pub struct Console {
    /// All reads.
    pub store: Store,
    /// All commands.
    pub port: Port,
    /// All sentences.
    pub words: Arc<Words>,
    /// Rises with each commit of the pipeline; live pages follow it.
    pub version: watch::Receiver<u64>,
    /// What the configuration says of the console.
    pub settings: Settings,
    /// Our own figures in Prometheus text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Limits tries at the sign-in; `Doorman::default()`.
    pub doorman: Doorman,
    /// Questions about the past of whole hosts wait for each other; `Turns::default()`.
    pub turns: Turns,
}

/// What the configuration says of the console.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of this installation, beside the product's name.
    pub instance: String,
    /// IANA zone in which pages show times.
    pub zone: String,
    /// `https://host:7444`, shown in the line that enrols a host.
    pub enrolment_url: String,
}

/// Every route with its permission, pages, API and probes together.
pub fn routes() -> Routes {
    Routes::new()
        .merge(pages::routes())
        .merge(assets::routes())
        .merge(events::routes())
        .merge(probes::routes())
        .merge(api::routes())
}

/// The whole console as one service. The server that runs it puts `axum::extract::ConnectInfo<SocketAddr>` into each
/// request's extensions, so that sign-in tries are counted by address.
pub fn router(console: Arc<Console>) -> axum::Router {
    routes()
        .into_router(Arc::clone(&console))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_TIMEOUT))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(console, fault::dress))
        .layer(CompressionLayer::new())
        .layer(from_fn(header::secure))
}
