//! Shows the inventory as JSON for people at the command line: the contract's names, enumerations as lower-case words.
//! Nothing reads it back.

use serde_json::{Map, Value, json};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Note, SectionBody, SectionKind};

use super::read_all;
use super::root::Root;

/// An object of a message's fields, each under its own name.
macro_rules! object {
    ($message:expr; $($field:ident),+) => {{
        let mut object = Map::new();
        $(object.insert(stringify!($field).trim_start_matches("r#").to_owned(), json!($message.$field));)+
        object
    }};
}

/// A list of such objects.
macro_rules! objects {
    ($rows:expr; $($field:ident),+) => {
        Value::Array($rows.iter().map(|row| Value::Object(object!(row; $($field),+))).collect())
    };
}

/// Every section under its name, groups beside users, and under `notes` what could not be read.
pub fn to_json(root: &Root) -> Value {
    let mut inventory = Map::new();
    let mut notes = Map::new();
    for (kind, body) in read_all(root, &[]) {
        let name = word(kind.as_str_name(), "SECTION_KIND_");
        if !body.notes.is_empty() {
            notes.insert(name.clone(), body.notes.iter().map(note).collect());
        }
        insert(&mut inventory, name, &body, kind);
    }
    inventory.insert("notes".to_owned(), Value::Object(notes));
    Value::Object(inventory)
}

fn insert(inventory: &mut Map<String, Value>, name: String, body: &SectionBody, kind: SectionKind) {
    if let (Some(Kind::User(section)), SectionKind::User) = (&body.kind, kind) {
        inventory.insert("group".to_owned(), objects!(section.groups; name, gid, members, administrators));
    }
    inventory.insert(name, body.kind.as_ref().map_or(Value::Null, section));
}

fn section(kind: &Kind) -> Value {
    match kind {
        Kind::System(s) => Value::Object(
            object!(s; hostname, fqdn, machine_id, manufacturer, product, version, serial, uuid, sku, asset_tag,
            board_manufacturer, board_product, board_serial, board_version, chassis_type, chassis_serial, bios_vendor, bios_version,
            bios_date, virtualization),
        ),
        Kind::Cpu(s) => {
            objects!(s.cpus; socket, model, manufacturer, cores, threads, architecture, speed_mhz_max)
        }
        Kind::Memory(s) => {
            let mut memory = object!(s; total_bytes, swap_bytes, slots);
            let modules = objects!(s.modules; slot, size_bytes, r#type, speed_mts, manufacturer, part_number, serial);
            memory.insert("modules".to_owned(), modules);
            Value::Object(memory)
        }
        Kind::Disk(s) => {
            objects!(s.disks; name, model, serial, firmware, wwn, bus, size_bytes, rotational, removable)
        }
        Kind::Array(s) => s.arrays.iter().map(array).collect(),
        Kind::Volume(s) => {
            objects!(s.volumes; mount, device, r#type, size_bytes, uuid, label, read_only, network)
        }
        Kind::OperatingSystem(s) => {
            Value::Object(object!(s; name, version, id, kernel, architecture, time_zone, codename))
        }
        Kind::Software(s) => s.software.iter().map(software).collect(),
        Kind::Interface(s) => {
            objects!(s.interfaces; name, mac, addresses, mtu, speed_bits_per_s, up, kind, gateway)
        }
        Kind::User(s) => {
            objects!(s.users; name, uid, can_sign_in, administrator, admin_reason, system_account)
        }
        Kind::Service(s) => s.services.iter().map(service).collect(),
        Kind::Update(s) => Value::Object(object!(s; reboot_pending, reboot_reason, packages)),
    }
}

fn array(row: &wacht_proto::v1::Array) -> Value {
    let mut array = object!(row; name, level, members_expected, members_active, members, members_failed, spares, size_bytes, redundancy_left);
    array.insert("state".to_owned(), word(row.state().as_str_name(), "ARRAY_STATE_").into());
    Value::Object(array)
}

fn software(row: &wacht_proto::v1::Software) -> Value {
    let mut software = object!(row; name, version, architecture, publisher, purl);
    software.insert("source".to_owned(), word(row.source().as_str_name(), "SOFTWARE_SOURCE_").into());
    Value::Object(software)
}

fn service(row: &wacht_proto::v1::Service) -> Value {
    let mut service = object!(row; name, description, start_type, result);
    service.insert("state".to_owned(), word(row.state().as_str_name(), "SERVICE_STATE_").into());
    Value::Object(service)
}

fn note(note: &Note) -> Value {
    json!({ "subject": note.subject, "reason": word(note.reason().as_str_name(), "NOTE_REASON_") })
}

/// `SERVICE_STATE_RUNNING` as `running`.
fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wacht_proto::v1::{NoteReason, ServiceState, SoftwareSource};

    #[test]
    fn every_section_stands_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let json = to_json(&Root::at(folder.path()));
        let names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "array",
            "cpu",
            "disk",
            "group",
            "interface",
            "memory",
            "notes",
            "operating_system",
            "service",
            "software",
            "system",
            "update",
            "user",
            "volume",
        ];
        assert_eq!(names, expected);
        assert_eq!(json["memory"]["total_bytes"], 0);
    }

    #[test]
    fn enumerations_are_words() {
        assert_eq!(word(ServiceState::Running.as_str_name(), "SERVICE_STATE_"), "running");
        assert_eq!(word(SoftwareSource::Dpkg.as_str_name(), "SOFTWARE_SOURCE_"), "dpkg");
        assert_eq!(word(NoteReason::NeedsPrivilege.as_str_name(), "NOTE_REASON_"), "needs_privilege");
    }
}
