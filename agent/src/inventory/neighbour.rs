//! Who is seen on the networks of this machine: the kernel's tables of IPv4 and IPv6 neighbours; the latter stands in no
//! file and is asked of `ip`. Containers and virtual machines of this very machine are left out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Neighbour, NeighbourSection, SectionBody, SectionKind};

use super::Section;
use super::child::Program;
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
        // A kernel without IPv6 has nobody to tell of.
        let has_v6 = root.exists("proc/net/if_inet6") || !root.is_real();
        let asked = has_v6.then(|| root.output(Program::Ip, &["-6", "neighbour", "show"], &mut notes));
        section(&arp, &asked.flatten().unwrap_or_default(), &gateways, notes)
    }
}

/// What the kernel's table alone says.
pub fn of_arp(arp: &str) -> SectionBody {
    section(arp, "", &BTreeMap::new(), Notes::default())
}

/// What `ip -6 neighbour show` alone says.
pub fn of_ip(listed: &str) -> SectionBody {
    section("", listed, &BTreeMap::new(), Notes::default())
}

fn section(arp: &str, listed: &str, gateways: &BTreeMap<String, Gateway>, mut notes: Notes) -> SectionBody {
    let mut rows: Vec<(IpAddr, Neighbour)> =
        arp.lines().filter_map(|line| neighbour(line, gateways, &mut notes)).collect();
    rows.extend(listed.lines().filter_map(|line| neighbour_v6(line, &mut notes)));
    rows.sort_by(|(a, left), (b, right)| (a, &left.interface).cmp(&(b, &right.interface)));
    let mut neighbours: Vec<Neighbour> = rows.into_iter().map(|(_, row)| row).collect();
    neighbours.dedup();
    notes.bound("neighbours", &mut neighbours, NEIGHBOURS_MAX);
    notes.into_body(Kind::Neighbour(NeighbourSection { neighbours }))
}

/// `192.0.2.1 0x1 0x2 52:54:00:aa:bb:01 * eth0`: address, hardware type, flags, hardware address, mask, interface.
fn neighbour(line: &str, gateways: &BTreeMap<String, Gateway>, notes: &mut Notes) -> Option<(IpAddr, Neighbour)> {
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
    Some((address.into(), Neighbour { address: address.to_string(), mac, interface, router }))
}

/// `fe80::1 dev eth0 lladdr 52:54:00:aa:bb:01 router REACHABLE`: the address, words with their values, flags and a state.
fn neighbour_v6(line: &str, notes: &mut Notes) -> Option<(IpAddr, Neighbour)> {
    // Those that did not answer, and those that somebody set by hand.
    const ABSENT: [&str; 4] = ["FAILED", "INCOMPLETE", "NOARP", "PERMANENT"];
    let words: Vec<&str> = line.split_ascii_whitespace().take(16).collect();
    let address: Ipv6Addr = words.first()?.parse().ok()?;
    let after = |word: &str| words.iter().skip_while(|one| **one != word).nth(1);
    let (interface, mac) = (after("dev")?, mac(after("lladdr")?)?);
    if address.is_multicast() || is_inside(interface) || words.iter().any(|word| ABSENT.contains(word)) {
        return None;
    }
    let interface = notes.text("interface", interface);
    let router = words.contains(&"router");
    Some((address.into(), Neighbour { address: address.to_string(), mac, interface, router }))
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
        let rows = rows(section(ARP, "", &gateways, Notes::default()));
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

    #[test]
    fn neighbours_by_ipv6_are_those_that_answered_with_their_routers() {
        let listed = "fe80::1 dev eth0 lladdr 52:54:00:AA:BB:01 router REACHABLE\n\
            2001:db8::9 dev eth0 lladdr 52:54:00:aa:bb:09 STALE\n\
            fd00::1 dev eth0 FAILED\n\
            fe80::2 dev docker0 lladdr 02:42:ac:11:00:02 STALE\n\
            ff02::1 dev eth0 lladdr 33:33:00:00:00:01 NOARP\n\
            nonsense dev\nfe80::3 dev\n";
        let Some(Kind::Neighbour(section)) = of_ip(listed).kind else { panic!("not a neighbour section") };
        let rows: Vec<_> =
            section.neighbours.iter().map(|row| (row.address.as_str(), row.mac.as_str(), row.router)).collect();
        assert_eq!(rows, [("2001:db8::9", "52:54:00:aa:bb:09", false), ("fe80::1", "52:54:00:aa:bb:01", true)]);
    }
}
