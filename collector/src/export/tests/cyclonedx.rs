//! CycloneDX: what the format demands, and that the same state gives the same bytes.

use super::*;
use crate::export::cyclonedx;
use std::collections::BTreeSet;

#[test]
fn the_parts_of_a_host_stand_in_its_bill() {
    let bill = cyclonedx(&host(), &whole(), Some(at("2026-11-01T10:00:00.5Z")));
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    assert_eq!(bill["metadata"]["timestamp"], "2026-11-01T10:00:00Z");
    assert_eq!(bill["metadata"]["component"]["type"], "device");
    let components = bill["components"].as_array().unwrap();
    let kinds: Vec<_> = components.iter().map(|component| component["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["operating-system", "firmware", "library", "container"]);
    assert_eq!(components[2]["purl"], "pkg:deb/debian/bash@5.2?arch=amd64");
    assert_eq!(components[1]["version"], "1.3.3");
}

#[test]
fn every_reference_is_there_once() {
    let bill = cyclonedx(&host(), &hostile(), None);
    let components = bill["components"].as_array().unwrap();
    let references: BTreeSet<_> = components.iter().map(|component| component["bom-ref"].to_string()).collect();
    assert_eq!(references.len(), components.len());
    assert!(components.iter().all(|component| component["name"].as_str().is_some_and(|name| !name.is_empty())));
    assert!(components.iter().all(|component| component["purl"].is_null()), "no purl begins with a formula");
}

#[test]
fn the_serial_number_follows_the_state_and_nothing_else() {
    let serial = |items: &[Item]| cyclonedx(&host(), items, None)["serialNumber"].clone();
    let mut items = whole();
    let first = serial(&items);
    items.reverse();
    assert_eq!(serial(&items), first);
    let bash = items.iter_mut().find(|item| item.class == Class::Software).unwrap();
    bash.fields.insert("version".to_owned(), text("5.3"));
    assert_ne!(serial(&items), first);
    let uuid = first.as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
    assert!(Uuid::parse_str(uuid).is_ok());
}

#[test]
fn what_is_gone_is_in_no_bill() {
    let mut items = whole();
    for item in &mut items {
        item.gone_at = Some(at("2026-11-01T00:00:00Z"));
    }
    let bill = cyclonedx(&host(), &items, None);
    assert_eq!(bill["components"].as_array().map(Vec::len), Some(0));
}
