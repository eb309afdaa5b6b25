//! What several pages and the API ask of the store about declared items, coverage and baselines, put together for the
//! rules of `declare`. It judges nothing itself.

use super::Console;
use crate::declare::{self, Conflict, Coverage, Drift, Ground};
use crate::model::{
    Actor, Baseline, BaselineId, Change, Ci, CiClass, Class, Contract, CustomerId, DeclaredChange, Host, HostFilter,
    Incident, ItemId, LifeState, PageRequest, Presence, Scope, Site, SiteId,
};
use crate::store::{Result, Store};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The item of an id or the machine of a host's id, when the actor may see it.
pub async fn visible_ci(console: &Console, actor: &Actor, id: Uuid) -> Result<Option<Ci>> {
    Ok(console.store.ci(id).await?.filter(|ci| actor.scope.covers(ci.declared.customer)))
}

/// A site that the actor may see.
pub async fn visible_site(console: &Console, actor: &Actor, id: SiteId) -> Result<Option<Site>> {
    Ok(console.store.site(id).await?.filter(|site| actor.scope.covers(site.customer)))
}

/// Where people and agent differ about an item.
pub async fn conflicts(console: &Console, ci: &Ci) -> Result<Vec<Conflict>> {
    // Only a machine that is said to be out of use can be contradicted by its reports.
    let machine = ci.declared.class == CiClass::Observed(Class::Computer) && ci.declared.state != LifeState::Active;
    let reports = match ci.declared.host.filter(|_| machine) {
        Some(host) => console.store.host(host).await?.is_some_and(|row| row.host.presence == Presence::Online),
        None => false,
    };
    Ok(declare::conflicts(ci, reports))
}

/// What stands around an item.
pub struct Kin {
    /// Those whose place it took, nearest first.
    pub supersedes: Vec<Ci>,
    /// Those that took its place.
    pub superseded_by: Vec<Ci>,
    /// Its live incidents.
    pub incidents: Vec<Incident>,
}

/// Looks what stands around an item.
pub async fn kin(console: &Console, ci: &Ci) -> Result<Kin> {
    let id = ci.declared.item;
    let supersedes = all(console, console.store.predecessors(id).await?, id).await?;
    let superseded_by = all(console, console.store.successors(id).await?, id).await?;
    let mut incidents = console.store.incidents_of_item(id).await?;
    let machine = ci.declared.class == CiClass::Observed(Class::Computer);
    if let Some(host) = ci.declared.host.filter(|_| machine) {
        let filter = crate::model::IncidentFilter {
            scope: Scope::All,
            customer: None,
            host: Some(host),
            state: Some("live".to_owned()),
        };
        let of_host = console.store.incidents(filter, PageRequest::default()).await?.items;
        // What went over to a successor is told there.
        incidents.extend(
            of_host.into_iter().filter(|one| one.item.is_none_or(|item| item == id || !is_in(&superseded_by, item))),
        );
    }
    let mut told = BTreeSet::new();
    incidents.retain(|incident| told.insert(incident.id));
    Ok(Kin { supersedes, superseded_by, incidents })
}

fn is_in(cis: &[Ci], item: ItemId) -> bool {
    cis.iter().any(|ci| ci.declared.item == item)
}

async fn all(console: &Console, ids: Vec<ItemId>, but: ItemId) -> Result<Vec<Ci>> {
    let mut found = Vec::new();
    for id in ids.into_iter().filter(|id| *id != but) {
        found.extend(console.store.ci(id.0).await?);
    }
    Ok(found)
}

/// One line of an item's history.
pub enum Past {
    /// People said so.
    Declared(i64, DeclaredChange),
    /// An agent saw it.
    Observed(i64, Change),
}

impl Past {
    /// When.
    pub fn at(&self) -> Timestamp {
        match self {
            Past::Declared(_, change) => change.at,
            Past::Observed(_, change) => change.observed_at,
        }
    }
}

/// The history of an item and of those whose place it took, newest first.
pub async fn history(console: &Console, id: ItemId) -> Result<Vec<Past>> {
    let items = console.store.predecessors(id).await?;
    let declared = console.store.declared_history(items.clone()).await?;
    let observed = console.store.observed_history(items).await?;
    let mut past: Vec<Past> = declared.into_iter().map(|(row, change)| Past::Declared(row, change)).collect();
    past.extend(observed.into_iter().map(|(row, change)| Past::Observed(row, change)));
    past.sort_by_key(|line| std::cmp::Reverse(line.at()));
    Ok(past)
}

/// The coverage of a customer or of one of its sites, with the contract that it was judged by.
pub async fn coverage(
    console: &Console,
    customer: CustomerId,
    site: Option<SiteId>,
    now: Timestamp,
) -> Result<(Option<Contract>, Coverage, Vec<Host>)> {
    let contract = console.store.contract(customer).await?;
    let hosts = hosts(console, customer).await?;
    let declared = console.store.cis(customer).await?;
    let classes = declare::COMPONENTS.iter().map(|class| class.word()).chain([Class::Neighbour.word()]).collect();
    let items = console.store.items_of_classes(customer, classes).await?;
    let ground = Ground { contract: contract.as_ref(), hosts: &hosts, declared: &declared, items: &items, site, now };
    let found = declare::coverage(&ground);
    Ok((contract, found, hosts))
}

/// Every host of a customer.
pub async fn hosts(console: &Console, customer: CustomerId) -> Result<Vec<Host>> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let filter = HostFilter { scope: Scope::All, customer: Some(customer), search: None, presence: None };
        let page = console.store.hosts(filter, PageRequest { cursor, limit: 1_000 }).await?;
        found.extend(page.items.into_iter().map(|row| row.host));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

/// A baseline of a site: the one that is asked for, or the newest.
pub async fn baseline(console: &Console, site: SiteId, wanted: Option<BaselineId>) -> Result<Option<Baseline>> {
    let all = console.store.baselines(site).await?;
    Ok(match wanted {
        Some(id) => all.into_iter().find(|baseline| baseline.id == id),
        None => all.into_iter().next(),
    })
}

/// What of a site drifted since a baseline.
pub async fn drift(store: &Store, baseline: &Baseline) -> Result<Drift> {
    let counts = store.baseline_counts(baseline.id).await?;
    let fixed: u64 = counts.iter().filter(|(_, class, _)| declare::may_drift(*class)).map(|(.., count)| count).sum();
    let (before, now) = store.baseline_differences(baseline.id, baseline.site).await?;
    // A site that was not looked at for a year is many rows: the rest of the console goes on meanwhile.
    let compared = tokio::task::spawn_blocking(move || declare::drift(&before, &now, fixed as usize)).await;
    compared.map_err(|_| crate::store::Error::Closed)
}

#[cfg(test)]
mod tests;
