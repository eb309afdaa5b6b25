//! The words by which a host is found: names, serials, addresses and versions of its items, in lower case. It does
//! not rank and it does not search.

use crate::model::{Class, Item, Value};

const TEXT_BYTES_MAX: usize = 1_024;

/// One lower-case line for the search index, at most 1,024 bytes. Hardware addresses also stand without colons.
pub fn search_text(item: &Item) -> String {
    let mut words = vec![item.name.to_lowercase()];
    for field in fields_of(item.class) {
        match item.fields.get(*field) {
            Some(Value::Text(text)) => words.push(text.to_lowercase()),
            Some(Value::List(texts)) => words.extend(texts.iter().map(|text| text.to_lowercase())),
            _ => {}
        }
    }
    if let (Class::Interface, Some(Value::Text(mac))) = (item.class, item.fields.get("mac")) {
        words.push(mac.replace(':', ""));
    }
    let mut found: Vec<String> = Vec::new();
    for word in words {
        if !word.is_empty() && !found.contains(&word) {
            found.push(word);
        }
    }
    let mut text = found.join(" ");
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

fn fields_of(class: Class) -> &'static [&'static str] {
    match class {
        Class::Computer => &[
            "hostname",
            "fqdn",
            "manufacturer",
            "product",
            "serial",
            "board_product",
            "board_serial",
            "chassis_serial",
            "asset_tag",
            "sku",
            "uuid",
            "machine_id",
        ],
        Class::Cpu => &["model"],
        Class::Memory => &["part_number", "serial"],
        Class::Disk => &["name", "model", "serial", "wwn"],
        Class::Array => &["level"],
        Class::Volume => &["label", "uuid"],
        Class::OperatingSystem => &["version", "codename", "kernel"],
        Class::Software => &["version", "publisher"],
        Class::Interface => &["mac", "addresses"],
        Class::Service => &["description"],
        Class::DiskHealth | Class::Controller | Class::Battery => &["model", "serial"],
        Class::Neighbour => &["address", "mac"],
        Class::Port => &["process"],
        Class::Certificate => &["fingerprint", "names", "issuer"],
        Class::Container => &["image"],
        Class::VirtualMachine => &["uuid", "macs"],
        Class::Display | Class::UsbDevice => &["manufacturer", "model", "product", "serial"],
        Class::Printer => &["model", "location"],
        Class::BackupJob => &["product", "protects", "target"],
        Class::PendingUpdate => &["candidate"],
        Class::RemoteTool => &["id"],
        Class::User | Class::Group | Class::Update | Class::ScheduledJob | Class::SecurityProduct => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdb::reconcile::tests::{item, text};

    #[test]
    fn a_machine_is_found_by_its_serial_in_any_case() {
        let computer = item(Class::Computer, "computer", &[("hostname", text("SRV-01")), ("serial", text("CZ1A"))]);
        assert_eq!(search_text(&computer), "computer srv-01 cz1a");
    }

    #[test]
    fn an_interface_is_found_by_its_hardware_address_with_and_without_colons() {
        let addresses = Value::List(vec!["10.0.0.5/24".into()]);
        let fields = [("mac", text("00:1a:2b:3c:4d:5e")), ("addresses", addresses)];
        let line = search_text(&item(Class::Interface, "eth0", &fields));
        assert_eq!(line, "eth0 00:1a:2b:3c:4d:5e 10.0.0.5/24 001a2b3c4d5e");
    }

    #[test]
    fn a_long_item_is_clipped_between_characters() {
        let service = item(Class::Service, "s", &[("description", text(&"é".repeat(900)))]);
        assert!(search_text(&service).len() <= TEXT_BYTES_MAX);
    }
}
