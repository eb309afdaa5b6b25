//! Lists in pages, and what they are filtered by.

use super::{Class, CustomerId, DuplicateState, Fields, Host, HostId, Item, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a page starts and how long it is.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Where the last page ended; opaque, URL-safe.
    pub cursor: Option<String>,
    /// 1..=1000.
    pub limit: usize,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { cursor: None, limit: 100 }
    }
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` = this was the last.
    pub next_cursor: Option<String>,
}

/// Which hosts.
#[derive(Clone, Debug)]
pub struct HostFilter {
    /// Whose.
    pub scope: Scope,
    /// Only this customer.
    pub customer: Option<CustomerId>,
    /// Text in name, id, model, serial, OS, site or customer.
    pub search: Option<String>,
    /// `online`, `goodbye`, `silent`, `unseen`, `quarantined`, `pending`, `revoked`.
    pub presence: Option<String>,
}

/// Which items.
#[derive(Clone, Debug)]
pub struct ItemFilter {
    /// Of this host.
    pub host: HostId,
    /// Only this class.
    pub class: Option<Class>,
    /// Gone ones too.
    pub gone_too: bool,
}

/// Where a search for items looks; what exactly it finds is a predicate beside it.
#[derive(Clone, Debug)]
pub struct ItemSearch {
    /// Whose.
    pub scope: Scope,
    /// Only this customer.
    pub customer: Option<CustomerId>,
    /// Of this class.
    pub class: Class,
    /// With this name, in any case.
    pub name: Option<String>,
    /// Is the name only the beginning of it?
    pub is_prefix: bool,
}

/// A found item, and where it is.
#[derive(Clone, Debug)]
pub struct ItemRow {
    /// The item.
    pub item: Item,
    /// Name of its host.
    pub host_name: String,
    /// Whose the host is now.
    pub customer: CustomerId,
    /// Customer's name.
    pub customer_name: String,
    /// Site's name.
    pub site_name: String,
}

/// Which tasks about machines that may be one.
#[derive(Clone, Debug)]
pub struct DuplicateFilter {
    /// Whose; both hosts have to be in it.
    pub scope: Scope,
    /// Only in this state.
    pub state: Option<DuplicateState>,
}

/// Which incidents.
#[derive(Clone, Debug)]
pub struct IncidentFilter {
    /// Whose.
    pub scope: Scope,
    /// Only this customer.
    pub customer: Option<CustomerId>,
    /// Only this host.
    pub host: Option<HostId>,
    /// `open`, `acknowledged`, `resolved`, `closed`, `live` (the first two); none = all.
    pub state: Option<String>,
}

/// A host with what lists and pages show beside it.
#[derive(Clone, Debug)]
pub struct HostRow {
    /// The host.
    pub host: Host,
    /// Customer's name.
    pub customer_name: String,
    /// Site's name.
    pub site_name: String,
    /// Fields of its computer item (`product`, `serial`, …); empty before the first inventory.
    pub computer: Fields,
    /// Name and version of its operating system.
    pub operating_system: String,
    /// Live incidents.
    pub live_incidents: u32,
    /// The host that it was merged into.
    pub merged_into: Option<HostId>,
}

/// Which series.
#[derive(Clone, Debug)]
pub struct SeriesQuery {
    /// Of this host.
    pub host: HostId,
    /// Metric name.
    pub metric: String,
    /// Only this object.
    pub object: Option<String>,
    /// From, inclusive.
    pub from: Timestamp,
    /// To, exclusive.
    pub to: Timestamp,
    /// Width of a point in seconds: its mean (gauges) or last value (counters); 0 = as reported.
    pub step_s: u64,
}

/// One series: points (unix seconds, value), oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Mount point, device, mode; empty where there is one series a host.
    pub object: String,
    /// Points.
    pub points: Vec<(i64, f64)>,
}

/// Numbers of the navigation and the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Hosts that report.
    pub online: u64,
    /// Hosts that said goodbye.
    pub goodbye: u64,
    /// Hosts that should report and do not.
    pub silent: u64,
    /// Hosts held for a person's decision.
    pub quarantined: u64,
    /// Hosts that wait for approval.
    pub pending: u64,
    /// All hosts that are not revoked.
    pub hosts: u64,
    /// Open and acknowledged incidents.
    pub live_incidents: u64,
    /// Customers.
    pub customers: u64,
    /// Deliveries that were given up.
    pub dead_letters: u64,
}
