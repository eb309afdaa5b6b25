//! Who is seen on the networks of this machine: the kernel's table of IPv4 neighbours. Neighbours by IPv6 stand in no
//! file and are left out; so are containers and virtual machines of this very machine.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Neighbour, NeighbourSection, SectionBody, SectionKind};

use super::Section;
use super::mac::mac;
use super::notes::Notes;
use super::root::Root;
use super::route::{Gateway, gateways};

const NEIGHBOURS_MAX: usize = 1_024;

/// The section of the neighbours.
pub struct Neighbours;

impl Section for Neighbours {
    fn kind(&self) -> SectionKind {
        SectionKind::Neighbour
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut text = |path| root.text(path, &mut notes).unwrap_or_default();
        let gateways = gateways(&text("proc/net/route"), &text("proc/net/ipv6_route"));
        let arp = text("proc/net/arp");
        section(&arp, &gateways, notes)
    }
}

/// What the kernel's table alone says.
pub fn of_arp(arp: &str) -> SectionBody {
    section(arp, &BTreeMap::new(), Notes::default())
}

fn section(arp: &str, gateways: &BTreeMap<String, Gateway>, mut notes: Notes) -> SectionBody {
    let mut rows: Vec<(Ipv4Addr, Neighbour)> =
        arp.lines().filter_map(|line| neighbour(line, gateways, &mut notes)).collect();
    rows.sort_by(|(a, left), (b, right)| (a, &left.interface).cmp(&(b, &right.interface)));
    let mut neighbours: Vec<Neighbour> = rows.into_iter().map(|(_, row)| row).collect();
    neighbours.dedup();
    notes.bound("neighbours", &mut neighbours, NEIGHBOURS_MAX);
    notes.into_body(Kind::Neighbour(NeighbourSection { neighbours }))
}

/// `192.0.2.1 0x1 0x2 52:54:00:aa:bb:01 * eth0`: address, hardware type, flags, hardware address, mask, interface.
fn neighbour(line: &str, gateways: &BTreeMap<String, Gateway>, notes: &mut Notes) -> Option<(Ipv4Addr, Neighbour)> {
    const COMPLETE: u32 = 0x2;
    let fields: Vec<&str> = line.split_ascii_whitespace().take(7).collect();
    let [address, _, flags, hardware, _, interface] = fields.as_slice() else {
        return None;
    };
    let flags = u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
    let (address, mac): (Ipv4Addr, String) = (address.parse().ok()?, mac(hardware)?);
    if flags & COMPLETE == 0 || is_inside(interface) {
        return None;
    }
    let router = gateways.get(*interface).is_some_and(|gateway| gateway.address == IpAddr::V4(address));
    let interface = notes.text("interface", interface);
    Some((address, Neighbour { address: address.to_string(), mac, interface, router }))
}

/// Interfaces behind which only this machine's own containers and virtual machines stand.
fn is_inside(interface: &str) -> bool {
    const STARTS: [&str; 11] =
        ["veth", "cali", "docker", "cni", "podman", "virbr", "lxcbr", "lxdbr", "incusbr", "flannel", "vnet"];
    // Docker names the bridges of further networks by twelve digits of their id.
    let of_docker = |rest: &str| rest.len() == 12 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    interface == "lo"
        || STARTS.iter().any(|start| interface.starts_with(start))
        || interface.strip_prefix("br-").is_some_and(of_docker)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARP: &str = "IP address       HW type     Flags       HW address            Mask     Device
192.0.2.20       0x1         0x2         52:54:00:AA:bb:14     *        eth0
192.0.2.3        0x1         0x6         52:54:00:aa:bb:03     *        eth0
192.0.2.1        0x1         0x2         52:54:00:aa:bb:01     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.10       0x1         0x0         52:54:00:aa:bb:0a     *        eth0
172.17.0.2       0x1         0x2         02:42:ac:11:00:02     *        docker0
172.18.0.2       0x1         0x2         02:42:ac:12:00:02     *        br-0123456789ab
10.0.0.7         0x20        0x2         80:00:00:48:fe:80:00:00 *        ib0\n";

    fn rows(body: SectionBody) -> Vec<Neighbour> {
        let Some(Kind::Neighbour(section)) = body.kind else { panic!("not a neighbour section") };
        section.neighbours
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn neighbours_that_answered_are_listed_and_the_gateway_is_a_router() {
        let gateways = gateways("eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n", "");
        let rows = rows(section(ARP, &gateways, Notes::default()));
        let shown: Vec<_> = rows.iter().map(|row| (row.address.as_str(), row.mac.as_str(), row.router)).collect();
        let expected = [
            ("192.0.2.1", "52:54:00:aa:bb:01", true),
            ("192.0.2.3", "52:54:00:aa:bb:03", false),
            ("192.0.2.20", "52:54:00:aa:bb:14", false),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_flood_of_neighbours_is_cut_with_a_note() {
        let flood: String =
            (0..5_000).map(|n| format!("10.0.{}.{} 0x1 0x2 52:54:00:aa:bb:01 * eth0\n", n / 250, n % 250)).collect();
        let body = of_arp(&flood);
        assert_eq!((body.notes.len(), rows(body).len()), (1, NEIGHBOURS_MAX));
    }
}
