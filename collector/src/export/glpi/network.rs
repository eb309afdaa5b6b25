//! Network interfaces: one row an address, all with the interface's own facts, as GLPI reads them.

use super::super::inventory::{Facts, Inventory};
use super::part::{Part, mac};
use crate::model::Class;
use serde_json::Value as Json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Every interface; one without an address has one row.
pub fn networks(inventory: &Inventory<'_>) -> Vec<Json> {
    inventory.each(Class::Interface).flat_map(rows).collect()
}

fn rows(interface: Facts<'_>) -> Vec<Json> {
    let card = card(interface);
    let gateway: Option<IpAddr> = interface.text("gateway").and_then(|gateway| gateway.parse().ok());
    let addresses = interface.list("addresses").iter().filter_map(|text| address(text));
    let rows: Vec<Part> = addresses.map(|one| addressed(card.clone(), one, gateway)).collect();
    let rows = if rows.is_empty() { vec![card] } else { rows };
    rows.into_iter().filter_map(|row| row.with(&["description"])).collect()
}

fn card(interface: Facts<'_>) -> Part {
    let members = interface.list("members");
    let kind = interface.text("kind");
    Part::default()
        .text("description", interface.text("name"))
        .text("mac", mac(interface.text("mac")))
        .text("status", interface.flag("up").map(|up| if up { "up" } else { "down" }))
        .text("type", kind.and_then(kind_of))
        .flag("virtualdev", kind.map(|kind| !matches!(kind, "physical" | "wireless")))
        .text("speed", interface.number("speed_bits_per_s").map(|speed| (speed / 1_000_000).to_string()))
        .number("mtu", interface.number("mtu"))
        .text("driver", interface.text("driver"))
        .text("base", interface.text("parent"))
        .text("slaves", (!members.is_empty()).then(|| members.join(",")))
}

/// GLPI's word for a kind; it has none for virtual interfaces and VLANs.
fn kind_of(kind: &str) -> Option<&'static str> {
    match kind {
        "physical" => Some("ethernet"),
        "wireless" => Some("wifi"),
        "bond" => Some("aggregate"),
        "bridge" => Some("bridge"),
        "loopback" => Some("loopback"),
        _ => None,
    }
}

/// Address and prefix length of `192.0.2.1/24`.
fn address(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    Some((address, prefix.and_then(|prefix| prefix.parse().ok()).filter(|prefix| *prefix <= longest)))
}

fn addressed(card: Part, (address, prefix): (IpAddr, Option<u8>), gateway: Option<IpAddr>) -> Part {
    let mask = prefix.map(|prefix| mask(address, prefix));
    let subnet = mask.map(|mask| within(address, mask).to_string());
    let mask = mask.map(|mask| mask.to_string());
    let gateway = gateway.filter(|gateway| gateway.is_ipv4() == address.is_ipv4()).map(|gateway| gateway.to_string());
    let (names, address) = match address {
        IpAddr::V4(_) => (["ipaddress", "ipmask", "ipsubnet"], address),
        IpAddr::V6(_) => (["ipaddress6", "ipmask6", "ipsubnet6"], address),
    };
    card.text(names[0], Some(address.to_string()))
        .text(names[1], mask)
        .text(names[2], subnet)
        .text("ipgateway", gateway)
}

fn mask(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(_) => Ipv4Addr::from(u32::MAX.checked_shl(32 - prefix).unwrap_or(0)).into(),
        IpAddr::V6(_) => Ipv6Addr::from(u128::MAX.checked_shl(128 - prefix).unwrap_or(0)).into(),
    }
}

fn within(address: IpAddr, mask: IpAddr) -> IpAddr {
    match (address, mask) {
        (IpAddr::V4(address), IpAddr::V4(mask)) => Ipv4Addr::from(u32::from(address) & u32::from(mask)).into(),
        (IpAddr::V6(address), IpAddr::V6(mask)) => Ipv6Addr::from(u128::from(address) & u128::from(mask)).into(),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_networks_follow_the_prefix_from_its_shortest_to_its_longest() {
        let of = |text: &str| {
            let (address, prefix) = address(text).unwrap();
            let mask = mask(address, prefix.unwrap());
            (mask.to_string(), within(address, mask).to_string())
        };
        assert_eq!(of("192.0.2.130/25"), ("255.255.255.128".into(), "192.0.2.128".into()));
        assert_eq!(of("192.0.2.1/0"), ("0.0.0.0".into(), "0.0.0.0".into()));
        assert_eq!(of("192.0.2.1/32"), ("255.255.255.255".into(), "192.0.2.1".into()));
        assert_eq!(of("2001:db8::5/64"), ("ffff:ffff:ffff:ffff::".into(), "2001:db8::".into()));
        assert_eq!(of("2001:db8::5/0"), ("::".into(), "::".into()));
    }

    #[test]
    fn an_address_that_is_none_is_left_out() {
        assert_eq!(address("=1+1"), None);
        assert_eq!(address("192.0.2.1/99"), Some(("192.0.2.1".parse().unwrap(), None)));
    }
}
