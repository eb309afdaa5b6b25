//! Coverage of a customer or of one site: which components the CMDB knows and a contract covers, and which devices are
//! seen that nobody declared.

use super::declared::{Choices, chosen, class_key, customer_names, customers, sites_of};
use crate::console::fault::{self, Result};
use crate::console::view::{Frame, Speech, clip, link};
use crate::console::{Console, survey};
use crate::contract::term;
use crate::declare::{Coverage, Covered, Standing, Stranger};
use crate::model::{Actor, CustomerId, Host, HostId, SiteId};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Rows of the page; the API gives all.
const ROWS_MAX: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    customer: String,
    site: String,
}

struct Row {
    href: String,
    name: String,
    class_key: String,
    host: String,
    site: String,
    standing_key: &'static str,
    tone: &'static str,
}

struct Device {
    site: String,
    mac: String,
    addresses: String,
    router: bool,
    made_up: bool,
    seen_by: String,
}

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoveragePage {
    frame: Frame,
    customers: Choices,
    sites: Choices,
    site: String,
    customer: String,
    contract: String,
    counts: Vec<(&'static str, &'static str, u64)>,
    rows: Vec<Row>,
    left_out: u64,
    devices: Vec<Device>,
}

/// The page; of the only customer where there is but one.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Query(filter): Query<Filter>) -> Result<Response> {
    let names = customer_names(&console, &actor).await?;
    let all = customers(&names);
    let asked: Option<CustomerId> = filter.customer.parse().ok();
    let customer = asked.filter(|id| names.contains_key(id)).or_else(|| match &all[..] {
        [(id, _)] => id.parse().ok(),
        _ => None,
    });
    let here = link("/coverage", &[("customer", &filter.customer), ("site", &filter.site)]);
    let frame = Frame::open(&console, &actor, "coverage", here).await?;
    let sites = sites_of(&console, &actor, customer).await?;
    let site: Option<SiteId> =
        filter.site.parse().ok().filter(|site: &SiteId| sites.iter().any(|(id, _)| *id == site.to_string()));
    let word = customer.map(|customer| customer.to_string()).unwrap_or_default();
    let (contract, found, hosts) = match customer {
        Some(customer) => survey::coverage(&console, customer, site, Timestamp::now()).await?,
        None => (None, Coverage::default(), Vec::new()),
    };
    let first = contract.as_ref().and_then(|contract| term::describe(contract).into_iter().next());
    let page = CoveragePage {
        customers: chosen(&all, &word),
        sites: chosen(&sites, &filter.site),
        site: site.map(|site| site.to_string()).unwrap_or_default(),
        contract: first.map_or_else(|| frame.t("console-contract-none"), |line| frame.say(&line)),
        counts: counts(&found.rows),
        left_out: found.rows.len().saturating_sub(ROWS_MAX) as u64,
        rows: rows(&frame, found.rows, &hosts, &sites),
        devices: found.strangers.iter().map(|one| device(one, &sites)).collect(),
        customer: word,
        frame,
    };
    fault::html(&page)
}

fn counts(rows: &[Covered]) -> Vec<(&'static str, &'static str, u64)> {
    let mut counts: BTreeMap<Standing, u64> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.standing).or_default() += 1;
    }
    counts.into_iter().map(|(standing, count)| (standing_key(standing), tone(standing), count)).collect()
}

/// What is not covered first.
fn rows(speech: &Speech, mut found: Vec<Covered>, hosts: &[Host], sites: &[(String, String)]) -> Vec<Row> {
    let names: HashMap<HostId, &str> = hosts.iter().map(|host| (host.id, host.name.as_str())).collect();
    found.sort_by_key(|row| row.standing == Standing::Covered);
    found.truncate(ROWS_MAX);
    let row = |row: Covered| Row {
        href: match (row.item, row.host) {
            (Some(item), _) => format!("/declared/{item}"),
            (None, Some(host)) => format!("/hosts/{host}"),
            (None, None) => String::new(),
        },
        name: clip(&row.name, 80),
        class_key: class_key(row.class),
        host: row
            .host
            .and_then(|host| names.get(&host))
            .map_or_else(|| speech.t("declare-by-people"), |name| clip(name, 60)),
        site: row.site.map(|site| site_name(site, sites)).unwrap_or_default(),
        standing_key: standing_key(row.standing),
        tone: tone(row.standing),
    };
    found.into_iter().map(row).collect()
}

fn device(one: &Stranger, sites: &[(String, String)]) -> Device {
    Device {
        site: site_name(one.site, sites),
        mac: one.mac.clone(),
        addresses: clip(&one.addresses.join(", "), 160),
        router: one.router,
        made_up: one.made_up,
        seen_by: clip(&one.seen_by.join(", "), 120),
    }
}

fn site_name(site: SiteId, sites: &[(String, String)]) -> String {
    sites.iter().find(|(id, _)| *id == site.to_string()).map(|(_, name)| name.clone()).unwrap_or_default()
}

fn standing_key(standing: Standing) -> &'static str {
    match standing {
        Standing::Covered => "declare-standing-covered",
        Standing::Missing => "declare-standing-missing",
        Standing::NoInventory => "declare-standing-no-inventory",
        Standing::NoContract => "declare-standing-no-contract",
        Standing::ContractNotStarted => "declare-standing-not-started",
        Standing::ContractEnded => "declare-standing-ended",
        Standing::HostPending => "declare-standing-pending",
        Standing::HostQuarantined => "declare-standing-quarantined",
        Standing::HostRevoked => "declare-standing-revoked",
        Standing::NotInService => "declare-standing-not-in-service",
    }
}

fn tone(standing: Standing) -> &'static str {
    match standing {
        Standing::Covered => "ok",
        Standing::Missing | Standing::NoInventory | Standing::HostPending | Standing::HostQuarantined => "warn",
        Standing::NotInService => "",
        Standing::NoContract | Standing::ContractNotStarted | Standing::ContractEnded | Standing::HostRevoked => "bad",
    }
}
