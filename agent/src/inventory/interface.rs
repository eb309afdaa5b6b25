//! Network interfaces: hardware address, addresses, kind, default gateway. Traffic is a sample, not a fact.

use super::text::{bound, name};
use super::{Root, Section};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Interface as Port, InterfaceSection, SectionBody, SectionKind};

const INTERFACES_MAX: usize = 512;
const ADDRESSES_MAX: usize = 64;

/// The section.
pub struct Interface;

impl Section for Interface {
    fn kind(&self) -> SectionKind {
        SectionKind::Interface
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let addresses = if root.is_real() { addresses() } else { BTreeMap::new() };
        let gateways = gateways(&root.text("proc/net/route").unwrap_or_default());
        // One end of a container's pair comes and goes with the container.
        let names = root.names("sys/class/net").into_iter().filter(|name| !name.starts_with("veth"));
        let mut interfaces: Vec<_> = names
            .filter(|interface| root.path(format!("sys/class/net/{interface}/address")).exists())
            .map(|interface| port(root, &interface, &addresses, &gateways))
            .collect();
        bound(&mut interfaces, INTERFACES_MAX, "interfaces", &mut notes);
        SectionBody { kind: Some(Kind::Interface(InterfaceSection { interfaces })), notes }
    }
}

fn port(root: &Root, interface: &str, addresses: &BTreeMap<String, Vec<String>>, gateways: &BTreeMap<String, String>) -> Port {
    let line = |file: &str| root.line(format!("sys/class/net/{interface}/{file}"));
    let mac = line("address").to_lowercase();
    // A tunnel that is up says "unknown".
    let up = matches!(line("operstate").as_str(), "up" | "unknown");
    let speed_mbit: u64 = line("speed").parse().unwrap_or(0);
    Port {
        name: name(interface),
        mac: if mac == "00:00:00:00:00:00" { String::new() } else { name(&mac) },
        addresses: addresses.get(interface).cloned().unwrap_or_default(),
        mtu: line("mtu").parse().unwrap_or(0),
        speed_bits_per_s: speed_mbit.saturating_mul(1_000_000),
        up,
        kind: kind(root, interface).to_owned(),
        gateway: gateways.get(interface).cloned().unwrap_or_default(),
    }
}

fn kind(root: &Root, interface: &str) -> &'static str {
    let has = |part: &str| root.path(format!("sys/class/net/{interface}/{part}")).exists();
    match interface {
        "lo" => "loopback",
        _ if has("bonding") => "bond",
        _ if has("bridge") => "bridge",
        _ if has("wireless") || has("phy80211") => "wireless",
        _ if root.path(format!("proc/net/vlan/{interface}")).exists() => "vlan",
        _ if has("device") => "physical",
        _ => "virtual",
    }
}

/// Addresses with prefix length by interface, sorted; addresses that change by themselves (link-local) are left out.
fn addresses() -> BTreeMap<String, Vec<String>> {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else { return BTreeMap::new() };
    let mut by_interface = BTreeMap::new();
    for (interface, network) in &networks {
        let mut list: Vec<String> = network
            .ip_networks()
            .iter()
            .filter(|network| !matches!(network.addr, std::net::IpAddr::V6(address) if address.is_unicast_link_local()))
            .map(|network| format!("{}/{}", network.addr, network.prefix))
            .collect();
        list.sort();
        list.dedup();
        list.truncate(ADDRESSES_MAX);
        by_interface.insert(interface.to_string_lossy().into_owned(), list);
    }
    by_interface
}

/// Default gateways of `/proc/net/route` by interface.
fn gateways(table: &str) -> BTreeMap<String, String> {
    let gateway = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [interface, "00000000", gateway, ..] = words[..] else { return None };
        let number = u32::from_str_radix(gateway, 16).ok().filter(|number| *number != 0)?;
        Some((interface.to_owned(), Ipv4Addr::from(number.swap_bytes()).to_string()))
    };
    table.lines().filter_map(gateway).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_gateway_is_read_in_its_byte_order() {
        let table = "Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\t0003\neth1\t0001A8C0\t00000000\n";
        assert_eq!(gateways(table), BTreeMap::from([("eth0".to_owned(), "192.168.1.1".to_owned())]));
        assert!(gateways("x\t00000000\tnonsense\n").is_empty());
    }
}
