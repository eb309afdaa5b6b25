//! What sysfs and the drivers' own tables say about one interface below its addresses: kind, cards, members, parent.

use std::collections::BTreeMap;

use wacht_proto::v1::Interface;

use crate::inventory::mac::mac;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const MEMBERS_MAX: usize = 64;
/// How a card came by the address that it wears (`NET_ADDR_*` of the kernel).
const BURNT_IN: u64 = 0;
const RANDOM: u64 = 1;
const CHOSEN: u64 = 3;

/// The tables in which the drivers of VLANs and bonds speak of other interfaces.
#[derive(Debug, Default)]
pub struct Tables {
    /// 802.1Q id and parent, by the interface of the VLAN.
    vlans: BTreeMap<String, (u32, String)>,
    /// Burnt-in address, by the member of a bond.
    permanent: BTreeMap<String, String>,
}

impl Tables {
    /// Reads them all.
    pub fn read(root: &Root, notes: &mut Notes) -> Self {
        let vlans = root.text("proc/net/vlan/config", notes).unwrap_or_default();
        let mut permanent = BTreeMap::new();
        for bond in root.names("proc/net/bonding") {
            permanent
                .extend(permanent_macs(&root.text(&format!("proc/net/bonding/{bond}"), notes).unwrap_or_default()));
        }
        Self { vlans: vlans.lines().filter_map(vlan).collect(), permanent }
    }
}

/// `eth0.5 | 5 | eth0`: interface, id, parent.
fn vlan(line: &str) -> Option<(String, (u32, String))> {
    let mut fields = line.split('|').map(str::trim);
    let (name, id, parent) = (fields.next()?, fields.next()?.parse().ok()?, fields.next()?);
    (id <= 4_095).then(|| (name.to_owned(), (id, parent.to_owned())))
}

/// `Slave Interface: eth0` and, below it, `Permanent HW addr: 52:54:00:aa:bb:01`.
fn permanent_macs(bond: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut member = None;
    for line in bond.lines() {
        if let Some(name) = line.strip_prefix("Slave Interface:") {
            member = Some(name.trim());
        } else if let Some(address) = line.strip_prefix("Permanent HW addr:").and_then(mac) {
            found.extend(member.map(|name| (name.to_owned(), address)));
        }
    }
    found
}

/// The interface `name` without its addresses; `None` for files such as `bonding_masters`, which stand in the same folder.
pub fn link(root: &Root, name: &str, tables: &Tables, notes: &mut Notes) -> Option<Interface> {
    let base = format!("sys/class/net/{name}");
    let kind_number = root.number(&format!("{base}/type"))?;
    let up = is_up(root, &base);
    let megabits = if up { root.number(&format!("{base}/speed")).unwrap_or(0) } else { 0 };
    let kind = kind(root, &base, kind_number, tables.vlans.contains_key(name));
    let (vlan, parent) = if kind == "vlan" { vlan_of(root, &base, tables.vlans.get(name)) } else { (0, String::new()) };
    let driver = root.link(&format!("{base}/device/driver")).unwrap_or_default();
    let permanent_mac = permanent_mac(root, &base, kind, tables.permanent.get(name));
    Some(Interface {
        name: notes.text("interface", name),
        mac: own_mac(root, &base, kind, &permanent_mac).unwrap_or_default(),
        mtu: root.number(&format!("{base}/mtu")).unwrap_or(0).min(u64::from(u32::MAX)) as u32,
        speed_bits_per_s: if megabits < u64::from(u32::MAX) { megabits * 1_000_000 } else { 0 },
        up,
        kind: kind.to_owned(),
        parent: notes.text("parent", &parent),
        members: members(root, &base, kind, notes),
        vlan,
        driver: notes.text("driver", driver.rsplit('/').next().unwrap_or_default()),
        permanent_mac,
        ..Default::default()
    })
}

fn is_up(root: &Root, base: &str) -> bool {
    let state = root.value(&format!("{base}/operstate")).unwrap_or_default();
    let flags =
        root.value(&format!("{base}/flags")).and_then(|hex| u32::from_str_radix(hex.trim_start_matches("0x"), 16).ok());
    state == "up" || (state == "unknown" && flags.unwrap_or(0) & 1 == 1)
}

fn kind(root: &Root, base: &str, kind_number: u64, is_vlan: bool) -> &'static str {
    const LOOPBACK: u64 = 772;
    let has = |name: &str| root.exists(&format!("{base}/{name}"));
    let device_type = root.value(&format!("{base}/uevent")).unwrap_or_default();
    let is_type = |name: &str| device_type.lines().any(|line| line.strip_prefix("DEVTYPE=") == Some(name));
    match () {
        () if kind_number == LOOPBACK => "loopback",
        () if has("bonding") || is_type("bond") => "bond",
        () if has("bridge") || is_type("bridge") => "bridge",
        () if is_vlan || is_type("vlan") => "vlan",
        () if has("wireless") || has("phy80211") || is_type("wlan") => "wireless",
        () if has("device") => "physical",
        () => "virtual",
    }
}

/// A member of a bond wears the bond's address; its own stands apart. What a card wears by chance, or because somebody
/// chose it while he looked for a network, changes by itself and is not its own.
fn own_mac(root: &Root, base: &str, kind: &str, permanent: &str) -> Option<String> {
    if is_card(kind) && matches!(root.number(&format!("{base}/addr_assign_type")), Some(RANDOM | CHOSEN)) {
        return Some(permanent.to_owned());
    }
    let worn = || root.value(&format!("{base}/address"));
    mac(&root.value(&format!("{base}/bonding_slave/perm_hwaddr")).or_else(worn)?)
}

fn is_card(kind: &str) -> bool {
    matches!(kind, "physical" | "wireless")
}

/// The table needs more rights than the link to the interface below.
fn vlan_of(root: &Root, base: &str, told: Option<&(u32, String)>) -> (u32, String) {
    let below = || root.names(base).iter().find_map(|name| name.strip_prefix("lower_").map(str::to_owned));
    told.cloned().unwrap_or_else(|| (0, below().unwrap_or_default()))
}

fn members(root: &Root, base: &str, kind: &str, notes: &mut Notes) -> Vec<String> {
    let names: Vec<String> = match kind {
        "bond" => {
            let slaves = root.value(&format!("{base}/bonding/slaves")).unwrap_or_default();
            slaves.split_ascii_whitespace().map(str::to_owned).collect()
        }
        "bridge" => root.names(&format!("{base}/brif")),
        _ => Vec::new(),
    };
    let lasting = names.iter().filter(|name| !is_guest_end(name));
    let mut members: Vec<String> = lasting.map(|name| notes.text("member", name)).collect();
    members.sort_unstable();
    notes.bound_texts("members", &mut members, MEMBERS_MAX);
    members
}

/// Burnt into the card, as far as this can be told from the address that it wears. A radio tells its own whatever it wears.
fn permanent_mac(root: &Root, base: &str, kind: &str, in_bond: Option<&String>) -> String {
    let told_by = |file: &str| root.value(&format!("{base}/{file}")).and_then(|text| mac(&text));
    let wears_its_own = || is_card(kind) && root.number(&format!("{base}/addr_assign_type")) == Some(BURNT_IN);
    let of_radio = || told_by("phy80211/macaddress");
    let worn = || wears_its_own().then(|| told_by("address")).flatten();
    let found = in_bond.cloned().or_else(|| told_by("bonding_slave/perm_hwaddr"));
    found.or_else(worn).or_else(of_radio).unwrap_or_default()
}

/// The machine's end of the link of a container or a virtual machine, which comes and goes with it.
pub fn is_guest_end(name: &str) -> bool {
    let numbered = |start: &str| {
        name.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // `tap100i0`, `fwbr100i0`: machine 100, card 0; a plain `tap0` is a tunnel of the machine's own.
    let of_machine = |start: &str| {
        let parts = name.strip_prefix(start).and_then(|rest| rest.split_once(['i', 'p']));
        parts.is_some_and(|(machine, card)| machine.parse::<u32>().is_ok() && card.parse::<u32>().is_ok())
    };
    name.starts_with("veth")
        || name.starts_with("cali")
        || numbered("vnet")
        || ["tap", "fwbr", "fwpr", "fwln"].into_iter().any(of_machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_vlans_and_bonds_are_read_and_nonsense_skipped() {
        let config = "VLAN Dev name | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\noffice | 20 | bond0\nx | 5000 | y\n|||\n";
        let vlans: BTreeMap<_, _> = config.lines().filter_map(vlan).collect();
        assert_eq!(vlans, BTreeMap::from([("office".to_owned(), (20, "bond0".to_owned()))]));
        let bond =
            "Bonding Mode: active-backup\nPermanent HW addr: 52:54:00:00:00:09\n\nSlave Interface: eth0\nMII Status: up
Permanent HW addr: 52:54:00:00:00:01\nSlave Interface: ib0\nPermanent HW addr: 80:00:00:48:fe:80:00:00\n";
        assert_eq!(permanent_macs(bond), BTreeMap::from([("eth0".to_owned(), "52:54:00:00:00:01".to_owned())]));
    }

    #[test]
    fn an_address_worn_by_chance_is_never_the_cards_own() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join("sys/class/net").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for (name, assigned) in [("wlan0", "3"), ("eth0", "1"), ("eth1", "0"), ("tun0", "1")] {
            put(&format!("{name}/type"), "1");
            put(&format!("{name}/address"), "52:54:00:aa:bb:01\n");
            put(&format!("{name}/addr_assign_type"), assigned);
        }
        put("wlan0/phy80211/macaddress", "3c:52:82:10:20:30\n");
        put("eth0/device/vendor", "0x1af4");
        put("eth1/device/vendor", "0x1af4");
        let told = |name: &str| {
            let link = link(&Root::at(folder.path()), name, &Tables::default(), &mut Notes::default()).unwrap();
            (link.mac, link.permanent_mac)
        };
        let pair = |mac: &str, permanent: &str| (mac.to_owned(), permanent.to_owned());
        assert_eq!(told("wlan0"), pair("3c:52:82:10:20:30", "3c:52:82:10:20:30"));
        assert_eq!(told("eth0"), pair("", ""));
        assert_eq!(told("eth1"), pair("52:54:00:aa:bb:01", "52:54:00:aa:bb:01"));
        assert_eq!(told("tun0"), pair("52:54:00:aa:bb:01", ""));
        put("wlan0/addr_assign_type", "0");
        assert_eq!(told("wlan0"), pair("52:54:00:aa:bb:01", "52:54:00:aa:bb:01"));
    }

    #[test]
    fn ends_of_guests_are_told_from_tunnels_of_the_machine() {
        for end in ["veth12ab", "cali0123", "vnet3", "tap100i0", "fwpr100p0", "fwbr7i1"] {
            assert!(is_guest_end(end), "{end}");
        }
        for own in ["tap0", "vnet", "eth0", "br0", "vmbr0", "tapestry", "vnetwork"] {
            assert!(!is_guest_end(own), "{own}");
        }
    }
}
