//! Coverage: of each component whether it is in the CMDB and in contract, and what the neighbour tables of a site see
//! that the CMDB lacks. A lack of coverage is told, never repaired.

use super::stranger::{Stranger, strangers};
use crate::contract::entitlement;
use crate::model::{
    Admission, Ci, CiClass, Class, Contract, Declared, Host, HostId, Item, ItemId, LifeState, Presence, SiteId,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// A host that was silent for so long is not switched off but gone.
const MISSING_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Classes that are components of their own; software, services and accounts go with their host.
pub const COMPONENTS: &[Class] = &[
    Class::Computer,
    Class::Cpu,
    Class::Memory,
    Class::Disk,
    Class::Controller,
    Class::Array,
    Class::Interface,
    Class::Battery,
    Class::Display,
    Class::Printer,
    Class::UsbDevice,
    Class::Container,
    Class::VirtualMachine,
];
/// How a component stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In the CMDB and in contract.
    Covered,
    /// In contract, but its host is missing: declared so, or unheard for two weeks.
    Missing,
    /// In contract, but its host has not told what it is yet.
    NoInventory,
    /// The customer has no contract.
    NoContract,
    /// The contract begins later.
    ContractNotStarted,
    /// The contract has ended.
    ContractEnded,
    /// Its host waits for approval.
    HostPending,
    /// Its host is held: two machines had one identity.
    HostQuarantined,
    /// Its host was revoked.
    HostRevoked,
    /// Ordered, in stock, retired or disposed of.
    NotInService,
}

impl Standing {
    /// Does the contract cover it?
    pub fn is_in_contract(self) -> bool {
        matches!(self, Standing::Covered | Standing::Missing | Standing::NoInventory)
    }
}

/// One component.
#[derive(Clone, Debug, PartialEq)]
pub struct Covered {
    /// Its item; none = the host has told nothing yet.
    pub item: Option<ItemId>,
    /// On which host; none = declared.
    pub host: Option<HostId>,
    /// Where.
    pub site: Option<SiteId>,
    /// Class.
    pub class: CiClass,
    /// Name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// Does its host's agent report, or did it say goodbye? None = there is no agent.
    pub agent_reports: Option<bool>,
    /// Is it watched: in contract with the RMM add-on, on a host whose agent reports?
    pub watched: bool,
    /// What people say of solving its problems remotely: `yes`, `no`, `partly`; of a part what they say of its machine.
    pub solvable_remotely: Option<String>,
}

/// What coverage looks at: one customer, whole, so that a device of one site is known at the others.
pub struct Ground<'a> {
    /// The customer's contract.
    pub contract: Option<&'a Contract>,
    /// All its hosts.
    pub hosts: &'a [Host],
    /// What people declare.
    pub declared: &'a [Ci],
    /// Items of the classes of [`COMPONENTS`] and neighbours, of all hosts; gone ones are known too.
    pub items: &'a [Item],
    /// Only this site.
    pub site: Option<SiteId>,
    /// The moment.
    pub now: Timestamp,
}

/// The coverage of a customer or of one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Each component, by host.
    pub rows: Vec<Covered>,
    /// Unknown devices, routers first.
    pub strangers: Vec<Stranger>,
}

/// Tells the coverage.
pub fn coverage(ground: &Ground<'_>) -> Coverage {
    let books = Books::new(ground);
    let here = |site: Option<SiteId>| ground.site.is_none_or(|wanted| site == Some(wanted));
    let hosts = ground.hosts.iter().filter(|host| here(Some(host.site)));
    let mut rows: Vec<Covered> = hosts.flat_map(|host| books.of_host(host)).collect();
    let declared = ground.declared.iter().filter(|ci| here(ci.declared.site));
    rows.extend(declared.filter_map(|ci| books.of_declared(ci)));
    let mut strangers = strangers(ground.hosts, ground.items, ground.declared);
    strangers.retain(|stranger| here(Some(stranger.site)));
    Coverage { rows, strangers }
}

/// What is looked up for each component.
struct Books<'a> {
    now: Timestamp,
    /// How what is in service stands by the contract.
    by_contract: Standing,
    rmm: bool,
    said: HashMap<ItemId, &'a Declared>,
    parts: HashMap<HostId, Vec<&'a Item>>,
}

impl<'a> Books<'a> {
    fn new(ground: &Ground<'a>) -> Self {
        let mut parts: HashMap<HostId, Vec<&Item>> = HashMap::new();
        let present = ground.items.iter().filter(|item| item.gone_at.is_none() && COMPONENTS.contains(&item.class));
        present.for_each(|item| parts.entry(item.host).or_default().push(item));
        for items in parts.values_mut() {
            items.sort_by(|a, b| (a.class, &a.name, a.id).cmp(&(b.class, &b.name, b.id)));
        }
        Self {
            now: ground.now,
            by_contract: by_contract(ground.contract, ground.now),
            rmm: ground.contract.is_some_and(|contract| contract.rmm.is_some()),
            said: ground.declared.iter().map(|ci| (ci.declared.item, &ci.declared)).collect(),
            parts,
        }
    }

    fn of_host(&self, host: &Host) -> Vec<Covered> {
        let items = self.parts.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        let of_machine = items.iter().find(|item| item.class == Class::Computer);
        let machine = of_machine.and_then(|item| self.said.get(&item.id).copied());
        // A machine that was replaced, merged or taken away is history.
        if host.admission == Admission::Revoked && machine.is_some_and(|said| !said.state.is_in_service()) {
            return Vec::new();
        }
        if of_machine.is_none() {
            let standing = self.host_standing(host, LifeState::Active);
            let standing = if standing == Standing::Covered { Standing::NoInventory } else { standing };
            return vec![self.part(host, None, standing, None)];
        }
        let row = |item: &&Item| {
            let own = self.said.get(&item.id).copied();
            let state = |of: Option<&Declared>| of.map_or(LifeState::Active, |said| said.state);
            let own_state = Some(state(own)).filter(|state| !state.is_in_service());
            let standing = self.host_standing(host, own_state.unwrap_or_else(|| state(machine)));
            let says = |of: Option<&Declared>| of.and_then(|said| said.fields.get("solvable_remotely").cloned());
            self.part(host, Some(item), standing, says(own).or_else(|| says(machine)))
        };
        items.iter().map(row).collect()
    }

    fn part(&self, host: &Host, item: Option<&Item>, standing: Standing, solvable: Option<String>) -> Covered {
        let reports =
            host.admission == Admission::Active && matches!(host.presence, Presence::Online | Presence::Goodbye { .. });
        Covered {
            item: item.map(|item| item.id),
            host: Some(host.id),
            site: Some(host.site),
            class: CiClass::Observed(item.map_or(Class::Computer, |item| item.class)),
            name: item.map_or_else(|| host.name.clone(), |item| item.name.clone()),
            standing,
            agent_reports: Some(reports),
            watched: reports && self.rmm && standing == Standing::Covered,
            solvable_remotely: solvable,
        }
    }

    fn of_declared(&self, ci: &Ci) -> Option<Covered> {
        let CiClass::Declared(_) = ci.declared.class else { return None };
        Some(Covered {
            item: Some(ci.declared.item),
            host: None,
            site: ci.declared.site,
            class: ci.declared.class,
            name: ci.name().to_owned(),
            standing: self.standing(ci.declared.state),
            agent_reports: None,
            watched: false,
            solvable_remotely: ci.declared.fields.get("solvable_remotely").cloned(),
        })
    }

    fn host_standing(&self, host: &Host, state: LifeState) -> Standing {
        match host.admission {
            Admission::Revoked => return Standing::HostRevoked,
            Admission::Pending => return Standing::HostPending,
            Admission::Quarantined => return Standing::HostQuarantined,
            Admission::Active => {}
        }
        let standing = self.standing(state);
        if standing == Standing::Covered && is_missing(host, self.now) { Standing::Missing } else { standing }
    }

    fn standing(&self, state: LifeState) -> Standing {
        match state {
            state if !state.is_in_service() => Standing::NotInService,
            LifeState::Missing if self.by_contract == Standing::Covered => Standing::Missing,
            _ => self.by_contract,
        }
    }
}

/// Asked once, since it reads a calendar.
fn by_contract(contract: Option<&Contract>, now: Timestamp) -> Standing {
    match contract {
        None => Standing::NoContract,
        Some(contract) if entitlement::in_force(contract, now) => Standing::Covered,
        Some(contract) if entitlement::has_ended(contract, now) => Standing::ContractEnded,
        Some(_) => Standing::ContractNotStarted,
    }
}

fn is_missing(host: &Host, now: Timestamp) -> bool {
    let since = match &host.presence {
        Presence::Silent { since } => Some(*since),
        Presence::Unseen => Some(host.enrolled_at),
        Presence::Online | Presence::Goodbye { .. } => host.last_heard_at,
    };
    since.is_some_and(|since| now.duration_since(since) >= MISSING_AFTER)
}
