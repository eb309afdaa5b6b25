//! The command line: `init` and `run`, and commands for customers, sites, contracts, users, tokens and declared items,
//! each of which speaks to a running collector or else opens the store itself; exports only read it. It only routes.

mod args;
mod ask;
mod check_section;
mod declare;
mod export;
mod init;

use crate::Collector;
use crate::config::Config;
use anyhow::Context as _;
use args::{Arguments, Verb};
use clap::Parser;
use std::process::ExitCode;

/// Exit codes, by sysexits.
mod code {
    pub const DATA_ERROR: u8 = 65;
    pub const UNAVAILABLE: u8 = 69;
    pub const NO_PERMISSION: u8 = 77;
    pub const CONFIGURATION: u8 = 78;
}

/// Runs the command line and answers the exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(route(arguments)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn route(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config_path = arguments.config;
    match arguments.verb {
        Verb::Init(wish) => init::init(&wish).map(|()| ExitCode::SUCCESS),
        Verb::Run => {
            let mut collector = Collector::start(Config::read(&config_path)?).await?;
            tracing::info!(grpc = %collector.addresses.grpc, enroll = %collector.addresses.enroll, console = %collector.addresses.console, "collector runs");
            tokio::select! {
                signal = signal() => signal?,
                error = collector.failed() => return Err(error),
            }
            tracing::info!("collector stops");
            collector.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        Verb::CheckConfig => {
            let config = Config::read(&config_path)?;
            crate::check(&config)?;
            say(&format!("{}: good", config_path.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Calendar { year, ref country } => {
            for line in args::calendar_lines(year, country)? {
                say(&line)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::CheckSection { ref section, ref file } => check_section::check_section(section, file),
        Verb::Declare(verb) => declare::declare(&Config::read(&config_path)?, verb).await,
        Verb::Baseline(verb) => declare::baseline(&Config::read(&config_path)?, verb).await,
        Verb::Export(wish) => export::export(&Config::read(&config_path)?, wish).await,
        verb => {
            let config = Config::read(&config_path)?;
            ask::ask(&config, args::command(verb)?).await
        }
    }
}

/// Waits for SIGINT or SIGTERM.
async fn signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// One line on standard output; a reader that went away is not our failure.
fn say(line: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// One line on standard error, in the name of the command.
fn complain(reason: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "wacht-collector: {reason}");
}

/// Prints the chain of causes once.
fn fail(error: &anyhow::Error) -> ExitCode {
    complain(&format!("{error:#}"));
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    if error.downcast_ref::<crate::config::Error>().is_some() {
        ExitCode::from(code::CONFIGURATION)
    } else if io.is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied) {
        ExitCode::from(code::NO_PERMISSION)
    } else if io.is_some_and(|error| error.kind() == std::io::ErrorKind::AddrInUse) {
        ExitCode::from(code::UNAVAILABLE)
    } else {
        ExitCode::FAILURE
    }
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WACHT_LOG").unwrap_or_else(|_| "info".into());
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
}
