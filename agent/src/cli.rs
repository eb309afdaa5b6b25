//! The command line: `enroll`, `run`, `status`, `check`, `inventory`, `prepare-image`. It parses, calls and maps errors to exit codes
//! (sysexits: 0, 2 usage, 69 unavailable, 75 temporary, 77 permission, 78 configuration); the work is done elsewhere.

mod check;
mod prepare_image;

use crate::config::Config;
use crate::pipeline::status::Status;
use crate::transport::enroll::{self, Claims, EnrolError};
use crate::transport::identity::State;
use crate::transport::token::Token;
use crate::{inventory, platform};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: u8 = 2;
const UNAVAILABLE: u8 = 69;
const TEMPORARY: u8 = 75;
const PERMISSION: u8 = 77;
const CONFIGURATION: u8 = 78;

/// The sensor of Wacht: reports inventory and health of this machine to its collector.
#[derive(Parser)]
#[command(name = "wacht-agent", version)]
struct Arguments {
    /// Configuration file; `/etc/wacht/agent.toml` when it exists.
    #[arg(long, global = true, env = "WACHT_AGENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Gets this machine its identity, with a token of the collector.
    Enroll {
        /// The collector's enrolment address, `https://HOST:7444`.
        #[arg(long)]
        collector: String,
        /// The whole text of the token.
        #[arg(long, env = "WACHT_TOKEN", hide_env_values = true)]
        token: String,
        /// State folder, instead of the configured one.
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
        /// Replaces an identity that is there.
        #[arg(long)]
        force: bool,
    },
    /// Runs the agent, as the service does.
    Run,
    /// Tells how the running agent fares.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Looks for what would keep the agent from working, and says what to do.
    Check,
    /// Makes this machine fit to be copied: wipes identity and unsent reports, so that each copy enrols as itself.
    PrepareImage,
    /// Shows what would be reported of this machine, without a collector.
    Inventory {
        /// As JSON; there is no other form.
        #[arg(long)]
        json: bool,
        /// Reads a captured tree in this machine's place; programs answer by what is recorded below `commands`.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
        /// Sections that are left out, such as `update,software`.
        #[arg(long, value_name = "SECTION", value_delimiter = ',')]
        without: Vec<String>,
    },
    /// Writes down, as root, what only root may ask of this machine's programs (health of drives, controllers, packet
    /// filter), for the service that may not.
    Record {
        /// Folder that the service reads.
        #[arg(long, value_name = "DIR", default_value = inventory::RECORDS)]
        out: PathBuf,
    },
    /// Shows what a section's parser makes of recorded files: one line of JSON per file.
    Parse {
        /// Which parser; a wrong one names them all.
        section: String,
        /// The recorded files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// A failure with its exit code.
struct Failure(u8, anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(CONFIGURATION, error.into())
    }
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    // One provider for the whole process, chosen here and nowhere else.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match dispatch(arguments) {
        Ok(code) => code,
        Err(Failure(code, error)) => {
            let _ = writeln!(io::stderr(), "wacht-agent: {error:#}");
            ExitCode::from(code)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    let path = arguments.config;
    match arguments.command {
        Command::Enroll { collector, token, state, force } => enroll(path.as_deref(), state, &collector, &token, force),
        Command::Run => {
            let config = Config::load(path.as_deref())?;
            let state = State::open(&config.state_dir, false)?;
            let _lock = lock(&state)?;
            crate::run(config, path, state)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Status { json } => status(&Config::load(path.as_deref())?, json),
        Command::Check => {
            let is_well = check::run(path.as_deref(), &mut io::stdout().lock())?;
            Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(UNAVAILABLE) })
        }
        Command::PrepareImage => {
            let config = Config::load(path.as_deref())?;
            prepare_image::run(&config, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Inventory { json: _, root, without } => {
            let off = without.iter().map(|word| section(word)).collect::<Result<Vec<_>, _>>()?;
            let text = serde_json::to_string_pretty(&inventory::to_json(&root_of(root)?, &off))?;
            writeln!(io::stdout(), "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Record { out } => {
            let recorded = inventory::record(&out);
            recorded.map_err(|reason| Failure(PERMISSION, anyhow::anyhow!(reason)))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Parse { section, files } => parse(&section, &files),
    }
}

fn section(word: &str) -> Result<wacht_proto::v1::SectionKind, Failure> {
    inventory::section_of(word).ok_or_else(|| Failure(USAGE, anyhow::anyhow!("there is no section {word:?}")))
}

fn root_of(folder: Option<PathBuf>) -> Result<inventory::Root, Failure> {
    match folder {
        None => Ok(inventory::Root::real()),
        Some(folder) if folder.is_dir() => Ok(inventory::Root::at(folder)),
        Some(folder) => Err(Failure(USAGE, anyhow::anyhow!("--root {} is not a folder", folder.display()))),
    }
}

fn parse(section: &str, files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let Some((_, _, parser)) = inventory::PARSERS.iter().find(|(word, _, _)| *word == section) else {
        let known: String =
            inventory::PARSERS.iter().map(|(word, reads, _)| format!("\n  {word:<18}{reads}")).collect();
        let error = anyhow::anyhow!("there is no parser {section:?}; known:{known}");
        return Err(Failure(USAGE, error));
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in files {
        writeln!(out, "{}", inventory::parse_file(*parser, file))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn enroll(
    config: Option<&Path>,
    state: Option<PathBuf>,
    collector: &str,
    token: &str,
    force: bool,
) -> Result<ExitCode, Failure> {
    let folder = match state {
        Some(folder) => folder,
        None => Config::load(config)?.state_dir,
    };
    let token = Token::parse(token).map_err(|error| Failure(USAGE, error.into()))?;
    let state = State::open(&folder, true).map_err(|error| Failure(PERMISSION, error.into()))?;
    if state.is_enrolled() && !force {
        return Err(Failure(
            CONFIGURATION,
            anyhow::anyhow!("{} has an identity already; --force replaces it", folder.display()),
        ));
    }
    let _lock = lock(&state)?;
    let now_unix_s = platform::wall_unix_ms() / 1_000;
    let fingerprint = serde_json::to_value(inventory::fingerprint(&inventory::Root::real()))?;
    let claims = Claims { hostname: platform::hostname(), fingerprint };
    let work = enroll::enrol(&state, collector, &token, &claims, now_unix_s);
    let enrolled = crate::runtime()?.block_on(work).map_err(|error| Failure(code_of(&error), error.into()))?;
    writeln!(io::stdout(), "enrolled as host {}", enrolled.host_id)?;
    if enrolled.is_pending {
        writeln!(io::stdout(), "more hosts than expected: a person must approve this one before it may report")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lock(state: &State) -> Result<Option<std::fs::File>, Failure> {
    state.lock().map_err(|error| Failure(TEMPORARY, error.into()))
}

fn code_of(error: &EnrolError) -> u8 {
    match error {
        EnrolError::Address => USAGE,
        EnrolError::Unreachable(_) | EnrolError::Answer(_) => UNAVAILABLE,
        EnrolError::Refused { code, .. } if code == "busy" => TEMPORARY,
        EnrolError::Store(error) if error.kind() != io::ErrorKind::PermissionDenied => TEMPORARY,
        EnrolError::Refused { .. } | EnrolError::Store(_) => PERMISSION,
    }
}

fn status(config: &Config, json: bool) -> Result<ExitCode, Failure> {
    let state = State::open(&config.state_dir, false)?;
    let status = Status::load(&state)
        .context("no status yet; does the agent run?")
        .map_err(|error| Failure(UNAVAILABLE, error))?;
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&status)?)?;
    } else {
        let age_s = (platform::wall_unix_ms() - status.written_unix_ms) / 1_000;
        writeln!(out, "{}", status.sentence())?;
        writeln!(out, "host {}, agent {}, state of {age_s} s ago", status.host_id, status.agent_version)?;
        if let Some(age_s) = status.last_ack_age_s {
            writeln!(out, "last acknowledgement {age_s} s before that")?;
        }
        let dropped =
            if status.reports_dropped.is_empty() { "none".to_owned() } else { status.reports_dropped.join(", ") };
        writeln!(
            out,
            "reports: {} collected, {} waiting in {} bytes, given up: {dropped}",
            status.reports_collected, status.reports_spooled, status.spool_bytes
        )?;
    }
    Ok(if status.connected { ExitCode::SUCCESS } else { ExitCode::from(UNAVAILABLE) })
}

fn start_log() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("WACHT_LOG").unwrap_or_else(|_| "warn,wacht_agent=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_takes_the_configuration_anywhere() {
        Arguments::command().debug_assert();
        for arguments in [["wacht-agent", "--config", "/x", "run"], ["wacht-agent", "run", "--config", "/x"]] {
            assert_eq!(Arguments::parse_from(arguments).config.as_deref(), Some(Path::new("/x")));
        }
    }

    #[test]
    fn refusals_have_their_exit_codes() {
        let refused = |code: &str| EnrolError::Refused { code: code.into(), detail: String::new(), advice: "" };
        assert_eq!((code_of(&refused("busy")), code_of(&refused("token_used"))), (TEMPORARY, PERMISSION));
        assert_eq!(code_of(&EnrolError::Unreachable(String::new())), UNAVAILABLE);
    }
}
