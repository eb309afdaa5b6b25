//! Our own figures in Prometheus text: what a monitoring system of the MSP watches on the collector itself.

use crate::ingest::Registry;
use crate::model::Scope;
use crate::store::Store;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry as Figures;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

const ROUND: Duration = Duration::from_secs(15);

/// The collector's figures.
pub struct Metrics {
    figures: Mutex<Figures>,
    agents: Arc<Registry>,
    streams: Gauge,
    hosts_online: Gauge,
    hosts_silent: Gauge,
    incidents_live: Gauge,
    dead_letters: Gauge,
    reports_stored: Gauge,
}

impl Metrics {
    /// Figures at zero.
    pub fn new(agents: Arc<Registry>) -> Arc<Self> {
        let mut figures = Figures::default();
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            figures.register(name, help, gauge.clone());
            gauge
        };
        let streams = gauge("wacht_collector_streams", "Open streams of agents");
        let hosts_online = gauge("wacht_collector_hosts_online", "Hosts that report");
        let hosts_silent = gauge("wacht_collector_hosts_silent", "Hosts that should report and do not");
        let incidents_live = gauge("wacht_collector_incidents_live", "Open and acknowledged incidents");
        let dead_letters = gauge("wacht_collector_dead_letters", "Deliveries that were given up");
        let reports_stored = gauge("wacht_collector_reports_stored", "Reports in history");
        figures.register("wacht_collector_build", "Version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let figures = Mutex::new(figures);
        Arc::new(Self {
            figures,
            agents,
            streams,
            hosts_online,
            hosts_silent,
            incidents_live,
            dead_letters,
            reports_stored,
        })
    }

    /// Prometheus text.
    pub fn text(&self) -> String {
        self.streams.set(self.agents.stream_count() as i64);
        let mut text = String::new();
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing into a String cannot fail.
        let _ = encode(&mut text, &figures);
        text
    }

    /// Reads the store's figures now and then until `stop` turns true.
    pub async fn follow(self: Arc<Self>, store: Store, mut stop: watch::Receiver<bool>) {
        loop {
            match (store.totals(Scope::All).await, store.report_count().await) {
                (Ok(totals), Ok(reports)) => {
                    self.hosts_online.set(totals.online as i64);
                    self.hosts_silent.set(totals.silent as i64);
                    self.incidents_live.set(totals.live_incidents as i64);
                    self.dead_letters.set(totals.dead_letters as i64);
                    self.reports_stored.set(reports as i64);
                }
                (Err(error), _) | (_, Err(error)) => tracing::warn!(%error, "figures could not be read"),
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}
