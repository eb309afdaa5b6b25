//! A host as a CycloneDX 1.6 bill of materials: the machine, its operating system and firmware, its packages and
//! container images. The same state gives the same bytes, serial number included. Hardware and services are not in it.

use super::inventory::{Facts, Inventory};
use crate::model::{Class, HostRow, Item};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The document. `changed_at` is when the newest change of the host was seen: the moment of the state that is shown.
pub fn cyclonedx(row: &HostRow, items: &[Item], changed_at: Option<Timestamp>) -> Json {
    let inventory = Inventory::of(items);
    let machine = machine(row, &inventory);
    let components = components(&inventory);
    let serial = serial(&json!([machine, components]));
    let mut metadata = json!({
        "lifecycles": [{"phase": "operations"}],
        "tools": {"components": [{"type": "application", "name": "Wacht", "version": env!("CARGO_PKG_VERSION")}]},
        "component": machine,
    });
    if let Some(at) = changed_at {
        metadata["timestamp"] = Json::from(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{serial}"),
        "version": 1,
        "metadata": metadata,
        "components": components,
        // Programs that no package manager knows are not seen, and the file says so.
        "compositions": [{"aggregate": "incomplete", "assemblies": [row.host.id.to_string()]}],
    })
}

/// An id of the content: another state is another bill.
fn serial(content: &Json) -> Uuid {
    let digest = ring::digest::digest(&ring::digest::SHA256, content.to_string().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn machine(row: &HostRow, inventory: &Inventory<'_>) -> Json {
    let mut machine = component("device", &row.host.id.to_string(), &row.host.name);
    if let Some(computer) = inventory.only(Class::Computer) {
        if let Some(name) = computer.text("manufacturer") {
            machine.insert("manufacturer".to_owned(), json!({"name": name}));
        }
        properties(&mut machine, computer, &["product", "serial", "uuid", "asset_tag"]);
    }
    Json::Object(machine)
}

fn components(inventory: &Inventory<'_>) -> Vec<Json> {
    let systems = inventory.items(Class::OperatingSystem).map(operating_system);
    let firmware = inventory.items(Class::Computer).filter_map(firmware);
    let packages = inventory.items(Class::Software).map(package);
    let images = inventory.items(Class::Container).filter_map(image);
    systems.chain(firmware).chain(packages).chain(images).map(Json::Object).collect()
}

fn operating_system(item: &Item) -> Map<String, Json> {
    let facts = Facts::of(item);
    let mut system = component("operating-system", &item.id.to_string(), name(item));
    texts(&mut system, &[("version", facts.text("version"))]);
    properties(&mut system, facts, &["id", "kernel", "architecture", "codename", "support_end"]);
    system
}

fn firmware(computer: &Item) -> Option<Map<String, Json>> {
    let facts = Facts::of(computer);
    let version = facts.text("bios_version")?;
    let kind = if facts.text("firmware_kind") == Some("uefi") { "UEFI" } else { "BIOS" };
    let mut firmware = component("firmware", &format!("{}/firmware", computer.id), kind);
    texts(&mut firmware, &[("version", Some(version)), ("publisher", facts.text("bios_vendor"))]);
    properties(&mut firmware, facts, &["bios_date"]);
    Some(firmware)
}

fn package(item: &Item) -> Map<String, Json> {
    let facts = Facts::of(item);
    // What brings its own libraries along stands by itself; packages of a distribution are parts of it.
    let kind = if matches!(facts.text("source"), Some("dpkg" | "rpm")) { "library" } else { "application" };
    let mut package = component(kind, &item.id.to_string(), name(item));
    let purl = facts.text("purl").filter(|purl| purl.starts_with("pkg:"));
    texts(&mut package, &[("version", facts.text("version")), ("publisher", facts.text("publisher")), ("purl", purl)]);
    properties(&mut package, facts, &["source", "architecture"]);
    package
}

fn image(item: &Item) -> Option<Map<String, Json>> {
    let facts = Facts::of(item);
    let mut image = component("container", &item.id.to_string(), facts.text("image")?);
    properties(&mut image, facts, &["name", "engine"]);
    Some(image)
}

fn name(item: &Item) -> &str {
    if item.name.is_empty() { &item.key } else { &item.name }
}

fn component(kind: &str, reference: &str, name: &str) -> Map<String, Json> {
    let fields = [("type", kind), ("bom-ref", reference), ("name", name)];
    fields.into_iter().map(|(field, text)| (field.to_owned(), Json::from(text))).collect()
}

fn texts(component: &mut Map<String, Json>, texts: &[(&str, Option<&str>)]) {
    let known = texts.iter().filter_map(|(field, text)| Some(((*field).to_owned(), Json::from((*text)?))));
    component.extend(known);
}

/// Facts that the format has no field for, under our own namespace.
fn properties(component: &mut Map<String, Json>, facts: Facts<'_>, fields: &[&str]) {
    let known = fields.iter().filter_map(|field| Some((field, facts.text(field)?)));
    let list: Vec<Json> = known.map(|(field, text)| json!({"name": format!("wacht:{field}"), "value": text})).collect();
    if !list.is_empty() {
        component.insert("properties".to_owned(), Json::Array(list));
    }
}
