//! Coverage of a customer or of one site: which components the CMDB knows and a contract covers, and which devices are
//! seen that nobody declared.

use super::declared::{Choices, chosen, class_key, customer_names, customers, sites_of};
use crate::console::fault::{self, Result};
use crate::console::view::{Frame, Speech, clip, link};
use crate::console::{Console, survey};
use crate::contract::term;
use crate::declare::{Coverage, Covered, Standing, Stranger};
use crate::model::{Actor, CiClass, Class, CustomerId, Host, HostId, SiteId};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Rows of the page; the API gives all.
const ROWS_MAX: usize = 200;
/// Unknown devices of the page.
const DEVICES_MAX: usize = 80;

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
    parts: u64,
    is_mute: bool,
    watched: bool,
    solvable: String,
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
    contract: Vec<String>,
    counts: Vec<(&'static str, &'static str, u64)>,
    rows: Vec<Row>,
    left_out: u64,
    devices: Vec<Device>,
    devices_left_out: u64,
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
    let rows = folded(&found.rows);
    let page = CoveragePage {
        customers: chosen(&all, &word),
        sites: chosen(&sites, &filter.site),
        site: site.map(|site| site.to_string()).unwrap_or_default(),
        contract: contract.as_ref().map_or_else(
            || vec![frame.t("console-contract-none")],
            |contract| term::describe(contract).iter().map(|line| frame.say(line)).collect(),
        ),
        counts: counts(&found.rows),
        left_out: rows.len().saturating_sub(ROWS_MAX) as u64,
        rows: shown(&frame, rows, &hosts, &sites),
        devices: found.strangers.iter().take(DEVICES_MAX).map(|one| device(one, &sites)).collect(),
        devices_left_out: found.strangers.len().saturating_sub(DEVICES_MAX) as u64,
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

/// Parts that stand as their machine does are only counted with it. What is not covered comes first.
fn folded(found: &[Covered]) -> Vec<(&Covered, u64)> {
    let is_machine = |row: &&Covered| row.class == CiClass::Observed(Class::Computer);
    let machines: HashMap<HostId, Standing> =
        found.iter().filter(is_machine).filter_map(|row| Some((row.host?, row.standing))).collect();
    let is_folded = |row: &Covered| {
        !is_machine(&row) && row.host.and_then(|host| machines.get(&host)).is_some_and(|of| *of == row.standing)
    };
    let mut parts: HashMap<HostId, u64> = HashMap::new();
    for host in found.iter().filter(|row| is_folded(row)).filter_map(|row| row.host) {
        *parts.entry(host).or_default() += 1;
    }
    let count = |row: &Covered| row.host.filter(|_| is_machine(&row)).and_then(|host| parts.get(&host)).copied();
    let mut rows: Vec<_> =
        found.iter().filter(|row| !is_folded(row)).map(|row| (row, count(row).unwrap_or_default())).collect();
    rows.sort_by_key(|(row, _)| (row.standing == Standing::Covered, row.agent_reports != Some(false)));
    rows
}

fn shown(speech: &Speech, mut found: Vec<(&Covered, u64)>, hosts: &[Host], sites: &[(String, String)]) -> Vec<Row> {
    let names: HashMap<HostId, &str> = hosts.iter().map(|host| (host.id, host.name.as_str())).collect();
    found.truncate(ROWS_MAX);
    let row = |(row, parts): (&Covered, u64)| Row {
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
        parts,
        is_mute: row.agent_reports == Some(false) && row.standing.is_in_contract(),
        watched: row.watched,
        solvable: row
            .solvable_remotely
            .as_ref()
            .map(|word| speech.t(&format!("declare-choice-{word}")))
            .unwrap_or_default(),
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
