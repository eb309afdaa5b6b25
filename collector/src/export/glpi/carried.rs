//! What the machine carries for others, what protects it, and what can control it from afar.

use super::super::inventory::{Facts, Inventory};
use super::part::{Part, date, mac, mebibytes};
use crate::model::Class;
use serde_json::Value as Json;

/// Virtual machines, then containers: GLPI keeps both in one list.
pub fn virtual_machines(inventory: &Inventory<'_>) -> Vec<Json> {
    let machines = inventory.each(Class::VirtualMachine).filter_map(machine);
    machines.chain(inventory.each(Class::Container).filter_map(container)).collect()
}

fn machine(machine: Facts<'_>) -> Option<Json> {
    let macs: Vec<&str> = machine.list("macs").iter().filter_map(|text| mac(Some(text))).collect();
    Part::default()
        .text("name", machine.text("name"))
        .text("uuid", machine.text("uuid"))
        .text("vmtype", machine.text("hypervisor"))
        .text("status", machine.text("state").and_then(status))
        .number("vcpu", machine.number("cpus"))
        .number("memory", mebibytes(machine.number("memory_bytes")))
        .text("mac", (!macs.is_empty()).then(|| macs.join("/")))
        .with(&["name"])
}

fn container(container: Facts<'_>) -> Option<Json> {
    Part::default()
        .text("name", container.text("name"))
        .text("uuid", container.text("id"))
        .text("image", container.text("image"))
        .text("vmtype", container.text("engine"))
        .text("status", container.text("state").and_then(status))
        .with(&["name"])
}

/// The schema's word for a state; none where it has none.
fn status(state: &str) -> Option<&'static str> {
    match state {
        "running" => Some("running"),
        "paused" => Some("paused"),
        "idle" => Some("idle"),
        "blocked" => Some("blocked"),
        "crashed" => Some("crashed"),
        "stopped" | "exited" | "created" | "dead" | "off" | "shut off" => Some("off"),
        _ => None,
    }
}

/// Products against malware. Whether signatures are new enough is a judgement and not told.
pub fn antivirus(inventory: &Inventory<'_>) -> Vec<Json> {
    let product = |product: Facts<'_>| {
        Part::default()
            .text("name", product.text("name"))
            .text("version", product.text("version"))
            .flag("enabled", is_active(product))
            .text("base_creation", date(product.text("signatures_date")))
            .with(&["name"])
    };
    let products = inventory.each(Class::SecurityProduct);
    products
        .filter(|one| matches!(one.text("kind"), Some("antivirus" | "endpoint_detection")))
        .filter_map(product)
        .collect()
}

/// Firewalls of which it is known whether they are on.
pub fn firewalls(inventory: &Inventory<'_>) -> Vec<Json> {
    let firewall = |firewall: Facts<'_>| {
        Part::default()
            .text("description", firewall.text("name"))
            .text("status", is_active(firewall).map(|active| if active { "on" } else { "off" }))
            .with(&["status"])
    };
    let products = inventory.each(Class::SecurityProduct);
    products.filter(|one| one.text("kind") == Some("firewall")).filter_map(firewall).collect()
}

fn is_active(product: Facts<'_>) -> Option<bool> {
    match product.text("state") {
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        _ => None,
    }
}

/// Remote tools of which the id of this machine is known; GLPI takes no others.
pub fn remote_tools(inventory: &Inventory<'_>) -> Vec<Json> {
    let tool = |tool: Facts<'_>| {
        Part::default()
            .text("id", tool.text("id"))
            .text("type", tool.text("name").map(str::to_lowercase))
            .text("version", tool.text("version"))
            .with(&["id", "type"])
    };
    inventory.each(Class::RemoteTool).filter_map(tool).collect()
}
