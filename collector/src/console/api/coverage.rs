//! Coverage as a document: of each component whether it is in the CMDB and in contract, and which devices are seen
//! that nobody declared.

use super::answer::{Answer, Document, Problem};
use super::ask::{Asked, cut, page};
use super::customer::visible;
use crate::console::{Console, survey};
use crate::contract::entitlement;
use crate::declare::{Covered, Standing, Stranger};
use crate::model::{Actor, CiClass, Contract, CustomerId, SiteId};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Unknown devices of one answer; a guest network can hold any number of them.
const DEVICES_MAX: usize = 1_000;

/// Coverage of what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// Id of the customer.
    customer: Uuid,
    /// Only this site.
    site: Option<Uuid>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 when absent.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
}

/// The coverage of a customer or of one site.
#[derive(Serialize, ToSchema)]
pub struct CoverageView {
    /// Does a contract run?
    contract_in_force: bool,
    /// What it adds to the support desk, while it runs.
    add_ons: Vec<AddOn>,
    /// How many components stand how.
    counts: BTreeMap<String, u64>,
    /// The components of this page.
    items: Vec<CoveredView>,
    /// Give it as `cursor` to get the next page; null = this was the last.
    next_cursor: Option<String>,
    /// Devices that hosts see and the CMDB lacks, routers first; the first 1,000.
    unknown_devices: Vec<StrangerView>,
    /// How many there are.
    unknown_device_count: u64,
}

/// What a contract adds to the support desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddOn {
    /// Remote monitoring and management.
    Rmm,
    /// Calls outside office hours.
    ExtendedHours,
    /// Hours on location.
    OnSite,
}

/// One component.
#[derive(Serialize, ToSchema)]
pub struct CoveredView {
    /// Id of the item; of the host, where that has told nothing yet.
    id: Uuid,
    /// On which host; null = declared.
    host_id: Option<Uuid>,
    /// Where.
    site_id: Option<Uuid>,
    /// Class.
    #[schema(value_type = String)]
    class: CiClass,
    /// Name.
    name: String,
    /// Does the CMDB know what it is?
    in_cmdb: bool,
    /// Does a running contract cover it?
    in_contract: bool,
    /// How it stands.
    standing: Standing,
    /// Does its host's agent report, or did it say goodbye? null = there is no agent.
    agent_reports: Option<bool>,
    /// Is it watched: in contract with the RMM add-on, on a host whose agent reports?
    watched: bool,
    /// What people say of solving its problems remotely: `yes`, `no` or `partly`; of a part what they say of its machine.
    solvable_remotely: Option<String>,
}

/// A device that hosts see and the CMDB lacks.
#[derive(Serialize, ToSchema)]
pub struct StrangerView {
    /// At which site.
    site_id: Uuid,
    /// Hardware address.
    mac: String,
    /// Under which addresses it was seen.
    addresses: Vec<String>,
    /// It routes.
    router: bool,
    /// It made its hardware address up itself, as phones and virtual machines do.
    made_up: bool,
    /// Names of hosts that see it.
    seen_by: Vec<String>,
}

/// Is each component in the CMDB and in contract, and what is seen that the CMDB lacks?
#[utoipa::path(get, path = "/api/v1/coverage", tag = "declared", params(CoverageQuery),
    responses((status = 200, description = "the coverage", body = CoverageView)))]
pub async fn coverage(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Asked(asked): Asked<CoverageQuery>,
) -> Answer<CoverageView> {
    let page = page(asked.cursor, asked.limit.as_deref())?;
    let customer = visible(&console, &actor, CustomerId(asked.customer)).await?.id;
    let site = asked.site.map(SiteId);
    if let Some(site) = site {
        let found = survey::visible_site(&console, &actor, site).await?;
        found.filter(|found| found.customer == customer).ok_or_else(Problem::absent)?;
    }
    let now = Timestamp::now();
    let (contract, found, _) = survey::coverage(&console, customer, site, now).await?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let rows: Vec<CoveredView> = found.rows.into_iter().map(CoveredView::from).collect();
    for row in &rows {
        let word = serde_json::to_value(row.standing).ok().and_then(|word| word.as_str().map(str::to_owned));
        *counts.entry(word.unwrap_or_default()).or_default() += 1;
    }
    let running = contract.as_ref().filter(|contract| entitlement::in_force(contract, now));
    let list = cut(rows, &page, |row| row.id.to_string())?;
    Ok(Document(CoverageView {
        contract_in_force: running.is_some(),
        add_ons: running.map(add_ons).unwrap_or_default(),
        counts,
        items: list.items,
        next_cursor: list.next_cursor,
        unknown_device_count: found.strangers.len() as u64,
        unknown_devices: found.strangers.into_iter().take(DEVICES_MAX).map(StrangerView::from).collect(),
    }))
}

fn add_ons(contract: &Contract) -> Vec<AddOn> {
    let extended = contract.extended_hours.as_ref().is_some_and(|hours| !hours.is_empty());
    let held = [
        (contract.rmm.is_some(), AddOn::Rmm),
        (extended, AddOn::ExtendedHours),
        (contract.on_site.is_some(), AddOn::OnSite),
    ];
    held.into_iter().filter(|(holds, _)| *holds).map(|(_, add_on)| add_on).collect()
}

impl From<Covered> for CoveredView {
    fn from(row: Covered) -> Self {
        let id = row.item.map(|item| item.0).or(row.host.map(|host| host.0)).unwrap_or_default();
        Self {
            id,
            host_id: row.host.map(|host| host.0),
            site_id: row.site.map(|site| site.0),
            class: row.class,
            name: row.name,
            in_cmdb: row.item.is_some(),
            in_contract: row.standing.is_in_contract(),
            standing: row.standing,
            agent_reports: row.agent_reports,
            watched: row.watched,
            solvable_remotely: row.solvable_remotely,
        }
    }
}

impl From<Stranger> for StrangerView {
    fn from(stranger: Stranger) -> Self {
        Self {
            site_id: stranger.site.0,
            mac: stranger.mac,
            addresses: stranger.addresses,
            router: stranger.router,
            made_up: stranger.made_up,
            seen_by: stranger.seen_by,
        }
    }
}
