//! The collector's configuration: one TOML file, read once. A wrong file is refused with file, line, key and what is
//! allowed; secrets stand in files of their own, named relative to the configuration.

use crate::model::{Destination, Purpose, Via};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The text is not a configuration: the parser names line and key.
    #[error("{path} is not a valid configuration:\n{reason}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, column, key and what was expected.
        reason: String,
    },
    /// A value is out of its range.
    #[error("{path}: {key}: {reason}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: String,
        /// What is allowed.
        reason: String,
    },
}

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the store, the authority and the control socket are.
    pub data_dir: PathBuf,
    /// Names and addresses in our certificates; agents are sent to the first.
    pub names: Vec<String>,
    /// Name of this installation in deliveries.
    #[serde(default = "default_instance")]
    pub instance: String,
    /// IANA zone of the desk.
    #[serde(default = "default_zone")]
    pub zone: String,
    /// Where we listen.
    #[serde(default)]
    pub listen: Listen,
    /// Where agents find the gRPC listener, `host:port`, when it is not `names[0]` and the listener's own port.
    #[serde(default)]
    pub public_grpc: Option<String>,
    /// Base of links in tickets, when it is not `names[0]` and the console's own port.
    #[serde(default)]
    pub public_console: Option<String>,
    /// What agents are asked for.
    #[serde(default)]
    pub policy: Policy,
    /// Days that reports as received are kept.
    #[serde(default = "default_raw_days")]
    pub raw_days: u32,
    /// A file with changes to the shipped monitors.
    #[serde(default)]
    pub monitor_overrides: Option<PathBuf>,
    /// Where messages go.
    #[serde(default, rename = "destination")]
    destinations: Vec<DestinationTable>,
    #[serde(skip)]
    path: PathBuf,
}

/// Where we listen.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Reports, mutual TLS.
    pub grpc: SocketAddr,
    /// Enrolment.
    pub enroll: SocketAddr,
    /// Console and API.
    pub console: SocketAddr,
}

impl Default for Listen {
    fn default() -> Self {
        let any = |port| SocketAddr::from(([0, 0, 0, 0], port));
        Self { grpc: any(7_443), enroll: any(7_444), console: any(8_443) }
    }
}

/// What agents are asked for; they hold it to limits of their own.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// 10..=300.
    pub report_interval_s: u32,
    /// 300..=86,400.
    pub inventory_interval_s: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { report_interval_s: 60, inventory_interval_s: 3_600 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DestinationTable {
    name: String,
    kind: Kind,
    purposes: Option<Vec<Purpose>>,
    #[serde(default)]
    customers: Vec<String>,
    url: Option<String>,
    secret_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    from: Option<String>,
    #[serde(default)]
    to: Vec<String>,
    username: Option<String>,
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Webhook,
    Email,
}

fn default_instance() -> String {
    "wacht".to_owned()
}

fn default_zone() -> String {
    "Europe/Amsterdam".to_owned()
}

fn default_raw_days() -> u32 {
    90
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
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Config, Error> {
        let text = read(path).map_err(|error| Error::Read { path: path.to_owned(), reason: error.to_string() })?;
        Self::parse(path, &text)
    }

    /// Checks a text; `path` is for errors and for names relative to it.
    pub fn parse(path: &Path, text: &str) -> Result<Config, Error> {
        let mut config: Config =
            toml::from_str(text).map_err(|error| Error::Syntax { path: path.to_owned(), reason: error.to_string() })?;
        path.clone_into(&mut config.path);
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |key: &str, reason: String| Error::Value { path: self.path.clone(), key: key.to_owned(), reason };
        if self.names.is_empty() {
            return Err(wrong("names", "at least one name or address that agents reach this collector by".to_owned()));
        }
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            return Err(wrong("zone", format!("{:?} is not an IANA time zone, such as Europe/Amsterdam", self.zone)));
        }
        for (key, value, allowed) in [
            ("policy.report_interval_s", self.policy.report_interval_s, 10..=300),
            ("policy.inventory_interval_s", self.policy.inventory_interval_s, 300..=86_400),
            ("raw_days", self.raw_days, 1..=3_650),
        ] {
            if !allowed.contains(&value) {
                return Err(wrong(key, format!("{value} is not within {}..={}", allowed.start(), allowed.end())));
            }
        }
        self.destinations().map(|_| ())
    }

    /// Where messages go.
    pub fn destinations(&self) -> Result<Vec<Destination>, Error> {
        let mut destinations: Vec<Destination> = Vec::new();
        for (index, table) in self.destinations.iter().enumerate() {
            if destinations.iter().any(|other| other.name == table.name) {
                return Err(self.missing(index, "name", "each destination has a name of its own"));
            }
            destinations.push(self.destination(index, table)?);
        }
        Ok(destinations)
    }

    fn destination(&self, index: usize, table: &DestinationTable) -> Result<Destination, Error> {
        let file = |path: &Option<PathBuf>| path.as_ref().map(|path| self.beside(path).to_string_lossy().into_owned());
        let wanted = |value: &Option<String>, key: &str| {
            value.clone().ok_or_else(|| self.missing(index, key, "this kind of destination needs it"))
        };
        let via = match table.kind {
            Kind::Webhook => Via::Webhook {
                url: wanted(&table.url, "url")?,
                secret_file: file(&table.secret_file),
                ca_file: file(&table.ca_file),
            },
            Kind::Email => Via::Email {
                host: wanted(&table.host, "host")?,
                port: table.port.unwrap_or(587),
                from: wanted(&table.from, "from")?,
                to: table.to.clone(),
                username: table.username.clone(),
                password_file: file(&table.password_file),
                ca_file: file(&table.ca_file),
            },
        };
        let purposes = table.purposes.clone().unwrap_or_else(|| match table.kind {
            Kind::Webhook => vec![Purpose::Ticket, Purpose::Page],
            Kind::Email => vec![Purpose::Ticket, Purpose::Page, Purpose::Courtesy],
        });
        Ok(Destination { name: table.name.clone(), purposes, customers: table.customers.clone(), via })
    }

    fn missing(&self, index: usize, key: &str, reason: &str) -> Error {
        Error::Value { path: self.path.clone(), key: format!("destination[{index}].{key}"), reason: reason.to_owned() }
    }

    /// The monitors' overrides: file name and text.
    pub fn overrides(&self) -> Result<Option<(String, String)>, Error> {
        let Some(path) = &self.monitor_overrides else { return Ok(None) };
        let path = self.beside(path);
        let text = read(&path).map_err(|error| Error::Read { path: path.clone(), reason: error.to_string() })?;
        Ok(Some((path.to_string_lossy().into_owned(), text)))
    }

    /// A path that the configuration names, relative to its own folder.
    fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join(path)
    }

    /// Where the store is.
    pub fn data_dir(&self) -> PathBuf {
        self.beside(&self.data_dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Error> {
        Config::parse(Path::new("/etc/wacht/collector.toml"), text)
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_what_is_allowed() {
        let error = parse("data_dir = \"/x\"\nnames = [\"a\"]\nzoen = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("zoen") && error.contains("zone"), "{error}");
    }

    #[test]
    fn values_out_of_range_name_their_key() {
        let text = "data_dir = \"/x\"\nnames = [\"a\"]\n[policy]\nreport_interval_s = 5\n";
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains("policy.report_interval_s") && error.contains("10..=300"), "{error}");
        assert!(parse("data_dir = \"/x\"\nnames = []\n").unwrap_err().to_string().contains("names"));
        assert!(
            parse("data_dir = \"/x\"\nnames = [\"a\"]\nzone = \"Mars/Base\"\n")
                .unwrap_err()
                .to_string()
                .contains("IANA")
        );
    }

    #[test]
    fn a_destination_without_its_address_is_refused() {
        let text = "data_dir = \"/x\"\nnames = [\"a\"]\n[[destination]]\nname = \"desk\"\nkind = \"webhook\"\n";
        assert!(parse(text).unwrap_err().to_string().contains("destination[0].url"));
    }

    #[test]
    fn files_are_named_relative_to_the_configuration() {
        let text = "data_dir = \"data\"\nnames = [\"a\"]\n[[destination]]\nname = \"d\"\nkind = \"webhook\"\nurl = \"https://x\"\nsecret_file = \"s\"\n";
        let config = parse(text).unwrap();
        assert_eq!(config.data_dir(), Path::new("/etc/wacht/data"));
        let Via::Webhook { secret_file, .. } = &config.destinations().unwrap()[0].via else { panic!("a webhook") };
        assert_eq!(secret_file.as_deref(), Some("/etc/wacht/s"));
    }
}
