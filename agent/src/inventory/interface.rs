//! The network interfaces: names, hardware and network addresses, kind and gateway. Traffic is a sample, not inventory;
//! what appears and goes with each container or by privacy rules is left out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Interface, InterfaceSection, NoteReason, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;
use super::route::gateways;

const INTERFACES_MAX: usize = 512;
const ADDRESSES_MAX: usize = 64;

/// Addresses with their prefix lengths, by interface.
type Addresses = BTreeMap<String, Vec<(IpAddr, u8)>>;

/// The section of the network interfaces.
pub struct Interfaces;

impl Section for Interfaces {
    fn kind(&self) -> SectionKind {
        SectionKind::Interface
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let text = |path, notes: &mut Notes| root.text(path, notes).unwrap_or_default();
        let gateways = gateways(&text("proc/net/route", &mut notes), &text("proc/net/ipv6_route", &mut notes));
        let mut addresses = if root.is_real() { ipv4_addresses(&mut notes) } else { Addresses::new() };
        for (name, address) in text("proc/net/if_inet6", &mut notes).lines().filter_map(ipv6_address) {
            addresses.entry(name).or_default().push(address);
        }
        let names = root.names("sys/class/net").into_iter().filter(|name| !is_container_end(name));
        let mut interfaces: Vec<Interface> = names.filter_map(|name| interface(root, &name, &mut notes)).collect();
        for interface in &mut interfaces {
            interface.gateway = gateways.get(&interface.name).map(ToString::to_string).unwrap_or_default();
            interface.addresses = written(addresses.remove(&interface.name).unwrap_or_default());
            notes.bound_texts("addresses", &mut interface.addresses, ADDRESSES_MAX);
        }
        notes.bound("interfaces", &mut interfaces, INTERFACES_MAX);
        notes.into_body(Kind::Interface(InterfaceSection { interfaces }))
    }
}

/// The machine's end of a container's link: a new name at each start.
fn is_container_end(name: &str) -> bool {
    name.starts_with("veth") || name.starts_with("cali")
}

fn interface(root: &Root, name: &str, notes: &mut Notes) -> Option<Interface> {
    let base = format!("sys/class/net/{name}");
    // Files such as `bonding_masters` stand in the same folder.
    let kind_number = root.number(&format!("{base}/type"))?;
    let state = root.value(&format!("{base}/operstate")).unwrap_or_default();
    let flags =
        root.value(&format!("{base}/flags")).and_then(|hex| u32::from_str_radix(hex.trim_start_matches("0x"), 16).ok());
    let up = state == "up" || (state == "unknown" && flags.unwrap_or(0) & 1 == 1);
    let megabits = if up { root.number(&format!("{base}/speed")).unwrap_or(0) } else { 0 };
    Some(Interface {
        name: notes.text("interface", name),
        mac: mac(root, &base),
        mtu: root.number(&format!("{base}/mtu")).unwrap_or(0).min(u64::from(u32::MAX)) as u32,
        speed_bits_per_s: if megabits < u64::from(u32::MAX) { megabits * 1_000_000 } else { 0 },
        up,
        kind: kind(root, &base, kind_number).to_owned(),
        ..Default::default()
    })
}

/// A member of a bond wears the bond's address; its own stands apart.
fn mac(root: &Root, base: &str) -> String {
    let own = root.value(&format!("{base}/bonding_slave/perm_hwaddr"));
    let written = own.or_else(|| root.value(&format!("{base}/address"))).unwrap_or_default().to_lowercase();
    let is_mac = written.len() == 17 && written.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    if is_mac && written != "00:00:00:00:00:00" { written } else { String::new() }
}

fn kind(root: &Root, base: &str, kind_number: u64) -> &'static str {
    const LOOPBACK: u64 = 772;
    let has = |name: &str| root.exists(&format!("{base}/{name}"));
    let device_type = root.value(&format!("{base}/uevent")).unwrap_or_default();
    let is_type = |name: &str| device_type.lines().any(|line| line.strip_prefix("DEVTYPE=") == Some(name));
    match () {
        () if kind_number == LOOPBACK => "loopback",
        () if has("bonding") || is_type("bond") => "bond",
        () if has("bridge") || is_type("bridge") => "bridge",
        () if is_type("vlan") => "vlan",
        () if has("wireless") || has("phy80211") || is_type("wlan") => "wireless",
        () if has("device") => "physical",
        () => "virtual",
    }
}

/// From the kernel by way of `sysinfo`, which knows prefix lengths; the route tables do not tell them reliably.
fn ipv4_addresses(notes: &mut Notes) -> Addresses {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else {
        notes.add("ipv4 addresses", NoteReason::Failed);
        return Addresses::new();
    };
    let v4 = |data: &sysinfo::NetworkData| {
        data.ip_networks().iter().filter(|n| n.addr.is_ipv4()).map(|n| (n.addr, n.prefix)).collect()
    };
    networks.iter().map(|(name, data)| (name.to_string_lossy().into_owned(), v4(data))).collect()
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
    fn kinds_speeds_and_addresses_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
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
        let Some(Kind::Interface(section)) = Interfaces.read(&Root::at(root)).kind else {
            panic!("not an interface section")
        };
        let shown: Vec<_> =
            section.interfaces.iter().map(|i| (i.name.as_str(), i.kind.as_str(), i.up, i.speed_bits_per_s)).collect();
        let expected = [
            ("eth0", "physical", true, 1_000_000_000),
            ("eth0.5", "vlan", false, 0),
            ("eth1", "virtual", false, 0),
            ("lo", "loopback", true, 0),
        ];
        assert_eq!(shown, expected);
        assert_eq!(section.interfaces[0].mac, "52:54:00:aa:bb:01");
        assert_eq!(section.interfaces[0].addresses, ["fe80::1/64"]);
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
