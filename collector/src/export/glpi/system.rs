//! The machine as a whole, its firmware, its operating system, and what is set up on that.

use super::super::inventory::{Facts, Inventory};
use super::part::{Part, date, mebibytes};
use crate::model::Class;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

/// The machine. `name` is what its agent last called itself.
pub fn hardware(name: &str, inventory: &Inventory<'_>) -> Part {
    let computer = inventory.only(Class::Computer);
    let text = |field: &str| computer.and_then(|computer| computer.text(field));
    let memory: i64 =
        inventory.each(Class::Memory).filter_map(|module| module.number("size_bytes")).fold(0, i64::saturating_add);
    let swap = inventory.each(Class::Memory).find_map(|memory| memory.number("swap_bytes"));
    let mut servers: Vec<&str> =
        inventory.each(Class::Interface).flat_map(|one| one.list("name_servers")).map(String::as_str).collect();
    servers.sort_unstable();
    servers.dedup();
    Part::default()
        .text("name", text("hostname").or(Some(name)).filter(|name| !name.is_empty()))
        .text("uuid", text("uuid"))
        .text("chassis_type", text("chassis_type"))
        .text("vmsystem", computer.map(|computer| virtual_system(computer.text("virtualization"))))
        .number("memory", mebibytes(Some(memory).filter(|bytes| *bytes > 0)))
        .number("swap", mebibytes(swap))
        .text("defaultgateway", inventory.each(Class::Interface).find_map(|one| one.text("gateway")))
        .text("dns", Some(servers.join("/")).filter(|servers| !servers.is_empty()))
}

/// GLPI's word for what a machine runs in; a machine that names nothing runs on metal.
fn virtual_system(virtualization: Option<&str>) -> &str {
    match virtualization {
        None => "Physical",
        Some("kvm") => "KVM",
        Some("vmware") => "VMware",
        Some("hyperv") => "Hyper-V",
        Some("xen") => "Xen",
        Some(other) => other,
    }
}

/// Every serial apart, as in the CMDB.
pub fn bios(inventory: &Inventory<'_>) -> Part {
    let Some(computer) = inventory.only(Class::Computer) else { return Part::default() };
    let secure_boot = match (computer.text("secure_boot"), computer.text("firmware_kind")) {
        (Some("on"), _) => Some("enabled"),
        (Some("off"), _) => Some("disabled"),
        (_, Some("bios")) => Some("unsupported"),
        _ => None,
    };
    Part::default()
        .text("smanufacturer", computer.text("manufacturer"))
        .text("smodel", computer.text("product"))
        .text("ssn", computer.text("serial"))
        .text("skunumber", computer.text("sku"))
        .text("assettag", computer.text("asset_tag"))
        .text("mmanufacturer", computer.text("board_manufacturer"))
        .text("mmodel", computer.text("board_product"))
        .text("msn", computer.text("board_serial"))
        .text("enclosureserial", computer.text("chassis_serial"))
        .text("bmanufacturer", computer.text("bios_vendor"))
        .text("bversion", computer.text("bios_version"))
        .text("bdate", date(computer.text("bios_date")))
        .text("secure_boot", secure_boot)
}

/// The operating system, with the names by which the network knows the machine.
pub fn operating_system(inventory: &Inventory<'_>, at: Timestamp) -> Part {
    let Some(system) = inventory.only(Class::OperatingSystem) else { return Part::default() };
    let fqdn = inventory.only(Class::Computer).and_then(|computer| computer.text("fqdn"));
    let domain = fqdn.and_then(|fqdn| fqdn.split_once('.')).map(|(_, domain)| domain);
    let words = [system.text("name"), system.text("version"), system.text("edition")];
    let full_name = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Part::default()
        .text("name", system.text("name"))
        .text("version", system.text("version"))
        .text("full_name", Some(full_name).filter(|name| !name.is_empty()))
        .text("arch", system.text("architecture"))
        .text("kernel_name", system.text("kernel").map(|_| kernel(system.text("id"))))
        .text("kernel_version", system.text("kernel"))
        .text("fqdn", fqdn)
        .text("dns_domain", domain.filter(|domain| !domain.is_empty()))
        .put("timezone", system.text("time_zone").and_then(|name| zone(name, at)))
}

fn kernel(id: Option<&str>) -> &'static str {
    if id == Some("windows") { "win32" } else { "linux" }
}

fn zone(name: &str, at: Timestamp) -> Option<Json> {
    let zone = TimeZone::get(name).ok()?;
    Some(json!({"name": name, "offset": at.to_zoned(zone).strftime("%z").to_string()}))
}

/// File systems. What is free is a sample and no fact.
pub fn drives(inventory: &Inventory<'_>) -> Vec<Json> {
    inventory.each(Class::Volume).filter_map(drive).collect()
}

fn drive(volume: Facts<'_>) -> Option<Json> {
    let mount = volume.text("mount")?;
    let letter = mount.get(..2).filter(|start| start.ends_with(':') && start.as_bytes()[0].is_ascii_alphabetic());
    let encryption = volume.text("encryption");
    let product = encryption.map(|kind| if kind.starts_with("luks") { "cryptsetup" } else { kind });
    Part::default()
        .text("type", Some(mount))
        .text("letter", letter)
        .text("volumn", volume.text("device"))
        .text("filesystem", volume.text("type"))
        .text("label", volume.text("label"))
        .text("serial", volume.text("uuid"))
        .number("total", mebibytes(volume.number("size_bytes")))
        .text("encrypt_name", product)
        .text("encrypt_type", encryption.map(str::to_uppercase))
        .text("encrypt_status", encryption.map(|_| "Yes"))
        .flag("systemdrive", (mount == "/").then_some(true))
        .whole()
}

/// Installed packages.
pub fn softwares(inventory: &Inventory<'_>) -> Vec<Json> {
    let software = |software: Facts<'_>| {
        Part::default()
            .text("name", software.text("name"))
            .text("version", software.text("version"))
            .text("arch", software.text("architecture"))
            .text("publisher", software.text("publisher"))
            .text("from", software.text("source"))
            .with(&["name"])
    };
    inventory.each(Class::Software).filter_map(software).collect()
}

/// Local accounts.
pub fn local_users(inventory: &Inventory<'_>) -> Vec<Json> {
    let user = |user: Facts<'_>| {
        Part::default()
            .text("id", user.number("uid").map(|uid| uid.to_string()))
            .text("login", user.text("name"))
            .text("name", user.text("name"))
            .with(&["id"])
    };
    inventory.each(Class::User).filter_map(user).collect()
}

/// Local groups and their members.
pub fn local_groups(inventory: &Inventory<'_>) -> Vec<Json> {
    let group = |group: Facts<'_>| {
        let members = group.list("members");
        Part::default()
            .text("id", group.number("gid").map(|gid| gid.to_string()))
            .text("name", group.text("name"))
            .put("members", (!members.is_empty()).then(|| json!(members)))
            .with(&["id", "name"])
    };
    inventory.each(Class::Group).filter_map(group).collect()
}
