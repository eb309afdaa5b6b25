//! What is inside the case: processors, memory, disks, controllers, batteries.

use super::super::inventory::{Facts, Inventory};
use super::part::{Part, architecture, mebibytes, megabytes};
use crate::model::Class;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// One a socket.
pub fn cpus(inventory: &Inventory<'_>) -> Vec<Json> {
    let cpu = |cpu: Facts<'_>| {
        Part::default()
            .text("name", cpu.text("model"))
            .text("manufacturer", cpu.text("manufacturer"))
            .text("arch", architecture(cpu.text("architecture")))
            .number("core", cpu.number("cores"))
            .number("thread", cpu.number("threads"))
            .number("speed", cpu.number("speed_mhz_max"))
            .whole()
    };
    inventory.each(Class::Cpu).filter_map(cpu).collect()
}

/// One a module; memory whose modules are not known stands in `hardware` alone.
pub fn memories(inventory: &Inventory<'_>) -> Vec<Json> {
    let module = |module: Facts<'_>| {
        let slot = module.text("slot")?;
        Part::default()
            .text("caption", Some(slot))
            .number("capacity", mebibytes(module.number("size_bytes")))
            .text("type", module.text("type"))
            .text("speed", module.number("speed_mts").map(|speed| speed.to_string()))
            .text("manufacturer", module.text("manufacturer"))
            .text("model", module.text("part_number"))
            .text("serialnumber", module.text("serial"))
            .whole()
    };
    inventory.each(Class::Memory).filter_map(module).collect()
}

/// The disks that the system sees, then those that only their controller tells of.
pub fn storages(inventory: &Inventory<'_>) -> Vec<Json> {
    let seen: BTreeSet<&str> = inventory.each(Class::Disk).filter_map(|disk| disk.text("serial")).collect();
    let hidden = inventory
        .each(Class::DiskHealth)
        .filter(|disk| disk.text("serial").is_some_and(|serial| !seen.contains(serial)));
    inventory.each(Class::Disk).chain(hidden).filter_map(storage).collect()
}

fn storage(disk: Facts<'_>) -> Option<Json> {
    let bus = disk.text("bus").or(disk.text("protocol")).map(str::to_uppercase);
    Part::default()
        .text("name", disk.text("name"))
        .text("model", disk.text("model"))
        .text("serial", disk.text("serial"))
        .text("firmware", disk.text("firmware"))
        .text("wwn", disk.text("wwn"))
        .text("interface", bus.as_deref())
        .text("description", bus.as_deref())
        .number("disksize", megabytes(disk.number("size_bytes")))
        .text("type", Some("disk"))
        .whole()
}

/// Controllers that build arrays; others are not in the inventory.
pub fn controllers(inventory: &Inventory<'_>) -> Vec<Json> {
    let controller = |controller: Facts<'_>| {
        let name = controller.text("name");
        Part::default()
            .text("name", controller.text("model").or(name))
            .text("caption", controller.text("model"))
            .text("type", Some("RAID bus controller"))
            .text("model", controller.text("model"))
            .text("serial", controller.text("serial"))
            .text("driver", controller.text("driver"))
            .text("pcislot", name.filter(|name| is_pci_address(name)))
            .whole()
    };
    inventory.each(Class::Controller).filter_map(controller).collect()
}

/// `0000:02:00.0` or `02:00.0`.
fn is_pci_address(name: &str) -> bool {
    name.contains(':') && name.contains('.') && name.bytes().all(|c| c.is_ascii_hexdigit() || c == b':' || c == b'.')
}

/// Capacities in milliwatt hours.
pub fn batteries(inventory: &Inventory<'_>) -> Vec<Json> {
    let battery = |battery: Facts<'_>| {
        Part::default()
            .text("name", battery.text("model").or(battery.text("name")))
            .text("manufacturer", battery.text("manufacturer"))
            .text("serial", battery.text("serial"))
            .text("chemistry", battery.text("technology"))
            .number("capacity", battery.number("design_capacity_mwh"))
            .number("real_capacity", battery.number("full_capacity_mwh"))
            .whole()
    };
    inventory.each(Class::Battery).filter_map(battery).collect()
}
