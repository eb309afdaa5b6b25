//! What must be done now and then: listeners' certificates made anew, old reports and shared values removed, admissions
//! followed.

use crate::ingest::authority::Authority;
use crate::ingest::{Registry, server_config_for_agents, server_config_for_people};
use crate::store::Store;
use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const ROUND: Duration = Duration::from_secs(3_600);
/// Rounds between two new listener certificates.
const CERTIFICATE_ROUNDS: u32 = 24;
/// Reports removed in one commit, so that the writer is never held for long.
const PRUNE_ROWS: u32 = 20_000;
/// A value that is on two machines at once identifies nobody until so long after one of them was last heard.
const SHARED_DAYS: i64 = 30;

/// TLS of the three listeners, changed under their feet.
pub struct Certificates {
    authority: Arc<Authority>,
    registry: Arc<Registry>,
    names: Vec<String>,
    /// Reports.
    pub agents: Arc<ArcSwap<ServerConfig>>,
    /// Enrolment.
    pub enrolment: Arc<ArcSwap<ServerConfig>>,
    /// Console and API.
    pub console: Arc<ArcSwap<ServerConfig>>,
}

impl Certificates {
    /// Makes certificates for all listeners.
    pub fn issue(authority: &Arc<Authority>, registry: &Arc<Registry>, names: &[String]) -> anyhow::Result<Self> {
        Ok(Self {
            agents: Arc::new(ArcSwap::from(server_config_for_agents(authority, names, Arc::clone(registry))?)),
            enrolment: Arc::new(ArcSwap::from(server_config_for_people(authority, names, &[b"http/1.1"])?)),
            console: Arc::new(ArcSwap::from(server_config_for_people(authority, names, &[b"h2", b"http/1.1"])?)),
            authority: Arc::clone(authority),
            registry: Arc::clone(registry),
            names: names.to_vec(),
        })
    }

    fn renew(&self) -> anyhow::Result<()> {
        let fresh = Self::issue(&self.authority, &self.registry, &self.names)?;
        self.agents.store(fresh.agents.load_full());
        self.enrolment.store(fresh.enrolment.load_full());
        self.console.store(fresh.console.load_full());
        Ok(())
    }
}

/// Keeps the house until `stop` turns true.
pub async fn keep(store: Store, raw_days: u32, certificates: Certificates, mut stop: watch::Receiver<bool>) {
    let mut rounds = 0u32;
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        rounds += 1;
        if rounds.is_multiple_of(CERTIFICATE_ROUNDS)
            && let Err(error) = certificates.renew()
        {
            tracing::error!(error = format!("{error:#}"), "listener certificates could not be renewed");
        }
        prune(&store, raw_days).await;
        forget_shared_marks(&store, Timestamp::now()).await;
    }
}

async fn prune(store: &Store, raw_days: u32) {
    let before = Timestamp::now() - SignedDuration::from_hours(24 * i64::from(raw_days));
    loop {
        match store.prune(before.as_millisecond(), PRUNE_ROWS).await {
            Ok(gone) if gone == PRUNE_ROWS as usize => {}
            Ok(_) => return,
            Err(error) => return tracing::error!(%error, "old reports could not be removed"),
        }
    }
}

/// A value that was put right, or that somebody only claimed, is evidence again.
async fn forget_shared_marks(store: &Store, now: Timestamp) {
    let heard_since = now - SignedDuration::from_hours(24 * SHARED_DAYS);
    match store.forget_shared_marks(heard_since, now).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "values identify machines again"),
        Err(error) => tracing::error!(%error, "shared values could not be forgotten"),
    }
}

/// Reads identities anew whenever the pipeline admitted or revoked a host: streams of revoked hosts are cut.
pub async fn follow_admissions(
    store: Store,
    registry: Arc<Registry>,
    mut news: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            _ = stop.wait_for(|stop| *stop) => return,
        }
        while let Err(error) = registry.reload(&store).await {
            tracing::error!(%error, "identities could not be read");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
