//! The collector: takes reports in, keeps the CMDB, judges, delivers, shows. This file wires the rooms in the order
//! in which data flows and holds no logic of its own.

pub mod cli;
pub mod cmdb;
pub mod config;
pub mod console;
pub mod contract;
pub mod control;
pub mod declare;
pub mod deliver;
pub mod evaluate;
pub mod export;
pub mod incident;
pub mod ingest;
mod metrics;
pub mod model;
pub mod picture;
pub mod pipeline;
pub mod port;
mod serve;
pub mod store;
mod upkeep;
pub mod words;

use anyhow::Context as _;
use config::Config;
use evaluate::MonitorSet;
use ingest::authority::Authority;
use ingest::{Bound, Doors, EnrolmentDoor, Registry, RenewalDoor, TelemetryDoor, Wake};
use jiff::Timestamp;
use model::{AgentPolicy, Policies, Recognition};
use pipeline::{Outlets, Pipeline, Settings};
use port::Port;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinSet;
use upkeep::Certificates;
use words::Words;

/// How long a stop may take before what still runs is left behind; all of it can be repeated.
const STOP_MAX: Duration = Duration::from_millis(2_500);

/// Where a running collector listens.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Addresses {
    /// Reports.
    pub grpc: SocketAddr,
    /// Enrolment.
    pub enroll: SocketAddr,
    /// Console and API.
    pub console: SocketAddr,
}

/// A running collector.
pub struct Collector {
    /// Where it listens.
    pub addresses: Addresses,
    stop: watch::Sender<bool>,
    tasks: JoinSet<anyhow::Result<()>>,
    _lock: std::fs::File,
}

struct Listeners {
    grpc: Bound,
    enroll: Bound,
    console: Bound,
}

/// What the rooms share.
struct House {
    config: Config,
    addresses: Addresses,
    authority: Arc<Authority>,
    store: Store,
    words: Arc<Words>,
    registry: Arc<Registry>,
    stopped: watch::Receiver<bool>,
}

impl Collector {
    /// Starts everything; when it returns, all listeners are bound and `addresses.json` is written.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        install_crypto();
        let data_dir = config.data_dir();
        let lock = lock(&data_dir)?;
        let listeners = Listeners {
            grpc: ingest::bind(config.listen.grpc).await?,
            enroll: ingest::bind(config.listen.enroll).await?,
            console: ingest::bind(config.listen.console).await?,
        };
        let addresses = Addresses {
            grpc: listeners.grpc.address,
            enroll: listeners.enroll.address,
            console: listeners.console.address,
        };
        let (stop, stopped) = watch::channel(false);
        let store = Store::open(&data_dir)?;
        let house = House {
            addresses,
            authority: Arc::new(Authority::open(&data_dir.join("authority"))?),
            words: Arc::new(Words::load()?),
            registry: Registry::load(&store).await?,
            store,
            stopped,
            config,
        };
        let tasks = house.open(listeners).await?;
        write_addresses(&data_dir, &addresses)?;
        Ok(Self { addresses, stop, tasks, _lock: lock })
    }

    /// Stops everything.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(STOP_MAX, async { while self.tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tracing::info!("some connections were cut");
        }
    }

    /// Waits for a room that ends by itself, which none does in good order.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("a part of the collector ended by itself"),
        }
    }
}

impl House {
    /// Starts the rooms in the order in which data flows.
    async fn open(self, listeners: Listeners) -> anyhow::Result<JoinSet<anyhow::Result<()>>> {
        let mut tasks = JoinSet::new();
        let (wake, woken) = Wake::new();
        let (port, requests) = Port::new();
        let (version, versions) = watch::channel(0);
        let (policies, policy_news) = watch::channel(Policies::default());
        let (admissions, admission_news) = watch::channel(0);
        let outlets =
            Outlets { version: Arc::new(version), policies: Arc::new(policies), admissions: Arc::new(admissions) };

        let settings = settings(&self.config, &self.authority, self.addresses)?;
        let deliverer = deliverer(&self.config, &settings, self.store.clone(), Arc::clone(&self.words))?;
        let pipeline =
            load_pipeline(&self.config, self.store.clone(), Arc::clone(&self.words), settings, outlets).await?;
        let certificates = Certificates::issue(&self.authority, &self.registry, &self.config.names)?;

        self.open_doors(listeners.grpc, listeners.enroll, &certificates, policy_news, wake, &mut tasks);
        let judging = pipeline.run(woken, requests, self.stopped.clone());
        tasks.spawn(ended(judging));
        tasks.spawn(ended(deliverer.run(versions.clone(), self.stopped.clone())));
        self.open_console(listeners.console, &certificates, versions, port.clone(), &mut tasks);
        let (data_dir, stopped) = (self.config.data_dir(), self.stopped.clone());
        tasks.spawn(async move { control::serve(&data_dir, port, stopped).await });
        tasks.spawn(ended(upkeep::follow_admissions(
            self.store.clone(),
            Arc::clone(&self.registry),
            admission_news,
            self.stopped.clone(),
        )));
        tasks.spawn(ended(upkeep::keep(self.store, self.config.raw_days, certificates, self.stopped)));
        Ok(tasks)
    }

    fn open_doors(
        &self,
        grpc: Bound,
        enroll: Bound,
        certificates: &Certificates,
        policies: watch::Receiver<Policies>,
        wake: Wake,
        tasks: &mut JoinSet<anyhow::Result<()>>,
    ) {
        let (store, registry, authority) = (&self.store, &self.registry, &self.authority);
        let doors = Doors { store: store.clone(), registry: Arc::clone(registry), policies, wake: wake.clone() };
        let renewal =
            RenewalDoor { authority: Arc::clone(authority), registry: Arc::clone(registry), store: store.clone() };
        let agents = grpc.accept("grpc", Arc::clone(&certificates.agents));
        tasks.spawn(TelemetryDoor::serve(doors, renewal, agents, self.stopped.clone()));
        let public = self.config.public_grpc.clone();
        let enrolment = EnrolmentDoor {
            authority: Arc::clone(authority),
            registry: Arc::clone(registry),
            store: store.clone(),
            grpc: public.unwrap_or_else(|| reachable(&self.config.names, self.addresses.grpc)),
            wake,
            recognition: Recognition { marks: cmdb::fingerprint::marks, judge: cmdb::recognition::judge },
            open_since: jiff::Timestamp::now(),
            turn: tokio::sync::Mutex::default(),
        };
        tasks.spawn(ended(
            enrolment.serve(enroll.accept("enroll", Arc::clone(&certificates.enrolment)), self.stopped.clone()),
        ));
    }

    fn open_console(
        &self,
        listener: Bound,
        certificates: &Certificates,
        version: watch::Receiver<u64>,
        port: Port,
        tasks: &mut JoinSet<anyhow::Result<()>>,
    ) {
        let metrics = metrics::Metrics::new(Arc::clone(&self.registry));
        tasks.spawn(ended(Arc::clone(&metrics).follow(self.store.clone(), self.stopped.clone())));
        let console = console::Console {
            store: self.store.clone(),
            port,
            words: Arc::clone(&self.words),
            version,
            settings: console::Settings {
                instance: self.config.instance.clone(),
                zone: self.config.zone.clone(),
                enrolment_url: format!("https://{}", reachable(&self.config.names, self.addresses.enroll)),
            },
            metrics: Arc::new(move || metrics.text()),
            doorman: console::auth::Doorman::default(),
            turns: console::Turns::default(),
        };
        let connections = listener.accept("console", Arc::clone(&certificates.console));
        tasks.spawn(ended(serve::serve(console::router(Arc::new(console)), connections, self.stopped.clone())));
    }
}

/// Reads what `run` would read and starts nothing.
pub fn check(config: &Config) -> anyhow::Result<()> {
    install_crypto();
    monitors(config)?;
    let authority = Authority::open(&config.data_dir().join("authority"))?;
    let addresses =
        Addresses { grpc: config.listen.grpc, enroll: config.listen.enroll, console: config.listen.console };
    let settings = settings(config, &authority, addresses)?;
    deliverer(config, &settings, Store::open(&config.data_dir())?, Arc::new(Words::load()?))?;
    Ok(())
}

/// A pipeline on a store that no collector has open, for one command.
pub async fn lone_pipeline(config: &Config) -> anyhow::Result<Pipeline> {
    install_crypto();
    let data_dir = config.data_dir();
    let authority = Authority::open(&data_dir.join("authority"))?;
    let addresses =
        Addresses { grpc: config.listen.grpc, enroll: config.listen.enroll, console: config.listen.console };
    let settings = settings(config, &authority, addresses)?;
    let outlets = Outlets {
        version: Arc::new(watch::channel(0).0),
        policies: Arc::new(watch::channel(Policies::default()).0),
        admissions: Arc::new(watch::channel(0).0),
    };
    load_pipeline(config, Store::open(&data_dir)?, Arc::new(Words::load()?), settings, outlets).await
}

/// Takes the data folder: one collector, or one command, at a time.
pub fn lock(data_dir: &Path) -> anyhow::Result<std::fs::File> {
    let path = data_dir.join("lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}: is this a data folder that init made?", path.display()))?;
    file.try_lock().with_context(|| format!("{} is held by another collector", data_dir.display()))?;
    Ok(file)
}

async fn load_pipeline(
    config: &Config,
    store: Store,
    words: Arc<Words>,
    settings: Settings,
    outlets: Outlets,
) -> anyhow::Result<Pipeline> {
    Ok(Pipeline::load(store, words, monitors(config)?, settings, outlets, Timestamp::now()).await?)
}

fn deliverer(
    config: &Config,
    settings: &Settings,
    store: Store,
    words: Arc<Words>,
) -> anyhow::Result<deliver::Deliverer> {
    let common = deliver::Settings {
        instance: config.instance.clone(),
        zone: settings.zone.clone(),
        ..deliver::Settings::default()
    };
    Ok(deliver::Deliverer::new(store, settings.destinations.clone(), words, common)?)
}

fn monitors(config: &Config) -> anyhow::Result<MonitorSet> {
    let shipped = MonitorSet::shipped()?;
    match config.overrides()? {
        Some((file, text)) => Ok(shipped.with_overrides(&file, &text)?),
        None => Ok(shipped),
    }
}

fn settings(config: &Config, authority: &Authority, addresses: Addresses) -> anyhow::Result<Settings> {
    let public = config.public_console.clone();
    Ok(Settings {
        console_url: public.unwrap_or_else(|| format!("https://{}", reachable(&config.names, addresses.console))),
        zone: jiff::tz::TimeZone::get(&config.zone)?,
        destinations: config.destinations()?,
        policy: AgentPolicy {
            health_sampling: false,
            report_interval_s: config.policy.report_interval_s,
            inventory_interval_s: config.policy.inventory_interval_s,
        },
        root_key_hash: authority.root_key_hash()?,
    })
}

/// `host:port` by the first of our names.
fn reachable(names: &[String], address: SocketAddr) -> String {
    let name = names.first().map_or("localhost", String::as_str);
    if name.contains(':') { format!("[{name}]:{}", address.port()) } else { format!("{name}:{}", address.port()) }
}

fn write_addresses(data_dir: &Path, addresses: &Addresses) -> anyhow::Result<()> {
    let (path, fresh) = (data_dir.join("addresses.json"), data_dir.join("addresses.json.new"));
    std::fs::write(&fresh, serde_json::to_vec(addresses)?)
        .with_context(|| format!("cannot write {}", fresh.display()))?;
    std::fs::rename(&fresh, &path).with_context(|| format!("cannot write {}", path.display()))
}

/// One provider for the whole process; a second call finds it there.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

async fn ended(room: impl Future<Output = ()>) -> anyhow::Result<()> {
    room.await;
    Ok(())
}
