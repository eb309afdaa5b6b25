//! The nouns of the collector: customers, hosts, configuration items, samples, monitors, incidents, deliveries,
//! commands. Data only: no I/O, no clock, no judgement.

mod access;
mod command;
mod contract;
mod customer;
mod declared;
mod delivery;
mod fingerprint;
mod host;
mod id;
mod incident;
mod item;
mod message;
mod monitor;
mod page;
mod report;

pub use access::*;
pub use command::*;
pub use contract::*;
pub use customer::*;
pub use declared::*;
pub use delivery::*;
pub use fingerprint::*;
pub use host::*;
pub use id::*;
pub use incident::*;
pub use item::*;
pub use message::*;
pub use monitor::*;
pub use page::*;
pub use report::*;
