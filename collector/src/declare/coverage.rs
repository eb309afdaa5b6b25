//! Coverage: of each component whether it is in the CMDB and in contract, and what the neighbour tables of a site see
//! that the CMDB lacks. A lack of coverage is told, never repaired.

use super::field::mac_addresses;
use crate::contract::entitlement;
use crate::model::{
    Admission, Ci, CiClass, Class, Contract, Host, HostId, Item, ItemId, LifeState, Presence, SiteId, Value,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};

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
/// Addresses and witnesses told of one unknown device.
const TOLD_MAX: usize = 8;

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
}

/// A device that hosts see and the CMDB lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Stranger {
    /// At which site.
    pub site: SiteId,
    /// Hardware address.
    pub mac: String,
    /// Under which addresses it was seen.
    pub addresses: Vec<String>,
    /// It routes.
    pub router: bool,
    /// It made its hardware address up itself, as phones and virtual machines do.
    pub made_up: bool,
    /// Names of hosts that see it.
    pub seen_by: Vec<String>,
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
    let hosts: HashMap<HostId, &Host> = ground.hosts.iter().map(|host| (host.id, host)).collect();
    let mut rows: Vec<Covered> = ground.hosts.iter().flat_map(|host| of_host(ground, host)).collect();
    rows.extend(ground.declared.iter().filter_map(|ci| of_declared(ground, ci)));
    rows.retain(|row| ground.site.is_none_or(|site| row.site == Some(site)));
    let mut strangers = strangers(ground, &hosts);
    strangers.retain(|stranger| ground.site.is_none_or(|site| stranger.site == site));
    Coverage { rows, strangers }
}

fn of_host(ground: &Ground<'_>, host: &Host) -> Vec<Covered> {
    let mine = ground.items.iter().filter(|item| item.host == host.id && item.gone_at.is_none());
    let mut items: Vec<&Item> = mine.filter(|item| COMPONENTS.contains(&item.class)).collect();
    items.sort_by(|a, b| (a.class, &a.name).cmp(&(b.class, &b.name)));
    let states: HashMap<ItemId, LifeState> =
        ground.declared.iter().map(|ci| (ci.declared.item, ci.declared.state)).collect();
    let of_machine = items.iter().find(|item| item.class == Class::Computer).map(|item| item.id);
    let machine = of_machine.and_then(|item| states.get(&item)).copied().unwrap_or(LifeState::Active);
    let row = |item: Option<&Item>, standing| Covered {
        item: item.map(|item| item.id),
        host: Some(host.id),
        site: Some(host.site),
        class: CiClass::Observed(item.map_or(Class::Computer, |item| item.class)),
        name: item.map_or_else(|| host.name.clone(), |item| item.name.clone()),
        standing,
    };
    if of_machine.is_none() {
        let standing = host_standing(ground, host, machine);
        let standing = if standing == Standing::Covered { Standing::NoInventory } else { standing };
        return vec![row(None, standing)];
    }
    let state = |item: &Item| states.get(&item.id).copied().filter(|state| !state.is_in_service()).unwrap_or(machine);
    items.iter().map(|item| row(Some(item), host_standing(ground, host, state(item)))).collect()
}

fn host_standing(ground: &Ground<'_>, host: &Host, state: LifeState) -> Standing {
    match host.admission {
        Admission::Revoked => return Standing::HostRevoked,
        Admission::Pending => return Standing::HostPending,
        Admission::Quarantined => return Standing::HostQuarantined,
        Admission::Active => {}
    }
    let standing = standing(ground, state);
    if standing == Standing::Covered && is_missing(host, ground.now) { Standing::Missing } else { standing }
}

fn is_missing(host: &Host, now: Timestamp) -> bool {
    let since = match &host.presence {
        Presence::Silent { since } => Some(*since),
        Presence::Unseen => Some(host.enrolled_at),
        Presence::Online | Presence::Goodbye { .. } => host.last_heard_at,
    };
    since.is_some_and(|since| now.duration_since(since) >= MISSING_AFTER)
}

fn of_declared(ground: &Ground<'_>, ci: &Ci) -> Option<Covered> {
    let CiClass::Declared(_) = ci.declared.class else { return None };
    Some(Covered {
        item: Some(ci.declared.item),
        host: None,
        site: ci.declared.site,
        class: ci.declared.class,
        name: ci.name().to_owned(),
        standing: standing(ground, ci.declared.state),
    })
}

fn standing(ground: &Ground<'_>, state: LifeState) -> Standing {
    if !state.is_in_service() {
        return Standing::NotInService;
    }
    let Some(contract) = ground.contract else { return Standing::NoContract };
    match (entitlement::in_force(contract, ground.now), state) {
        (true, LifeState::Missing) => Standing::Missing,
        (true, _) => Standing::Covered,
        (false, _) if entitlement::has_ended(contract, ground.now) => Standing::ContractEnded,
        (false, _) => Standing::ContractNotStarted,
    }
}

fn strangers(ground: &Ground<'_>, hosts: &HashMap<HostId, &Host>) -> Vec<Stranger> {
    let known = known_macs(ground);
    let mut found: BTreeMap<(SiteId, String), Stranger> = BTreeMap::new();
    for item in ground.items.iter().filter(|item| item.class == Class::Neighbour && item.gone_at.is_none()) {
        let (Some(host), Some(mac)) = (hosts.get(&item.host), text(item, "mac").and_then(one_device)) else { continue };
        if known.contains(&mac) || host.admission == Admission::Revoked {
            continue;
        }
        let stranger = found.entry((host.site, mac.clone())).or_insert_with(|| Stranger {
            site: host.site,
            made_up: first_byte(&mac) & 2 != 0,
            mac,
            addresses: Vec::new(),
            router: false,
            seen_by: Vec::new(),
        });
        stranger.router |= item.fields.get("router") == Some(&Value::Flag(true));
        tell(&mut stranger.addresses, text(item, "address").unwrap_or_default());
        tell(&mut stranger.seen_by, &host.name);
    }
    let mut found: Vec<Stranger> = found.into_values().collect();
    found.sort_by(|a, b| (a.site, !a.router, &a.addresses).cmp(&(b.site, !b.router, &b.addresses)));
    found
}

/// Every hardware address that an item of the customer has, or had.
fn known_macs(ground: &Ground<'_>) -> HashSet<String> {
    let mut known = HashSet::new();
    for item in ground.items.iter().filter(|item| item.class != Class::Neighbour) {
        for field in ["mac", "permanent_mac", "macs"] {
            match item.fields.get(field) {
                Some(Value::Text(text)) => known.extend(mac_addresses(text)),
                Some(Value::List(texts)) => known.extend(texts.iter().flat_map(|text| mac_addresses(text))),
                _ => {}
            }
        }
    }
    known.extend(
        ground.declared.iter().filter_map(|ci| ci.declared.fields.get("mac")).flat_map(|text| mac_addresses(text)),
    );
    known
}

/// The address of one device; groups and nothing at all are none.
fn one_device(text: &str) -> Option<String> {
    let mac = mac_addresses(text).pop()?;
    (first_byte(&mac) & 1 == 0 && mac != "00:00:00:00:00:00").then_some(mac)
}

fn first_byte(mac: &str) -> u8 {
    u8::from_str_radix(mac.get(..2).unwrap_or_default(), 16).unwrap_or_default()
}

fn text<'a>(item: &'a Item, field: &str) -> Option<&'a str> {
    match item.fields.get(field) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn tell(texts: &mut Vec<String>, text: &str) {
    if !text.is_empty() && texts.len() < TOLD_MAX && !texts.iter().any(|other| other == text) {
        texts.push(text.to_owned());
        texts.sort();
    }
}
