//! By what this machine can be known again when it enrols: the identifying values of the sections that it sends later
//! anyway, picked and never judged. Filler, byte orders and who this machine *is* are the collector's matter.

use super::root::Root;
use super::{read_guarded, registry};
use serde::Serialize;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{DiskSection, InterfaceSection, SectionKind, SystemSection};

/// Built-in disks and cards that are told; the request for an identity has a bound.
const DISKS_MAX: usize = 8;
const CARDS_MAX: usize = 16;
/// No honest value is longer.
const CHARS_MAX: usize = 128;

/// The values, each a claim; what is absent is empty.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    /// SMBIOS UUID.
    pub uuid: String,
    /// System serial.
    pub serial: String,
    /// Board serial.
    pub board_serial: String,
    /// Chassis serial.
    pub chassis_serial: String,
    /// Model.
    pub product: String,
    /// Board's model.
    pub board_product: String,
    /// Addresses of cards that are part of the machine, burnt-in ones where known.
    pub macs: Vec<String>,
    /// Id of the installed system.
    pub machine_id: String,
    /// Serials of disks that are part of the machine, by the kernel's order.
    pub disk_serials: Vec<String>,
    /// A container: what it sees of firmware and disks is its host's, and is left out.
    pub container: bool,
}

/// The fingerprint of the machine below `root`.
pub fn fingerprint(root: &Root) -> Fingerprint {
    let mut found = Fingerprint::default();
    let wanted = |kind| matches!(kind, SectionKind::System | SectionKind::Disk | SectionKind::Interface);
    for section in registry().iter().filter(|section| wanted(section.kind())) {
        match read_guarded(*section, root).kind {
            Some(Kind::System(system)) => found.take_system(system),
            Some(Kind::Disk(disks)) => found.take_disks(disks),
            Some(Kind::Interface(cards)) => found.take_cards(root, cards),
            _ => {}
        }
    }
    if found.container {
        // A container that may look at /sys sees the disks of the machine below it.
        found.disk_serials.clear();
    }
    found
}

impl Fingerprint {
    fn take_system(&mut self, system: SystemSection) {
        self.container = system.virtualization == "container";
        self.machine_id = bounded(system.machine_id);
        if !self.container {
            self.uuid = bounded(system.uuid);
            self.serial = bounded(system.serial);
            self.board_serial = bounded(system.board_serial);
            self.chassis_serial = bounded(system.chassis_serial);
            self.product = bounded(system.product);
            self.board_product = bounded(system.board_product);
        }
    }

    fn take_disks(&mut self, section: DiskSection) {
        let built_in = section.disks.into_iter().filter(|disk| !disk.removable && disk.bus != "usb");
        let serials = built_in.map(|disk| bounded(disk.serial)).filter(|serial| !serial.is_empty());
        self.disk_serials = serials.take(DISKS_MAX).collect();
    }

    fn take_cards(&mut self, root: &Root, section: InterfaceSection) {
        let own = section
            .interfaces
            .into_iter()
            .filter(|card| matches!(card.kind.as_str(), "physical" | "wireless") && !is_plugged_in(root, &card.name));
        let macs = own.map(|card| if card.permanent_mac.is_empty() { card.mac } else { card.permanent_mac });
        self.macs = macs.map(bounded).filter(|mac| !mac.is_empty()).take(CARDS_MAX).collect();
    }
}

/// Adapters and docks go from one machine to the next.
fn is_plugged_in(root: &Root, name: &str) -> bool {
    let bus = root.link(&format!("sys/class/net/{name}/device/subsystem"));
    bus.is_some_and(|bus| bus.rsplit('/').next() == Some("usb"))
}

fn bounded(text: String) -> String {
    if text.chars().count() <= CHARS_MAX { text } else { text.chars().take(CHARS_MAX).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn card(root: &Path, name: &str, mac: &str, bus: &str) {
        let device = root.join("devices").join(name);
        fs::create_dir_all(&device).unwrap();
        symlink(format!("../../bus/{bus}"), device.join("subsystem")).unwrap();
        put(root, &format!("sys/class/net/{name}/address"), mac);
        put(root, &format!("sys/class/net/{name}/type"), "1\n");
        symlink(format!("../../../../devices/{name}"), root.join(format!("sys/class/net/{name}/device"))).unwrap();
    }

    fn machine() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "sys/class/dmi/id/sys_vendor", "HP\n");
        put(root, "sys/class/dmi/id/product_name", "EliteDesk 800 G4\n");
        put(root, "sys/class/dmi/id/product_serial", "CZC1234567\n");
        put(root, "sys/class/dmi/id/product_uuid", "564d1a2b-3c4d-5e6f-8899-aabbccddeeff\n");
        put(root, "etc/machine-id", "0f1e2d3c4b5a69788796a5b4c3d2e1f0\n");
        card(root, "eth0", "3c:52:82:10:20:30\n", "pci");
        card(root, "eth1", "3c:52:82:10:20:31\n", "usb");
        folder
    }

    #[test]
    fn the_machine_is_told_and_what_is_plugged_in_is_not() {
        let folder = machine();
        let found = fingerprint(&Root::at(folder.path()));
        assert_eq!((found.serial.as_str(), found.product.as_str()), ("CZC1234567", "EliteDesk 800 G4"));
        assert_eq!(found.uuid, "564d1a2b-3c4d-5e6f-8899-aabbccddeeff");
        assert_eq!(found.machine_id, "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
        assert_eq!(found.macs, ["3c:52:82:10:20:30"]);
        assert!(!found.container);
    }

    #[test]
    fn an_address_that_a_card_wears_by_chance_tells_nothing() {
        let folder = machine();
        put(folder.path(), "sys/class/net/eth0/addr_assign_type", "3\n");
        assert!(fingerprint(&Root::at(folder.path())).macs.is_empty());
    }

    #[test]
    fn a_container_tells_nothing_of_the_machine_below_it() {
        let folder = machine();
        put(folder.path(), ".dockerenv", "");
        let found = fingerprint(&Root::at(folder.path()));
        let told = (found.uuid.as_str(), found.serial.as_str(), found.disk_serials.len(), found.container);
        assert_eq!(told, ("", "", 0, true));
        assert_eq!(found.machine_id, "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    }

    #[test]
    fn a_machine_that_says_nothing_gives_an_empty_fingerprint_and_an_endless_value_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fingerprint(&Root::at(folder.path())), Fingerprint::default());
        assert_eq!(bounded("é".repeat(1_000)).chars().count(), CHARS_MAX);
    }
}
