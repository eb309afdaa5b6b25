//! Devices that the neighbour tables of a site's hosts see and the CMDB lacks. Only what stands on the site's own
//! networks counts: no groups, no addresses that routers share, nothing behind a virtual interface, and nothing that a
//! workstation sees elsewhere, at somebody's home for one.

use super::field::mac_addresses;
use crate::model::{Admission, Ci, Class, Host, HostId, Item, Role, SiteId, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Addresses and witnesses told of one unknown device.
const TOLD_MAX: usize = 8;
/// Interfaces that stand on each other.
const STACK_MAX: usize = 4;
/// Addresses that several routers hold in turn: VRRP for both versions of IP, HSRP and GLBP.
const SHARED: &[&str] = &["00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:07:b4:00:"];

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

/// Tells them, routers first and made-up addresses last. `items` are interfaces, machines and neighbours of all hosts
/// of a customer, so that a device of one site is known at the others.
pub fn strangers(hosts: &[Host], items: &[Item], declared: &[Ci]) -> Vec<Stranger> {
    let sightings = sightings(hosts, items);
    let known = known_macs(items, declared);
    let at_site = Landmarks::new(hosts, items, &sightings);
    let by_host: HashMap<HostId, &Host> = hosts.iter().map(|host| (host.id, host)).collect();
    let mut found: BTreeMap<(SiteId, &str), Seen<'_>> = BTreeMap::new();
    for (host, seen) in &sightings {
        let Some(host) = by_host.get(host).filter(|host| at_site.holds(host, seen)) else { continue };
        for one in seen.iter().filter(|one| !known.contains(&one.mac)) {
            let device = found.entry((host.site, &one.mac)).or_default();
            device.router |= one.router;
            device.addresses.insert(one.address);
            device.witnesses.insert(&host.name);
        }
    }
    let mut found: Vec<Stranger> = found.into_iter().map(|(of, seen)| seen.told(of)).collect();
    let rank = |one: &Stranger| (one.site, !one.router, one.made_up);
    found.sort_by(|a, b| (rank(a), &a.addresses, &a.mac).cmp(&(rank(b), &b.addresses, &b.mac)));
    found
}

#[derive(Default)]
struct Seen<'a> {
    addresses: BTreeSet<&'a str>,
    router: bool,
    witnesses: BTreeSet<&'a str>,
}

impl Seen<'_> {
    fn told(self, (site, mac): (SiteId, &str)) -> Stranger {
        let some = |texts: BTreeSet<&str>| -> Vec<String> {
            texts.into_iter().filter(|text| !text.is_empty()).take(TOLD_MAX).map(str::to_owned).collect()
        };
        Stranger {
            site,
            mac: mac.to_owned(),
            addresses: some(self.addresses),
            router: self.router,
            made_up: first_byte(mac) & 2 != 0,
            seen_by: some(self.witnesses),
        }
    }
}

/// One line of a neighbour table.
struct Sighting<'a> {
    mac: String,
    address: &'a str,
    router: bool,
}

/// What each host sees on the networks that it shares with other devices.
fn sightings<'a>(hosts: &[Host], items: &'a [Item]) -> BTreeMap<HostId, Vec<Sighting<'a>>> {
    let trusted: HashSet<HostId> =
        hosts.iter().filter(|host| host.admission != Admission::Revoked).map(|host| host.id).collect();
    let mut interfaces: HashMap<HostId, Interfaces<'a>> = HashMap::new();
    for item in items.iter().filter(|item| item.class == Class::Interface && item.gone_at.is_none()) {
        interfaces.entry(item.host).or_default().0.insert(&item.name, item);
    }
    let mut found: BTreeMap<HostId, Vec<Sighting<'a>>> = BTreeMap::new();
    let present = |item: &&Item| item.class == Class::Neighbour && item.gone_at.is_none();
    for item in items.iter().filter(present).filter(|item| trusted.contains(&item.host)) {
        let by = text(item, "interface").unwrap_or_default();
        let is_inside = interfaces.get(&item.host).is_some_and(|all| all.lead_inside(by));
        let Some(mac) = text(item, "mac").and_then(one_device).filter(|_| !is_inside) else { continue };
        let router = item.fields.get("router") == Some(&Value::Flag(true));
        let address = text(item, "address").unwrap_or_default();
        found.entry(item.host).or_default().push(Sighting { mac, address, router });
    }
    found
}

/// The interfaces of one host by name.
#[derive(Default)]
struct Interfaces<'a>(HashMap<&'a str, &'a Item>);

impl Interfaces<'_> {
    /// Does it lead only to what lives on the host itself, or through a tunnel? Not when that is all that the host has,
    /// as in a container, nor when nothing is known of it.
    fn lead_inside(&self, name: &str) -> bool {
        let kind = |item: &Item| text(item, "kind").map(str::to_owned).unwrap_or_default();
        let has_card = self.0.values().any(|item| matches!(kind(item).as_str(), "physical" | "wireless"));
        has_card && self.0.contains_key(name) && !self.reaches_out(name, STACK_MAX)
    }

    fn reaches_out(&self, name: &str, depth: usize) -> bool {
        let Some(item) = self.0.get(name).filter(|_| depth > 0) else { return true };
        match text(item, "kind") {
            Some("virtual" | "loopback") => false,
            Some("bridge") => match item.fields.get("members") {
                Some(Value::List(members)) => members.iter().any(|member| self.reaches_out(member, depth - 1)),
                _ => false,
            },
            Some("vlan") => text(item, "parent").is_none_or(|parent| self.reaches_out(parent, depth - 1)),
            _ => true,
        }
    }
}

/// By what a workstation shows that it is at its site: it sees what stands there.
struct Landmarks {
    /// Seen by servers of a site.
    seen: HashSet<(SiteId, String)>,
    /// Worn by hosts of a site.
    worn: HashMap<(SiteId, String), HostId>,
}

impl Landmarks {
    fn new(hosts: &[Host], items: &[Item], sightings: &BTreeMap<HostId, Vec<Sighting<'_>>>) -> Self {
        let by_host: HashMap<HostId, &Host> = hosts.iter().map(|host| (host.id, host)).collect();
        let mut landmarks = Self { seen: HashSet::new(), worn: HashMap::new() };
        for item in items.iter().filter(|item| item.class == Class::Interface) {
            let Some(host) = by_host.get(&item.host) else { continue };
            landmarks.worn.extend(macs_of(item).into_iter().map(|mac| ((host.site, mac), host.id)));
        }
        for (host, seen) in sightings {
            let Some(host) = by_host.get(host).filter(|host| host.role == Role::Server) else { continue };
            landmarks.seen.extend(seen.iter().map(|one| (host.site, one.mac.clone())));
        }
        landmarks
    }

    /// Does what a host sees belong to its site?
    fn holds(&self, host: &Host, seen: &[Sighting<'_>]) -> bool {
        host.role == Role::Server
            || seen.iter().any(|one| {
                let key = (host.site, one.mac.clone());
                self.seen.contains(&key) || self.worn.get(&key).is_some_and(|by| *by != host.id)
            })
    }
}

/// Every hardware address that an item of the customer has, or had.
fn known_macs(items: &[Item], declared: &[Ci]) -> HashSet<String> {
    let observed = items.iter().filter(|item| item.class != Class::Neighbour).flat_map(macs_of);
    let said = declared.iter().filter_map(|ci| ci.declared.fields.get("mac")).flat_map(|text| mac_addresses(text));
    observed.chain(said).collect()
}

fn macs_of(item: &Item) -> Vec<String> {
    let of = |field: &str| match item.fields.get(field) {
        Some(Value::Text(text)) => mac_addresses(text),
        Some(Value::List(texts)) => texts.iter().flat_map(|text| mac_addresses(text)).collect(),
        _ => Vec::new(),
    };
    ["mac", "permanent_mac", "macs"].into_iter().flat_map(of).collect()
}

/// The address of one device; groups, what routers share and nothing at all are none.
fn one_device(text: &str) -> Option<String> {
    let mac = mac_addresses(text).pop()?;
    let is_shared = SHARED.iter().any(|start| mac.starts_with(start));
    (first_byte(&mac) & 1 == 0 && mac != "00:00:00:00:00:00" && !is_shared).then_some(mac)
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
