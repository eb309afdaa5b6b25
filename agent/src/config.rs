//! The agent's configuration file: a small TOML with nothing in it that the agent cannot do without. A wrong file is
//! refused with its line, its key and what is allowed.

use serde::Deserialize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Where it stands when nobody says otherwise.
pub const PATH: &str = "/etc/wacht/agent.toml";
const STATE_DIR: &str = "/var/lib/wacht-agent";

/// The settings, within their limits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Identity and spool.
    pub state_dir: PathBuf,
    /// Seconds between reports, 1..300; absent = the collector's policy.
    pub report_interval_s: Option<u32>,
    /// Seconds between inventories, 5..86,400; absent = the collector's policy.
    pub inventory_interval_s: Option<u32>,
    /// Bytes that the spool may take.
    pub spool_bytes_max: u64,
    /// Bytes of its disk that the spool leaves free.
    pub spool_free_bytes_min: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            state_dir: STATE_DIR.into(),
            report_interval_s: None,
            inventory_interval_s: None,
            spool_bytes_max: 64 << 20,
            spool_free_bytes_min: 500_000_000,
        }
    }
}

/// Why a file is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is not TOML, or names what does not exist. The text shows line and key.
    #[error("{path}: {error}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// The parser's message, with an extract.
        error: Box<toml::de::Error>,
    },
    /// A number is out of its limits.
    #[error("{path}, line {line}: {key} = {value} is not allowed; {allowed:?} is")]
    Range {
        /// Which file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What stands there.
        value: u64,
        /// What may stand there.
        allowed: RangeInclusive<u64>,
    },
}

/// A configuration is a page; what is longer is none.
fn read(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    const BYTES_MAX: u64 = 1 << 20;
    let mut text = String::new();
    std::fs::File::open(path)?.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > BYTES_MAX {
        return Err(std::io::Error::other(format!("it is longer than {BYTES_MAX} bytes")));
    }
    Ok(text)
}

impl Config {
    /// Reads `path`; without one the usual file, which may be absent.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let chosen = path.unwrap_or(Path::new(PATH));
        match read(chosen) {
            Ok(text) => Config::parse(chosen, &text),
            Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(ConfigError::Read { path: chosen.to_owned(), error }),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
        let syntax = |error| ConfigError::Syntax { path: path.to_owned(), error: Box::new(error) };
        let config: Config = toml::from_str(text).map_err(syntax)?;
        let limits: [(&'static str, Option<u64>, RangeInclusive<u64>); 4] = [
            ("report_interval_s", config.report_interval_s.map(u64::from), 1..=300),
            ("inventory_interval_s", config.inventory_interval_s.map(u64::from), 1..=86_400),
            ("spool_bytes_max", Some(config.spool_bytes_max), 1 << 20..=1 << 30),
            ("spool_free_bytes_min", Some(config.spool_free_bytes_min), 0..=1 << 40),
        ];
        for (key, value, allowed) in limits {
            let Some(value) = value.filter(|value| !allowed.contains(value)) else { continue };
            let line = text.lines().position(|line| line.trim_start().starts_with(key)).map_or(0, |index| index + 1);
            return Err(ConfigError::Range { path: path.to_owned(), line, key, value, allowed });
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("agent.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_is_the_defaults_and_the_shipped_one_too() {
        assert_eq!(parse("").unwrap(), Config::default());
        let shipped = include_str!("../../deploy/config/agent.toml");
        assert_eq!(parse(shipped).unwrap(), Config::default());
        let spoken_out: String =
            shipped.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
        assert!(parse(&spoken_out).is_ok(), "what the comments offer is allowed");
    }

    #[test]
    fn a_wrong_key_is_told_with_line_and_what_is_allowed() {
        let error = parse("state_dir = \"/x\"\nreport_intervall = 5\n").unwrap_err();
        assert!(
            error.contains("line 2") && error.contains("report_intervall") && error.contains("report_interval_s"),
            "{error}"
        );
    }

    #[test]
    fn a_number_out_of_its_limits_is_told_with_line_and_limits() {
        let error = parse("\nreport_interval_s = 301\n").unwrap_err();
        assert_eq!(error, "agent.toml, line 2: report_interval_s = 301 is not allowed; 1..=300 is");
    }
}
