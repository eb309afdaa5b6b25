//! IPv4 addresses by interface. The running kernel is asked; a captured tree is read from its route tables, which name
//! the networks of each interface and the machine's own addresses apart. What these do not tell together is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use wacht_proto::v1::NoteReason;

use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Own addresses that are taken from the route tables; a router's tables may hold many.
const OWN_MAX: usize = 4_096;
/// Networks that are taken from the route tables.
const NETWORKS_MAX: usize = 1_024;

/// Addresses with their prefix lengths, by interface.
pub type Addresses = BTreeMap<String, Vec<(IpAddr, u8)>>;

/// The addresses of every interface.
pub fn addresses(root: &Root, route: &str, notes: &mut Notes) -> Addresses {
    if root.is_real() {
        return of_kernel(notes);
    }
    of_tables(&root.text("proc/net/fib_trie", notes).unwrap_or_default(), route)
}

/// By way of `sysinfo`, which knows prefix lengths.
fn of_kernel(notes: &mut Notes) -> Addresses {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else {
        notes.add("ipv4 addresses", NoteReason::Failed);
        return Addresses::new();
    };
    let v4 = |data: &sysinfo::NetworkData| {
        data.ip_networks().iter().filter(|n| n.addr.is_ipv4()).map(|n| (n.addr, n.prefix)).collect()
    };
    networks.iter().map(|(name, data)| (name.to_string_lossy().into_owned(), v4(data))).collect()
}

/// A network that is reached without a gateway.
struct Network<'a> {
    interface: &'a str,
    address: u32,
    prefix: u8,
}

impl Network<'_> {
    fn holds(&self, address: Ipv4Addr) -> bool {
        let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
        address.to_bits() & mask == self.address
    }
}

/// Each own address belongs to the interface of the narrowest network that holds it; where two interfaces share that
/// network, or none has it, nothing is said.
fn of_tables(fib_trie: &str, route: &str) -> Addresses {
    let networks: Vec<Network<'_>> = route.lines().filter_map(network).take(NETWORKS_MAX).collect();
    let mut found = Addresses::new();
    for address in own_addresses(fib_trie) {
        if address.is_loopback() {
            // The loopback network has no row in the main table.
            found.entry("lo".to_owned()).or_default().push((address.into(), 8));
            continue;
        }
        let holding = || networks.iter().filter(|network| network.holds(address));
        let Some(narrowest) = holding().max_by_key(|network| network.prefix) else { continue };
        let rivals = holding().filter(|other| other.prefix == narrowest.prefix);
        if rivals.into_iter().all(|other| other.interface == narrowest.interface) {
            found.entry(narrowest.interface.to_owned()).or_default().push((address.into(), narrowest.prefix));
        }
    }
    found
}

/// `eth0 000200C0 00000000 0001 0 0 0 00FFFFFF …`: name, destination, gateway, flags, …, metric, mask.
fn network(line: &str) -> Option<Network<'_>> {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
    let [interface, destination, "00000000", _, _, _, _, mask] = fields.as_slice() else {
        return None;
    };
    // The kernel prints the address's bytes as one number of this machine.
    let number = |hex: &str| Some(u32::from_be_bytes(u32::from_str_radix(hex, 16).ok()?.to_ne_bytes()));
    let (address, mask) = (number(destination)?, number(mask)?);
    let prefix = mask.leading_ones();
    // A default route without a gateway is a tunnel's, not a network.
    (prefix > 0 && mask.trailing_zeros() == 32 - prefix).then_some(Network { interface, address, prefix: prefix as u8 })
}

/// The leaves `|-- 192.0.2.2` that are followed by `/32 host LOCAL`.
fn own_addresses(fib_trie: &str) -> BTreeSet<Ipv4Addr> {
    let mut own = BTreeSet::new();
    let mut leaf = None;
    for line in fib_trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL" && own.len() < OWN_MAX {
            own.extend(leaf);
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIE: &str = "Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.7
              /32 host LOCAL
           |-- 192.0.2.255
              /32 link BROADCAST
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 198.51.100.9
        /32 host LOCAL
     |-- 203.0.113.5
        /32 host LOCAL\n";
    const HEAD: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn an_address_belongs_to_the_narrowest_network_that_holds_it() {
        let route = format!(
            "{HEAD}eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\neth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
wg0 000000C0 00000000 0001 0 0 0 000000FF 0 0 0\ntun0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n"
        );
        let found = of_tables(TRIE, &route);
        assert_eq!(found["eth0"], [(IpAddr::from([192, 0, 2, 7]), 24)]);
        assert_eq!(found["lo"], [(IpAddr::from([127, 0, 0, 1]), 8)]);
        assert_eq!(found.len(), 2, "an address in no network is not guessed: {found:?}");
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_network_on_two_interfaces_tells_nothing() {
        let both =
            "eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\neth1 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n";
        assert_eq!(of_tables(TRIE, both).keys().collect::<Vec<_>>(), ["lo"]);
    }

    #[test]
    fn on_this_machine_the_tables_say_what_the_kernel_says() {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let mut told = of_tables(&read("/proc/net/fib_trie"), &read("/proc/net/route"));
        let mut asked = of_kernel(&mut Notes::default());
        asked.retain(|_, addresses| !addresses.is_empty());
        for addresses in told.values_mut().chain(asked.values_mut()) {
            addresses.sort_unstable();
        }
        // The tables may say less, never something else.
        for (name, addresses) in told {
            assert_eq!(asked.get(&name), Some(&addresses), "{name}");
        }
    }
}
