//! The machine itself: names, typed serials, board, chassis, BIOS and what it runs on. All of them are claims;
//! filler is dropped here. Who this machine *is* is decided by the collector.

mod boot;
mod device_tree;
mod form;
mod maker;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, SystemSection};

use super::Section;
use super::notes::Notes;
use super::placeholder::{real, real_uuid};
use super::root::Root;
use super::smbios::{Smbios, chassis_type};
use super::virtualization::{hypervisor, is_container};
use form::{Clues, form};
use maker::maker;

/// The section of the machine itself.
pub struct System;

impl Section for System {
    fn kind(&self) -> SectionKind {
        SectionKind::System
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let cpuinfo = root.text("proc/cpuinfo", &mut notes).unwrap_or_default();
        let mut system = if is_container(root) {
            // The firmware of the host is visible here, and is shared by all its containers.
            SystemSection { virtualization: "container".to_owned(), ..Default::default() }
        } else {
            let (written, family) = firmware(root, &mut notes);
            let words = [&written.manufacturer, &written.product, &written.bios_vendor, &written.version]
                .map(String::as_str)
                .join(" ");
            let virtualization = hypervisor(root, &words, &cpuinfo);
            let mut system = SystemSection { virtualization, ..without_filler(written, &family) };
            boot::read(root, &mut system, &mut notes);
            device_tree::read(root, &mut system, &mut notes);
            system
        };
        read_names(root, &mut system, &mut notes);
        notes.into_body(Kind::System(system))
    }
}

/// The section of a recorded table, as written, filler included.
pub fn of_table(table: &Smbios) -> SectionBody {
    let mut notes = Notes::default();
    let system = table.system(&mut notes);
    notes.into_body(Kind::System(system))
}

/// What the firmware says, as written, with the name of the line of products: the SMBIOS table where it may be read, else
/// the kernel's files of it.
fn firmware(root: &Root, notes: &mut Notes) -> (SystemSection, String) {
    let mut unread = Notes::default();
    if let Some(table) = Smbios::read(root, &mut unread) {
        let system = table.system(notes);
        if !system.manufacturer.is_empty() || !system.product.is_empty() || !system.board_product.is_empty() {
            return (system, table.family(notes));
        }
    }
    let family = root.value("sys/class/dmi/id/product_family").unwrap_or_default();
    (dmi_files(root, notes), notes.text("product_family", &family))
}

fn dmi_files(root: &Root, notes: &mut Notes) -> SystemSection {
    let mut value = |name: &str| {
        let path = format!("sys/class/dmi/id/{name}");
        let value = root.value_noted(&path, notes).unwrap_or_default();
        notes.text(&path, &value)
    };
    SystemSection {
        manufacturer: value("sys_vendor"),
        product: value("product_name"),
        version: value("product_version"),
        serial: value("product_serial"),
        uuid: value("product_uuid"),
        sku: value("product_sku"),
        asset_tag: value("chassis_asset_tag"),
        board_manufacturer: value("board_vendor"),
        board_product: value("board_name"),
        board_serial: value("board_serial"),
        board_version: value("board_version"),
        board_asset_tag: value("board_asset_tag"),
        chassis_manufacturer: value("chassis_vendor"),
        chassis_type: value("chassis_type").parse().map(chassis_type).unwrap_or_default().to_owned(),
        chassis_serial: value("chassis_serial"),
        bios_vendor: value("bios_vendor"),
        bios_version: value("bios_version"),
        bios_date: value("bios_date"),
        ..Default::default()
    }
}

/// Drops filler field by field; a machine whose maker left its own name blank goes by its board's.
fn without_filler(written: SystemSection, family: &str) -> SystemSection {
    let keep = |value: &str| real(value).unwrap_or_default().to_owned();
    let system = SystemSection {
        manufacturer: maker(&keep(&written.manufacturer)),
        product: keep(&written.product),
        version: keep(&written.version),
        serial: keep(&written.serial),
        uuid: real_uuid(&written.uuid).unwrap_or_default(),
        sku: keep(&written.sku),
        asset_tag: keep(&written.asset_tag),
        board_manufacturer: maker(&keep(&written.board_manufacturer)),
        board_product: keep(&written.board_product),
        board_serial: keep(&written.board_serial),
        board_version: keep(&written.board_version),
        board_asset_tag: keep(&written.board_asset_tag),
        chassis_manufacturer: maker(&keep(&written.chassis_manufacturer)),
        chassis_serial: keep(&written.chassis_serial),
        bios_vendor: keep(&written.bios_vendor),
        bios_version: keep(&written.bios_version),
        bios_date: keep(&written.bios_date),
        ..written
    };
    named(system, real(family).unwrap_or_default())
}

/// Fills what the maker left blank from what else the firmware says.
fn named(system: SystemSection, family: &str) -> SystemSection {
    let SystemSection { product, version, board_product, .. } = &system;
    // A maker's name in the place of the product says nothing about the product.
    let is_maker = product.eq_ignore_ascii_case(&system.manufacturer) && !board_product.is_empty();
    let product = match () {
        // The small board's loader writes the name of its own build in the place of the product.
        () if product == "rpi" => &system.manufacturer,
        () if !product.is_empty() && !is_maker => product,
        // Lenovo writes the type's number as the product and the name as the version.
        () if system.manufacturer.eq_ignore_ascii_case("Lenovo") && !version.is_empty() => version,
        () => board_product,
    };
    let makers = [&system.manufacturer, &system.board_manufacturer, &system.chassis_manufacturer];
    let clues = Clues {
        code: &system.chassis_type,
        names: [product, version, &system.sku, family].join(" / "),
        board: board_product,
        manufacturer: &system.manufacturer,
        bios_vendor: &system.bios_vendor,
    };
    let chassis_type = form(&clues).to_owned();
    let manufacturer = makers.into_iter().find(|maker| !maker.is_empty()).cloned().unwrap_or_default();
    let product = product.clone();
    SystemSection { chassis_type, product, manufacturer, ..system }
}

fn read_names(root: &Root, system: &mut SystemSection, notes: &mut Notes) {
    let hostname = root.value("proc/sys/kernel/hostname").or_else(|| root.value("etc/hostname")).unwrap_or_default();
    let hosts = root.text("etc/hosts", notes).unwrap_or_default();
    let machine_id = root.value("etc/machine-id").or_else(|| root.value("var/lib/dbus/machine-id")).unwrap_or_default();
    system.fqdn = notes.text("fqdn", fqdn(&hostname, &hosts));
    system.hostname = notes.text("hostname", &hostname);
    let usable = machine_id.len() == 32 && machine_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    system.machine_id = if usable { machine_id.to_lowercase() } else { String::new() };
}

/// The full name, from the name itself or from the hosts file; the network is not asked.
fn fqdn<'a>(hostname: &'a str, hosts: &'a str) -> &'a str {
    if hostname.contains('.') {
        return hostname;
    }
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut names = lines.filter_map(|line| {
        let names: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
        let full = *names.first()?;
        let ours = names.contains(&hostname) || full.split('.').next() == Some(hostname);
        (ours && full.contains('.') && !full.starts_with("localhost.")).then_some(full)
    });
    names.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn written(product: &str, board: &str) -> SystemSection {
        SystemSection {
            manufacturer: "Maker".into(),
            product: product.into(),
            board_product: board.into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_nameless_machine_goes_by_its_board() {
        let product = |written: SystemSection| without_filler(written, "").product;
        assert_eq!(product(written("To Be Filled By O.E.M.", "Z370 Pro4")), "Z370 Pro4");
        assert_eq!(product(written("PowerEdge R740", "0923K0")), "PowerEdge R740");
        assert_eq!(product(written("maker", "H55")), "H55");
        assert_eq!(product(written("Default string", "Default string")), "");
        let lenovo =
            SystemSection { manufacturer: "LENOVO".into(), version: "V560".into(), ..written("INVALID", "Board") };
        assert_eq!(product(lenovo), "V560");
    }

    #[test]
    fn the_kernels_files_fill_every_typed_field() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("sys/class/dmi/id");
        fs::create_dir_all(&id).unwrap();
        let files = [
            ("product_name", "Model 5"),
            ("product_serial", "S-77"),
            ("board_serial", "0123456789"),
            ("chassis_type", "23"),
        ];
        for (name, text) in files {
            fs::write(id.join(name), format!("{text}\n")).unwrap();
        }
        fs::write(id.join("product_uuid"), "B26849EF-4FB0-4E03-A9D1-1A165A40C8D7\n").unwrap();
        let Some(Kind::System(system)) = System.read(&Root::at(folder.path())).kind else {
            panic!("not a system section")
        };
        assert_eq!(
            (system.product.as_str(), system.serial.as_str(), system.board_serial.as_str()),
            ("Model 5", "S-77", "")
        );
        assert_eq!(system.chassis_type, "Rack Mount Chassis");
        assert_eq!(system.uuid, "b26849ef-4fb0-4e03-a9d1-1a165a40c8d7");
        assert_eq!(system.virtualization, "");
    }

    #[test]
    fn the_hosts_file_gives_the_full_name() {
        let hosts = "127.0.0.1 localhost.localdomain localhost\n127.0.1.1 web1.example.net web1 # ours\n";
        assert_eq!(fqdn("web1", hosts), "web1.example.net");
        assert_eq!(fqdn("web1.example.org", hosts), "web1.example.org");
        assert_eq!(fqdn("db1", hosts), "");
    }
}
