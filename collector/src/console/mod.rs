//! The console: pages for people, the JSON API, probes and assets, behind one deny-by-default router. It reads the
//! store, and all that it changes beyond sign-ins and audit is a Command put to the port. No judgement lives here.

pub mod api;
pub mod auth;
pub mod limit;
pub mod password;
pub mod probes;
pub mod refusal;
pub mod route;

use crate::port::Port;
use crate::store::Store;
use crate::words::Words;
use auth::Doorman;
use route::Routes;
use std::sync::Arc;
use tokio::sync::watch;

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
    /// Limits tries at the sign-in.
    pub doorman: Doorman,
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
    Routes::new().merge(probes::routes()).merge(api::routes())
}

/// The whole console as one service. The server that runs it puts `axum::extract::ConnectInfo<SocketAddr>` into each
/// request's extensions, so that sign-in tries are counted by address.
pub fn router(console: Arc<Console>) -> axum::Router {
    routes().into_router(console)
}
