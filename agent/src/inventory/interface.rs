//! The network interfaces: names, hardware and network addresses, kind and gateway. Traffic is a sample, not inventory;
//! what appears and goes with each container or by privacy rules is left out.

mod ipv4;
mod link;
mod name_server;

use std::net::{IpAddr, Ipv6Addr};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Interface, InterfaceSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;
use super::route::{default_interface, gateways};
use link::{Tables, is_guest_end, link};

const INTERFACES_MAX: usize = 512;
const ADDRESSES_MAX: usize = 64;

/// The section of the network interfaces.
pub struct Interfaces;

impl Section for Interfaces {
    fn kind(&self) -> SectionKind {
        SectionKind::Interface
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut interfaces = links(root, &mut notes);
        add_addresses(root, &mut interfaces, &mut notes);
        notes.bound("interfaces", &mut interfaces, INTERFACES_MAX);
        notes.into_body(Kind::Interface(InterfaceSection { interfaces }))
    }
}

fn links(root: &Root, notes: &mut Notes) -> Vec<Interface> {
    let tables = Tables::read(root, notes);
    let names = root.names_noted("sys/class/net", notes).into_iter().filter(|name| !is_guest_end(name));
    names.filter_map(|name| link(root, &name, &tables, notes)).collect()
}

/// Addresses, gateways and name servers; the servers stand at the interface by which they are likeliest reached.
fn add_addresses(root: &Root, interfaces: &mut [Interface], notes: &mut Notes) {
    let text = |path, notes: &mut Notes| root.text(path, notes).unwrap_or_default();
    let route = text("proc/net/route", notes);
    let gateways = gateways(&route, &text("proc/net/ipv6_route", notes));
    let mut addresses = ipv4::addresses(root, &route, notes);
    for (name, address) in text("proc/net/if_inet6", notes).lines().filter_map(ipv6_address) {
        addresses.entry(name).or_default().push(address);
    }
    let name_servers = name_server::name_servers(root, notes);
    let outward = default_interface(&gateways);
    for interface in interfaces {
        interface.gateway = gateways.get(&interface.name).map(|g| g.address.to_string()).unwrap_or_default();
        interface.addresses = written(addresses.remove(&interface.name).unwrap_or_default());
        notes.bound_texts("addresses", &mut interface.addresses, ADDRESSES_MAX);
        if outward == Some(interface.name.as_str()) {
            interface.name_servers.clone_from(&name_servers);
        }
    }
}

/// `fe80…01 02 40 20 80 eth0`: address, index, prefix length, scope, flags, name; temporary and tentative ones change by themselves.
fn ipv6_address(line: &str) -> Option<(String, (IpAddr, u8))> {
    const TEMPORARY_OR_TENTATIVE: u32 = 0x01 | 0x40;
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [address, _, prefix, _, flags, name] = fields.as_slice() else {
        return None;
    };
    let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let prefix = u8::from_str_radix(prefix, 16).ok()?;
    (flags & TEMPORARY_OR_TENTATIVE == 0).then_some(((*name).to_owned(), (address.into(), prefix)))
}

fn written(mut addresses: Vec<(IpAddr, u8)>) -> Vec<String> {
    addresses.sort_unstable();
    addresses.dedup();
    addresses.iter().map(|(address, prefix)| format!("{address}/{prefix}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn kinds_speeds_and_addresses_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("eth0/addr_assign_type", "0"),
            ("eth0/type", "1"),
            ("eth0/address", "52:54:00:AA:bb:01\n"),
            ("eth0/operstate", "up"),
            ("eth0/speed", "1000"),
            ("eth0/mtu", "1500"),
            ("eth0/device/vendor", "0x1af4"),
            ("eth1/type", "1"),
            ("eth1/operstate", "down"),
            ("eth1/speed", "1000"),
            ("lo/type", "772"),
            ("lo/operstate", "unknown"),
            ("lo/flags", "0x9"),
            ("eth0.5/type", "1"),
            ("eth0.5/uevent", "DEVTYPE=vlan\nINTERFACE=eth0.5\n"),
            ("eth0.5/lower_eth0/type", "1"),
            ("br0/type", "1"),
            ("br0/bridge/stp_state", "0"),
            ("br0/brif/eth1/port_no", "0x1"),
            ("br0/brif/vnet3/port_no", "0x2"),
            ("veth12ab/type", "1"),
            ("bonding_masters", ""),
        ] {
            put(root, &format!("sys/class/net/{path}"), text);
        }
        put(
            root,
            "proc/net/if_inet6",
            "fe800000000000000000000000000001 02 40 20 80 eth0\nfd000000000000000000000000000009 02 40 00 01 eth0\n",
        );
        put(root, "etc/resolv.conf", "nameserver 192.0.2.53\n");
        let route =
            "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\neth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n";
        put(root, "proc/net/route", route);
        put(root, "proc/net/fib_trie", "Main:\n |-- 192.0.2.7\n /32 host LOCAL\n");
        let Some(Kind::Interface(section)) = Interfaces.read(&Root::at(root)).kind else {
            panic!("not an interface section")
        };
        let shown: Vec<_> =
            section.interfaces.iter().map(|i| (i.name.as_str(), i.kind.as_str(), i.up, i.speed_bits_per_s)).collect();
        let expected = [
            ("br0", "bridge", false, 0),
            ("eth0", "physical", true, 1_000_000_000),
            ("eth0.5", "vlan", false, 0),
            ("eth1", "virtual", false, 0),
            ("lo", "loopback", true, 0),
        ];
        assert_eq!(shown, expected);
        let [bridge, card, vlan, ..] = section.interfaces.as_slice() else { panic!("too few") };
        assert_eq!(bridge.members, ["eth1"]);
        assert_eq!((card.mac.as_str(), card.permanent_mac.as_str()), ("52:54:00:aa:bb:01", "52:54:00:aa:bb:01"));
        assert_eq!(card.addresses, ["192.0.2.7/24", "fe80::1/64"]);
        assert_eq!(card.gateway, "192.0.2.1");
        assert_eq!(card.name_servers, ["192.0.2.53"]);
        assert_eq!((vlan.parent.as_str(), vlan.vlan), ("eth0", 0));
    }

    #[test]
    fn broken_address_lines_are_skipped() {
        assert!(
            ["", "zz 1 2 3 4 eth0", "fe80 02 40 20 eth0", "fe80 02 400 20 80 eth0"]
                .iter()
                .all(|line| ipv6_address(line).is_none())
        );
    }
}
