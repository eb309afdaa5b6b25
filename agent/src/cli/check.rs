//! `wacht-agent check`: everything that can keep an agent from working, one line each, with what to do about it.

use crate::config::Config;
use crate::pipeline::status::Status;
use crate::transport::identity::{Identity, State};
use crate::transport::{connect, tls};
use crate::{inventory, platform};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncReadExt;

const DAY_S: i64 = 86_400;
const SKEW_MS_MAX: u64 = 30_000;
/// TLS 1.3 refuses a client after the handshake; a collector that is content speaks first within this time.
const VERDICT_MAX: Duration = Duration::from_millis(1_500);

/// One line of the table.
struct Line {
    is_well: bool,
    subject: &'static str,
    finding: String,
}

/// Prints the table; true when all is well.
pub fn run(config_path: Option<&Path>, out: &mut impl Write) -> io::Result<bool> {
    let mut lines = Vec::new();
    examine(config_path, &mut lines);
    for line in &lines {
        writeln!(out, "{:4}  {:14}  {}", if line.is_well { "ok" } else { "FAIL" }, line.subject, line.finding)?;
    }
    Ok(lines.iter().all(|line| line.is_well))
}

fn examine(config_path: Option<&Path>, lines: &mut Vec<Line>) {
    let Some(config) = note(lines, "configuration", Config::load(config_path), |_| "read".into()) else { return };
    let folder = config.state_dir.display().to_string();
    let Some(state) = note(lines, "state folder", State::open(&config.state_dir, false), |_| folder) else { return };
    let Some(identity) = note(lines, "identity", state.identity(), |id| format!("host {}", id.enrolment.host_id))
    else {
        return;
    };
    lines.push(certificate(&identity, platform::wall_unix_ms() / 1_000));
    lines.push(clock(&identity, &state, platform::wall_unix_ms()));
    lines.push(disk(&config, platform::free_bytes(&config.state_dir)));
    lines.push(records(Path::new(inventory::RECORDS)));
    let reach =
        crate::runtime().map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(reach(&identity)));
    note(lines, "collector", reach, |()| format!("{} answers and takes our certificate", identity.enrolment.grpc));
}

fn note<T, E: std::fmt::Display>(
    lines: &mut Vec<Line>,
    subject: &'static str,
    found: Result<T, E>,
    well: impl FnOnce(&T) -> String,
) -> Option<T> {
    let (is_well, finding) = match &found {
        Ok(found) => (true, well(found)),
        Err(error) => (false, error.to_string()),
    };
    lines.push(Line { is_well, subject, finding });
    found.ok()
}

fn certificate(identity: &Identity, now_unix_s: i64) -> Line {
    let left_s = identity.not_after_unix_s - now_unix_s;
    let finding = if left_s <= 0 {
        format!("expired {} days ago; a running agent renews it by itself, up to 400 days", -left_s / DAY_S)
    } else {
        format!(
            "valid for {} more days, renewed in {} days",
            left_s / DAY_S,
            (identity.renew_at_unix_s() - now_unix_s).max(0) / DAY_S
        )
    };
    Line { is_well: left_s > 0, subject: "certificate", finding }
}

fn clock(identity: &Identity, state: &State, wall_unix_ms: i64) -> Line {
    let skew_ms = Status::load(state).ok().and_then(|status| status.clock_skew_ms);
    let (is_well, finding) = match skew_ms {
        _ if wall_unix_ms / 1_000 < identity.not_before_unix_s => {
            (false, "before our certificate was made; set the clock or switch time synchronisation on".to_owned())
        }
        Some(skew_ms) if skew_ms.unsigned_abs() > SKEW_MS_MAX => {
            (false, format!("{} s from the collector's; switch time synchronisation on", skew_ms / 1_000))
        }
        Some(skew_ms) => (true, format!("{skew_ms} ms from the collector's")),
        None => (true, "plausible; compared with the collector's once the agent was connected".to_owned()),
    };
    Line { is_well, subject: "clock", finding }
}

fn disk(config: &Config, free_bytes: io::Result<u64>) -> Line {
    let (is_well, finding) = match free_bytes {
        Ok(free) if free < config.spool_free_bytes_min => (
            false,
            format!(
                "{} MB free; below {} MB only memory holds reports: free space, or lower spool_free_bytes_min",
                free / 1_000_000,
                config.spool_free_bytes_min / 1_000_000
            ),
        ),
        Ok(free) => (true, format!("{} MB free", free / 1_000_000)),
        Err(error) => (false, error.to_string()),
    };
    Line { is_well, subject: "disk", finding }
}

/// Without them the agent works and says what it could not read.
fn records(folder: &Path) -> Line {
    let finding = if folder.is_dir() {
        format!("in {}, from `wacht-agent record`", folder.display())
    } else {
        "none: health of drives, RAID controllers and the packet filter need them; enable wacht-agent-record.timer"
            .to_owned()
    };
    Line { is_well: true, subject: "root's answers", finding }
}

async fn reach(identity: &Identity) -> Result<(), String> {
    let config = tls::for_reports(identity).map_err(|error| tls::describe(&error))?;
    let name = &identity.enrolment.server_name;
    let stream = connect::stream(&identity.enrolment.grpc, name, config).await;
    let mut stream = stream.map_err(|error| format!("{}: {}", identity.enrolment.grpc, tls::describe(&error)))?;
    match tokio::time::timeout(VERDICT_MAX, stream.read(&mut [0; 16])).await {
        Ok(Err(error)) => Err(tls::describe(&error)),
        Ok(Ok(0)) => Err("it closed the connection without a word".to_owned()),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_configuration_is_the_only_line() {
        let mut out = Vec::new();
        assert!(!run(Some(Path::new("/nonexistent/agent.toml")), &mut out).unwrap());
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("FAIL  configuration") && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn a_machine_without_roots_answers_works_and_is_told_how_to_get_them() {
        let line = records(Path::new("/nonexistent"));
        assert!(line.is_well && line.finding.contains("wacht-agent-record.timer"));
    }

    #[test]
    fn too_little_space_says_what_to_do() {
        let line = disk(&Config::default(), Ok(1_000_000));
        assert!(!line.is_well && line.finding.contains("spool_free_bytes_min"));
    }
}
