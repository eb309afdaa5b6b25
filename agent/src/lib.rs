//! The agent: reads this machine, spools what it read, sends it. This file wires the rooms in flow order.

pub mod cli;
pub mod clock;
pub mod config;
pub mod inventory;
pub mod pipeline;
pub mod platform;
pub mod report;
pub mod sample;
pub mod spool;
pub mod transport;

use clock::Clock;
use config::Config;
use pipeline::Crank;
use platform::service::Signals;
use spool::{Options, Spool};
use std::path::PathBuf;
use std::time::Duration;
use transport::Link;
use transport::identity::State;
use transport::sender::Sender;

/// Runs the agent until it is told to stop.
pub fn run(config: Config, config_path: Option<PathBuf>, state: State) -> anyhow::Result<()> {
    let enrolment = state.enrolment()?;
    let options = Options {
        cap_bytes: config.spool_bytes_max,
        free_bytes_min: config.spool_free_bytes_min,
        free_bytes: platform::free_bytes,
    };
    let spool = Spool::open(&state.file("spool"), options, transport::random());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        host = enrolment.host_id,
        collector = enrolment.grpc,
        "started"
    );
    let (link, clock) = (Link::new(spool), Clock::real());
    let crank = Crank::new(&link, clock, config, config_path, state.clone(), enrolment);
    let sender = Sender::new(&link, state, clock);
    runtime()?.block_on(async {
        let signals = Signals::new()?;
        tokio::select! {
            // The crank decides when it is over; the sender has no end of its own.
            () = crank.run(signals) => Ok(()),
            () = sender.run() => Ok(()),
        }
    })
}

/// One thread, and one more only while a name is looked up.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .thread_keep_alive(Duration::from_secs(1))
        .build()
}
