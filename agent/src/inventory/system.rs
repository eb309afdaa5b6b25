//! The machine itself: maker, model, every serial typed and apart, firmware, name, and whether it is virtual. All of
//! it is a claim of the machine; placeholders are dropped here.

use super::smbios::{Structure, structures, table};
use super::text::{fact, name, note, uuid};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, SystemSection};

/// Enclosure types of the SMBIOS specification that say what a machine is for.
const CHASSIS: [(u8, &str); 17] = [
    (3, "desktop"), (4, "low profile desktop"), (6, "mini tower"), (7, "tower"), (8, "portable"), (9, "laptop"), (10, "notebook"),
    (13, "all in one"), (14, "sub notebook"), (17, "main server chassis"), (23, "rack mount chassis"), (28, "blade"), (30, "tablet"),
    (31, "convertible"), (32, "detachable"), (35, "mini pc"), (36, "stick pc"),
];
/// Words in maker and model of virtual machines.
const VIRTUAL: [(&str, &str); 9] = [
    ("vmware", "vmware"), ("virtualbox", "virtualbox"), ("qemu", "kvm"), ("kvm", "kvm"), ("xen", "xen"), ("virtual machine", "hyperv"),
    ("bochs", "kvm"), ("parallels", "parallels"), ("google compute engine", "kvm"),
];

/// The section.
pub struct System;

impl Section for System {
    fn kind(&self) -> SectionKind {
        SectionKind::System
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let mut system = match table(root) {
            Ok(table) => from_table(&structures(&table)),
            Err(error) => {
                notes.extend(note("smbios", &error));
                from_files(root)
            }
        };
        system.hostname = name(&root.line("proc/sys/kernel/hostname"));
        system.fqdn = fqdn(&system.hostname, &root.text("etc/hosts").unwrap_or_default());
        system.machine_id = name(&root.line("etc/machine-id"));
        system.virtualization = virtualization(root, &system);
        SectionBody { kind: Some(Kind::System(system)), notes }
    }
}

fn from_table(structures: &[Structure<'_>]) -> SystemSection {
    let mut system = SystemSection::default();
    let mut product = String::new();
    for structure in structures {
        let text = |offset| fact(&structure.string(offset));
        match structure.kind {
            0 => (system.bios_vendor, system.bios_version, system.bios_date) = (text(4), text(5), text(8)),
            1 if system.uuid.is_empty() && product.is_empty() => {
                (system.manufacturer, product, system.version, system.serial) = (text(4), text(5), text(6), text(7));
                (system.uuid, system.sku) = (uuid(&structure.uuid(8)), text(25));
            }
            2 if system.board_product.is_empty() => {
                (system.board_manufacturer, system.board_product, system.board_version, system.board_serial) =
                    (text(4), text(5), text(6), text(7));
            }
            3 if system.chassis_type.is_empty() => {
                system.chassis_type = structure.byte(5).map(chassis).unwrap_or_default();
                (system.chassis_serial, system.asset_tag) = (text(7), text(8));
            }
            _ => {}
        }
    }
    with_fallback(system, product)
}

/// Where the table needs privilege, the kernel still shows some of its fields.
fn from_files(root: &Root) -> SystemSection {
    let text = |field: &str| fact(&root.line(format!("sys/class/dmi/id/{field}")));
    let chassis_type = root.number("sys/class/dmi/id/chassis_type").and_then(|number| u8::try_from(number).ok());
    let system = SystemSection {
        manufacturer: text("sys_vendor"),
        version: text("product_version"),
        serial: text("product_serial"),
        uuid: uuid(&root.line("sys/class/dmi/id/product_uuid")),
        sku: text("product_sku"),
        board_manufacturer: text("board_vendor"),
        board_product: text("board_name"),
        board_version: text("board_version"),
        board_serial: text("board_serial"),
        chassis_type: chassis_type.map(chassis).unwrap_or_default(),
        chassis_serial: text("chassis_serial"),
        asset_tag: text("chassis_asset_tag"),
        bios_vendor: text("bios_vendor"),
        bios_version: text("bios_version"),
        bios_date: text("bios_date"),
        ..SystemSection::default()
    };
    with_fallback(system, text("product_name"))
}

/// One maker in six leaves the model out: the board's then says more.
fn with_fallback(mut system: SystemSection, product: String) -> SystemSection {
    system.product = if product.is_empty() { system.board_product.clone() } else { product };
    if system.manufacturer.is_empty() {
        system.manufacturer.clone_from(&system.board_manufacturer);
    }
    system
}

fn chassis(number: u8) -> String {
    // The highest bit says that the enclosure can be locked.
    let known = CHASSIS.iter().find(|(kind, _)| *kind == number & 0x7f);
    known.map_or_else(String::new, |(_, word)| (*word).to_owned())
}

fn fqdn(hostname: &str, hosts: &str) -> String {
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let full = lines.flat_map(|line| line.split_whitespace().skip(1)).find(|candidate| {
        candidate.strip_prefix(hostname).is_some_and(|rest| rest.starts_with('.') && !hostname.is_empty())
    });
    full.map(name).unwrap_or_default()
}

fn virtualization(root: &Root, system: &SystemSection) -> String {
    let environ = root.bytes("proc/1/environ").unwrap_or_default();
    let container = root.path("run/.containerenv").exists()
        || root.path(".dockerenv").exists()
        || environ.split(|byte| *byte == 0).any(|variable| variable.starts_with(b"container="));
    if container {
        return "container".to_owned();
    }
    let claimed = format!("{} {} {}", system.manufacturer, system.product, system.bios_vendor).to_lowercase();
    if let Some((_, kind)) = VIRTUAL.iter().find(|(word, _)| claimed.contains(word)) {
        return (*kind).to_owned();
    }
    let cpuinfo = root.text("proc/cpuinfo").unwrap_or_default();
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    let hypervisor = flags.is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    if hypervisor { "kvm".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::super::smbios::tests::structure;
    use super::*;

    #[test]
    fn a_placeholder_model_falls_back_to_the_board() {
        let mut uuid_and_more = vec![1, 2, 0, 3];
        uuid_and_more.extend([0u8; 16]);
        uuid_and_more.extend([6, 0, 0]);
        let mut table = structure(1, &uuid_and_more, &["To Be Filled By O.E.M.", "System Product Name", "Default string"]);
        table.extend(structure(2, &[1, 2, 0, 3], &["ASRock", "B450M Pro4", "M80-123"]));
        table.extend(structure(3, &[1, 0x83, 0, 0, 0], &["x"]));
        let system = from_table(&structures(&table));
        assert_eq!((system.manufacturer.as_str(), system.product.as_str()), ("ASRock", "B450M Pro4"));
        assert_eq!((system.serial.as_str(), system.uuid.as_str(), system.board_serial.as_str()), ("", "", "M80-123"));
        assert_eq!(system.chassis_type, "desktop");
    }

    #[test]
    fn without_the_table_the_kernels_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("sys/class/dmi/id");
        std::fs::create_dir_all(&id).unwrap();
        for (file, text) in [("sys_vendor", "LENOVO\n"), ("product_name", "20XW\n"), ("product_serial", "PF1\n"), ("chassis_type", "10\n")] {
            std::fs::write(id.join(file), text).unwrap();
        }
        let body = System.read(&Root::at(folder.path()));
        let Some(Kind::System(system)) = body.kind else { panic!("a system") };
        assert_eq!((system.product.as_str(), system.serial.as_str(), system.chassis_type.as_str()), ("20XW", "PF1", "notebook"));
    }

    #[test]
    fn the_full_name_stands_in_hosts() {
        assert_eq!(fqdn("srv1", "127.0.1.1 srv1.example.net srv1 # x\n"), "srv1.example.net");
        assert_eq!(fqdn("", "127.0.1.1 .example.net\n"), "");
    }
}
