//! Names of customers, sites and hosts for rows that hold only ids. Each is looked up once a page.

use super::Console;
use crate::model::{Customer, CustomerId, HostId, Incident, Scope, SiteId};
use crate::store;
use std::collections::HashMap;

/// Names by id.
#[derive(Default)]
pub struct Names {
    customers: HashMap<CustomerId, String>,
    sites: HashMap<SiteId, String>,
    hosts: HashMap<HostId, String>,
}

impl Names {
    /// All that these incidents mention, and every customer of the scope.
    pub async fn of(console: &Console, scope: &Scope, incidents: &[&Incident]) -> store::Result<Names> {
        let mut names = Names::default();
        for Customer { id, name, .. } in console.store.customers(scope.clone()).await? {
            names.customers.insert(id, name);
        }
        let mut asked: Vec<CustomerId> = incidents.iter().map(|incident| incident.customer).collect();
        asked.sort_unstable();
        asked.dedup();
        for customer in asked {
            let sites = console.store.sites(customer).await?;
            names.sites.extend(sites.into_iter().map(|site| (site.id, site.name)));
        }
        for host in incidents.iter().filter_map(|incident| incident.host) {
            if !names.hosts.contains_key(&host)
                && let Some(row) = console.store.host(host).await?
            {
                names.hosts.insert(host, row.host.name);
            }
        }
        Ok(names)
    }

    /// A customer's name; empty when it is gone.
    pub fn customer(&self, id: CustomerId) -> &str {
        self.customers.get(&id).map_or("", String::as_str)
    }

    /// A site's name.
    pub fn site(&self, id: SiteId) -> &str {
        self.sites.get(&id).map_or("", String::as_str)
    }

    /// A host's name as it claims it.
    pub fn host(&self, id: Option<HostId>) -> &str {
        id.and_then(|id| self.hosts.get(&id)).map_or("", String::as_str)
    }

    /// (id, name) of the scope's customers by name, for a choice.
    pub fn choices(&self) -> Vec<(String, String)> {
        let mut all: Vec<_> = self.customers.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
        all.sort_by_key(|(_, name)| name.to_lowercase());
        all
    }
}
