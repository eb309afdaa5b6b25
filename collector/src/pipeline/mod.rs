//! The pipeline: takes committed reports after its cursor, keeps the CMDB, judges, and commits effects, monitor state
//! and the new cursor in one transaction. It carries Commands out too. It owns what it writes and holds it in memory;
//! when a commit fails, the memory is thrown away and read anew.

mod command;
mod command_baseline;
mod command_declared;
mod command_duplicate;
mod command_incident;
mod evidence;
mod guests;
#[cfg(test)]
mod guests_test;
mod lookalike;
mod raise;
mod reports;
#[cfg(test)]
mod scenario_test;
mod sweep;
mod tell;
mod upgrade;
mod world;

use crate::evaluate::MonitorSet;
use crate::model::{Actor, AgentPolicy, Command, CustomerId, Destination, Outcome, Policies, RefusalKind};
use crate::port::Request;
use crate::store::{self, Effects, Store};
use crate::words::Words;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use world::World;

/// Reports of one transaction.
const BATCH_MAX: usize = 256;
/// How often silence, pages and waiting incidents are looked at.
const SWEEP: Duration = Duration::from_secs(2);
/// Pause after the store failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What the pipeline is told at its start.
#[derive(Clone)]
pub struct Settings {
    /// Base of links, `https://host:port`.
    pub console_url: String,
    /// The desk's zone, for people.
    pub zone: jiff::tz::TimeZone,
    /// Where messages go.
    pub destinations: Vec<Destination>,
    /// What agents are asked for.
    pub policy: AgentPolicy,
    /// SHA-256 of the root's public key, as enrolment tokens carry it.
    pub root_key_hash: [u8; 32],
}

/// What the pipeline tells the other rooms.
#[derive(Clone)]
pub struct Outlets {
    /// Raised after each commit: the console shows news, deliveries go out.
    pub version: Arc<watch::Sender<u64>>,
    /// What contracts make of agents.
    pub policies: Arc<watch::Sender<Policies>>,
    /// Raised when a host was admitted or revoked.
    pub admissions: Arc<watch::Sender<u64>>,
}

/// The pipeline and its memory.
pub struct Pipeline {
    store: Store,
    words: Arc<Words>,
    monitors: MonitorSet,
    settings: Settings,
    outlets: Outlets,
    world: World,
}

impl Pipeline {
    /// Reads the memory from the store. `observing_since` is now: silence before it is ours, not the hosts'.
    pub async fn load(
        store: Store,
        words: Arc<Words>,
        monitors: MonitorSet,
        settings: Settings,
        outlets: Outlets,
        now: Timestamp,
    ) -> store::Result<Self> {
        upgrade::complete(&store, now).await?;
        let world = World::load(&store, now).await?;
        let pipeline = Self { store, words, monitors, settings, outlets, world };
        pipeline.publish_policies(now);
        Ok(pipeline)
    }

    /// Runs until `stop` turns true.
    pub async fn run(
        mut self,
        mut wake: watch::Receiver<u64>,
        mut requests: mpsc::Receiver<Request>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut backlog = true;
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                Some(Request { actor, command, answer }) = requests.recv() => {
                    let outcome = self.command(&actor, command, Timestamp::now()).await;
                    let _ = answer.send(outcome);
                }
                _ = sweep.tick() => {
                    let outcome = self.sweep(Timestamp::now()).await;
                    self.settle(outcome).await;
                    // A wake-up that was missed is made good here.
                    backlog = true;
                }
                // One batch a turn: a flood of reports keeps neither commands nor sweeps waiting.
                () = std::future::ready(()), if backlog => backlog = self.take_batch().await,
                changed = wake.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    backlog = true;
                }
            }
        }
    }

    /// Takes one batch in; true = there may be more.
    async fn take_batch(&mut self) -> bool {
        match self.take_reports(Timestamp::now()).await {
            Ok(taken) => taken == BATCH_MAX,
            Err(error) => {
                self.settle(Err(error)).await;
                true
            }
        }
    }

    /// Carries a command out and answers after its commit. What was not authorised is not tried.
    pub async fn command(&mut self, actor: &Actor, command: Command, now: Timestamp) -> Outcome {
        match self.obey(actor, command, now).await {
            Ok(outcome) => outcome,
            Err(error) => {
                self.settle(Err(error)).await;
                Outcome::Refused {
                    kind: RefusalKind::Failed,
                    reason: "the store failed: nothing was changed".to_owned(),
                }
            }
        }
    }

    /// Commits, then tells the others.
    async fn commit(&mut self, mut effects: Effects, now: Timestamp) -> store::Result<()> {
        effects.monitor_states = self.world.states.take_dirty();
        let admissions = !effects.admissions.is_empty();
        let admitted = effects.admissions.iter().filter_map(|(host, _)| self.world.hosts.get(host));
        let joining: Vec<CustomerId> = admitted.map(|host| host.customer).collect();
        let contracts = !effects.contracts.is_empty() || !effects.customers.is_empty();
        self.store.commit(effects).await?;
        // Whose machines may report has changed, and so may which of them carries which.
        self.world.to_join.extend(joining);
        if admissions {
            self.outlets.admissions.send_modify(|count| *count += 1);
        }
        if contracts {
            self.publish_policies(now);
        }
        self.outlets.version.send_modify(|version| *version += 1);
        Ok(())
    }

    /// After a failure the memory may be ahead of the store: it is read anew.
    async fn settle(&mut self, outcome: store::Result<()>) {
        let Err(error) = outcome else { return };
        tracing::error!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "the store failed: its content is read anew"
        );
        loop {
            tokio::time::sleep(PAUSE).await;
            match World::load(&self.store, Timestamp::now()).await {
                Ok(mut world) => {
                    // What was silent before the failure stays measured from the same start.
                    world.observing_since = self.world.observing_since;
                    self.world = world;
                    return;
                }
                Err(error) => tracing::error!(%error, "the store still fails"),
            }
        }
    }

    fn publish_policies(&self, now: Timestamp) {
        let policies: Policies =
            Arc::new(self.world.customers.keys().map(|customer| (*customer, self.policy(*customer, now))).collect());
        self.outlets.policies.send_if_modified(|current| {
            let news = **current != *policies;
            *current = policies;
            news
        });
    }

    fn policy(&self, customer: CustomerId, now: Timestamp) -> AgentPolicy {
        AgentPolicy { health_sampling: self.world.has_rmm(customer, now), ..self.settings.policy }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
