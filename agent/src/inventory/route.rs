//! Parses the kernel's route tables for one fact: by which interface the default gateway is reached.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A default gateway. Gateways compare by preference: the lower metric goes first, and IPv4 before IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gateway {
    metric: u64,
    /// Where it is reached.
    pub address: IpAddr,
}

/// The preferred default gateway of each interface.
pub fn gateways(route: &str, ipv6_route: &str) -> BTreeMap<String, Gateway> {
    let mut best: BTreeMap<String, Gateway> = BTreeMap::new();
    for (name, gateway) in route.lines().filter_map(default_v4).chain(ipv6_route.lines().filter_map(default_v6)) {
        let known = best.entry(name).or_insert(gateway);
        *known = (*known).min(gateway);
    }
    best
}

/// The interface by which the machine leaves for everywhere.
pub fn default_interface(gateways: &BTreeMap<String, Gateway>) -> Option<&str> {
    gateways.iter().min_by_key(|(_, gateway)| **gateway).map(|(name, _)| name.as_str())
}

/// `eth0 00000000 010200C0 0003 0 0 100 00000000 …`: name, destination, gateway, flags, …, metric, mask.
fn default_v4(line: &str) -> Option<(String, Gateway)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [name, "00000000", gateway, _, _, _, metric, "00000000", ..] = fields.as_slice() else {
        return None;
    };
    // The kernel prints the address's bytes as one number of this machine.
    let address = Ipv4Addr::from(u32::from_str_radix(gateway, 16).ok()?.to_ne_bytes());
    let gateway = Gateway { metric: metric.parse::<u32>().ok()?.into(), address: address.into() };
    (!address.is_unspecified()).then_some(((*name).to_owned(), gateway))
}

/// `0…0 00 0…0 00 fe80…01 00000400 … eth0`: destination, its length, source, its length, gateway, metric, …, name.
fn default_v6(line: &str) -> Option<(String, Gateway)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [destination, "00", _, _, gateway, metric, _, _, _, name] = fields.as_slice() else {
        return None;
    };
    let address = Ipv6Addr::from(u128::from_str_radix(gateway, 16).ok()?);
    let default = destination.bytes().all(|byte| byte == b'0') && !address.is_unspecified() && *name != "lo";
    // Any IPv4 route is preferred to every IPv6 one.
    let metric = u64::from(u32::from_str_radix(metric, 16).ok()?) + (1 << 32);
    default.then_some(((*name).to_owned(), Gateway { metric, address: address.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_route_with_the_lowest_metric_wins() {
        let route = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 FE0200C0 0003 0 0 200 00000000 0 0 0
eth0 00000000 010200C0 0003 0 0 100 00000000 0 0 0
eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
wg0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n";
        let gateways = gateways(route, "");
        assert_eq!(gateways.len(), 1);
        assert_eq!(gateways["eth0"].address.to_string(), "192.0.2.1");
    }

    #[test]
    fn an_ipv6_gateway_serves_where_there_is_no_other() {
        let zero = "0".repeat(32);
        let line =
            format!("{zero} 00 {zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 eth1\n");
        let found = gateways("wlan0 00000000 010200C0 0003 0 0 600 00000000 0 0 0\n", &line);
        assert_eq!(found["eth1"].address.to_string(), "fe80::1");
        assert_eq!(default_interface(&found), Some("wlan0"));
        assert!(gateways("x y", "z").is_empty());
    }
}
