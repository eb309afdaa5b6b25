//! What the pipeline holds in memory: hosts, contracts, live incidents, monitor state, and the items of hosts that
//! reported lately. All of it is in the store too.

use crate::contract::entitlement;
use crate::evaluate::Memory;
use crate::incident::storm::Guard;
use crate::model::{
    Alarm, Class, Contract, Customer, CustomerId, Host, HostId, Incident, IncidentId, IncidentState, Item, Site, SiteId,
};
use crate::store::{HostUpdate, Result, Store};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// Incidents that ended within this time may be reopened.
const REOPEN: SignedDuration = SignedDuration::from_hours(1);
/// What a person closed is not opened again for the same reason for so long.
const CLOSED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What one incident is about: at most one is live for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The host, or the site for an incident of a whole site.
    pub subject: uuid::Uuid,
    /// Monitor.
    pub monitor: String,
    /// Object.
    pub object: String,
}

/// The memory.
pub struct World {
    /// Last history row taken in.
    pub cursor: i64,
    /// Silence before this is ours.
    pub observing_since: Timestamp,
    /// When hosts were last read from the store.
    pub learned_at: Timestamp,
    /// Every host.
    pub hosts: HashMap<HostId, Host>,
    /// Hosts whose row is to be written.
    pub touched: HashSet<HostId>,
    /// Every customer.
    pub customers: HashMap<CustomerId, Customer>,
    /// Every site.
    pub sites: HashMap<SiteId, Site>,
    /// Every contract.
    pub contracts: HashMap<CustomerId, Contract>,
    /// Items of hosts that reported since the start.
    pub items: HashMap<HostId, Vec<Item>>,
    /// Customers whose guests are to be joined with their carriers; all of them at the start.
    pub to_join: HashSet<CustomerId>,
    /// Hosts that people took out of service: nobody waits for their reports.
    pub out_of_service: HashSet<HostId>,
    /// Uptime as last reported, seconds.
    pub uptime_s: HashMap<HostId, f64>,
    /// Newest scan applied of each class, in milliseconds.
    pub scanned: HashMap<(HostId, Class), i64>,
    /// Live incidents, and those that ended lately.
    pub incidents: HashMap<Key, Incident>,
    /// Monitor state.
    pub states: Memory,
    /// Bounds new incidents.
    pub guard: Guard,
    /// Alarms that a storm stands for, and when the last came.
    pub storms: HashMap<Key, (Timestamp, Vec<(Key, Alarm)>)>,
}

impl World {
    /// Reads everything.
    pub async fn load(store: &Store, now: Timestamp) -> Result<Self> {
        let snapshot = store.snapshot(now - REOPEN, now - CLOSED).await?;
        let mut states = Memory::new();
        for state in snapshot.monitor_states {
            states.load(state.host, &state.monitor, &state.object, &state.state);
        }
        let mut world = Self {
            to_join: snapshot.customers.iter().map(|customer| customer.id).collect(),
            cursor: snapshot.cursor,
            observing_since: now,
            learned_at: now,
            hosts: snapshot.hosts.into_iter().map(|host| (host.id, host)).collect(),
            touched: HashSet::new(),
            customers: snapshot.customers.into_iter().map(|customer| (customer.id, customer)).collect(),
            sites: snapshot.sites.into_iter().map(|site| (site.id, site)).collect(),
            contracts: snapshot.contracts.into_iter().map(|contract| (contract.customer, contract)).collect(),
            items: HashMap::new(),
            out_of_service: snapshot.out_of_service.into_iter().collect(),
            uptime_s: HashMap::new(),
            scanned: snapshot.scanned.into_iter().map(|(host, class, at)| ((host, class), at)).collect(),
            incidents: HashMap::new(),
            states,
            guard: Guard::from_recent(snapshot.incidents.iter(), now),
            storms: HashMap::new(),
        };
        for incident in snapshot.incidents {
            world.keep_incident(incident);
        }
        Ok(world)
    }

    /// Takes an incident in; a live one is never displaced by one that ended.
    pub fn keep_incident(&mut self, incident: Incident) {
        let key = key(&incident);
        let newer = |other: &Incident| other.id != incident.id && other.opened_at > incident.opened_at;
        if !self.incidents.get(&key).is_some_and(newer) {
            self.incidents.insert(key, incident);
        }
    }

    /// A live or lately ended incident.
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.values().find(|incident| incident.id == id)
    }

    /// Forgets incidents that ended too long ago to be reopened.
    pub fn forget_ended(&mut self, now: Timestamp) {
        self.incidents.retain(|_, incident| {
            let kept = if incident.state == IncidentState::Closed { CLOSED } else { REOPEN };
            incident.ended_at.is_none_or(|end| end > now - kept)
        });
    }

    /// Does this customer's contract cover RMM now?
    pub fn has_rmm(&self, customer: CustomerId, now: Timestamp) -> bool {
        self.contracts
            .get(&customer)
            .is_some_and(|contract| contract.rmm.is_some() && entitlement::in_force(contract, now))
    }

    /// Marks a host's row for writing.
    pub fn touch(&mut self, host: HostId) {
        self.touched.insert(host);
    }

    /// The rows of touched hosts.
    pub fn take_touched(&mut self) -> Vec<HostUpdate> {
        let touched = std::mem::take(&mut self.touched);
        touched.iter().filter_map(|id| self.hosts.get(id)).map(update).collect()
    }

    /// Learns hosts that were enrolled meanwhile, and what ingest decided of the others.
    pub async fn learn_hosts(&mut self, store: &Store) -> Result<()> {
        for host in store.host_list().await? {
            let admission = host.admission;
            let (version, site) = (host.agent_version.clone(), host.site);
            let known = self.hosts.entry(host.id).or_insert(host);
            known.admission = admission;
            known.agent_version = version;
            known.site = site;
        }
        Ok(())
    }

    /// The items of a host, read once.
    pub async fn items_of(&mut self, store: &Store, host: HostId) -> Result<&mut Vec<Item>> {
        if let std::collections::hash_map::Entry::Vacant(e) = self.items.entry(host) {
            let items = store.all_items(host).await?;
            e.insert(items);
        }
        Ok(self.items.entry(host).or_default())
    }

    /// A customer by its name.
    pub fn customer_by_name(&self, name: &str) -> Option<&Customer> {
        self.customers.values().find(|customer| customer.name.eq_ignore_ascii_case(name))
    }

    /// A site by its customer and name.
    pub fn site_by_name(&self, customer: CustomerId, name: &str) -> Option<&Site> {
        self.sites.values().find(|site| site.customer == customer && site.name.eq_ignore_ascii_case(name))
    }
}

/// What an incident is about.
pub fn key(incident: &Incident) -> Key {
    Key {
        subject: incident.host.map_or(incident.site.0, |host| host.0),
        monitor: incident.monitor.clone(),
        object: incident.object.clone(),
    }
}

fn update(host: &Host) -> HostUpdate {
    HostUpdate {
        id: host.id,
        name: host.name.clone(),
        role: host.role,
        presence: host.presence.clone(),
        last_report_at: host.last_report_at,
        last_heard_at: host.last_heard_at,
        interval_s: host.interval_s,
    }
}
