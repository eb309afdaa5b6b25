//! The way out: takes what the outbox holds to its destinations, at least once and each incident's messages in order.
//! THE registry of destinations: a new kind is a file here and an arm in [`Route`]. What a message says was decided
//! before it came here.

mod body;
mod email;
mod retry;
mod webhook;
mod worker;

pub use body::{Letter, render};
pub use retry::{Answer, Retry};

use crate::model::{Destination, OutboxMessage, Purpose, Via};
use crate::store::Store;
use crate::words::Words;
use email::{Access, Email};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use webhook::Webhook;

/// The destination name that stands for the customer's own contact.
const ACCOUNT: &str = "account";

/// A destination that cannot be used as configured.
#[derive(Debug, thiserror::Error)]
#[error("destination {name}: {fault}")]
pub struct ConfigError {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a destination.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Names are part of keys and headers.
    #[error("a name is 1 to 64 letters, digits, dots, dashes or underscores, and not \"account\"")]
    Name,
    /// The name stands twice.
    #[error("the name is there twice")]
    Twice,
    /// The URL is not one to send to.
    #[error("{0}")]
    Url(&'static str),
    /// A file could not be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The secret's file is empty or its base64 is not.
    #[error("the secret is empty or not valid")]
    Secret,
    /// The file holds no certificate.
    #[error("the authority's file holds no certificate")]
    Authority,
    /// Only one of the two is there.
    #[error("an account needs both a username and a password file")]
    Account,
    /// Not a mail address.
    #[error("{0} is not a mail address")]
    Address(String),
    /// The TLS or HTTP client could not be made.
    #[error("{0}")]
    Client(String),
}

/// What all destinations have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Tells several collectors apart in the events' source; may be empty.
    pub instance: String,
    /// The zone of the desk, for moments in mails.
    pub zone: TimeZone,
    /// The numbers of trying again.
    pub retry: Retry,
    /// How often the outbox is looked at without a wake-up.
    pub poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let (zone, retry) = (TimeZone::UTC, Retry::default());
        Settings { instance: String::new(), zone, retry, poll: Duration::from_secs(2) }
    }
}

/// Takes messages out until it is stopped.
pub struct Deliverer {
    store: Store,
    registry: Registry,
    settings: Settings,
}

impl Deliverer {
    /// Checks every destination and reads its secrets, once.
    pub fn new(
        store: Store,
        destinations: Vec<Destination>,
        words: Arc<Words>,
        settings: Settings,
    ) -> Result<Self, ConfigError> {
        Ok(Deliverer { store, registry: Registry::new(&destinations, words, &settings)?, settings })
    }

    /// Delivers what is due after each change of `wake`, and now and then anyway. Ends when `stop` is true or its
    /// sender is gone; deliveries on their way get some seconds to end.
    pub async fn run(self, wake: watch::Receiver<u64>, stop: watch::Receiver<bool>) {
        worker::Worker::new(self.store, Arc::new(self.registry), &self.settings).run(wake, stop).await;
    }
}

/// Every configured destination by name.
struct Registry {
    routes: HashMap<String, Route>,
    /// Where courtesy notices leave.
    account: Option<String>,
    words: Arc<Words>,
    zone: TimeZone,
}

/// The kinds of destination.
enum Route {
    Webhook(Webhook),
    Email(Email),
}

impl Registry {
    fn new(destinations: &[Destination], words: Arc<Words>, settings: &Settings) -> Result<Self, ConfigError> {
        let mut routes = HashMap::new();
        for destination in destinations {
            let name = destination.name.clone();
            let route = named(&name, &routes).and_then(|()| Route::new(&destination.via, &settings.instance));
            let route = route.map_err(|fault| ConfigError { name: name.clone(), fault })?;
            routes.insert(name, route);
        }
        Ok(Registry { routes, account: account(destinations), words, zone: settings.zone.clone() })
    }

    /// One try.
    async fn send(&self, message: &OutboxMessage, now: Timestamp) -> Answer {
        let name = if message.destination == ACCOUNT { self.account.as_ref() } else { Some(&message.destination) };
        match name.and_then(|name| self.routes.get(name)) {
            Some(Route::Webhook(webhook)) => webhook.send(message, now).await,
            Some(Route::Email(email)) => email.send(message, render(message, &self.words, &self.zone)).await,
            None => Answer::Refused { error: "no such destination is configured".to_owned() },
        }
    }
}

fn named(name: &str, routes: &HashMap<String, Route>) -> Result<(), Fault> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !plain || name.is_empty() || name.len() > 64 || name == ACCOUNT {
        Err(Fault::Name)
    } else if routes.contains_key(name) {
        Err(Fault::Twice)
    } else {
        Ok(())
    }
}

/// The mail destination for courtesy notices: one that says so, else the first.
fn account(destinations: &[Destination]) -> Option<String> {
    let mut mail: Vec<_> = destinations.iter().filter(|to| matches!(to.via, Via::Email { .. })).collect();
    mail.sort_by_key(|to| !to.purposes.contains(&Purpose::Courtesy));
    mail.first().map(|to| to.name.clone())
}

impl Route {
    fn new(via: &Via, instance: &str) -> Result<Self, Fault> {
        match via {
            Via::Webhook { url, secret_file, ca_file } => {
                Webhook::new(url, secret_file.as_deref(), ca_file.as_deref(), instance).map(Route::Webhook)
            }
            Via::Email { host, port, from, to, username, password_file, ca_file } => {
                let (username, password_file) = (username.as_deref(), password_file.as_deref());
                let access = Access { username, password_file, ca_file: ca_file.as_deref() };
                Email::new(host, *port, from, to, access).map(Route::Email)
            }
        }
    }
}

/// A secret that stands alone in its file; the line end is not part of it.
fn read_secret(path: &str) -> Result<String, Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault::File { path: path.to_owned(), error })?;
    let secret = text.trim();
    if secret.is_empty() { Err(Fault::Secret) } else { Ok(secret.to_owned()) }
}

#[cfg(test)]
mod tests;
