//! What a field is for: to know the item by, to describe how it is set up, or to follow what changes by itself.

use super::{WITHOUT_HISTORY, is_volatile};
use crate::model::{Class, Fields};
use serde::Serialize;

/// Fields by which an item is told from others of its class.
const IDENTITY: &[(Class, &[&str])] = &[
    (
        Class::Computer,
        &["hostname", "fqdn", "machine_id", "serial", "uuid", "board_serial", "chassis_serial", "asset_tag"],
    ),
    (Class::Cpu, &["socket"]),
    (Class::Memory, &["slot", "serial", "part_number"]),
    (Class::Disk, &["serial", "wwn", "model"]),
    (Class::DiskHealth, &["serial", "model"]),
    (Class::Array, &["name"]),
    (Class::Controller, &["serial", "name", "model"]),
    (Class::Volume, &["mount", "uuid"]),
    (Class::OperatingSystem, &["id"]),
    (Class::Software, &["name", "architecture", "source"]),
    (Class::Interface, &["name", "mac", "permanent_mac"]),
    (Class::Neighbour, &["mac", "address"]),
    (Class::Port, &["protocol", "address", "port"]),
    (Class::Certificate, &["store", "fingerprint"]),
    (Class::User, &["name", "uid"]),
    (Class::Group, &["name", "gid"]),
    (Class::Service, &["name"]),
    (Class::ScheduledJob, &["kind", "name"]),
    (Class::PendingUpdate, &["source", "name", "architecture"]),
    (Class::BackupJob, &["product", "name"]),
    (Class::Container, &["engine", "name"]),
    (Class::VirtualMachine, &["uuid", "name", "macs"]),
    (Class::Battery, &["name", "serial"]),
    (Class::Display, &["serial", "model"]),
    (Class::Printer, &["name"]),
    (Class::UsbDevice, &["vendor_id", "product_id", "serial"]),
    (Class::SecurityProduct, &["kind", "name"]),
    (Class::RemoteTool, &["name"]),
];

/// Kind of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// The item is known by it.
    Identity,
    /// How it is set up; each change is a row of history.
    Config,
    /// Kept up to date without history.
    Volatile,
}

/// The kind of a field.
pub fn field_kind(class: Class, field: &str) -> FieldKind {
    if is_volatile(class, field) || WITHOUT_HISTORY.contains(&class) {
        return FieldKind::Volatile;
    }
    let is_identity = IDENTITY.iter().any(|(one, fields)| *one == class && fields.contains(&field));
    if is_identity { FieldKind::Identity } else { FieldKind::Config }
}

/// The fields of one kind.
pub fn fields_of_kind(class: Class, fields: &Fields, kind: FieldKind) -> Fields {
    let of_kind = fields.iter().filter(|(name, _)| field_kind(class, name) == kind);
    of_kind.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_volatile_is_never_what_an_item_is_known_by() {
        for (class, fields) in IDENTITY {
            for field in *fields {
                assert!(!is_volatile(*class, field), "{} {field}", class.word());
            }
        }
    }

    #[test]
    fn fields_fall_into_three_kinds() {
        assert_eq!(field_kind(Class::Software, "name"), FieldKind::Identity);
        assert_eq!(field_kind(Class::Software, "version"), FieldKind::Config);
        assert_eq!(field_kind(Class::Service, "state"), FieldKind::Volatile);
        assert_eq!(field_kind(Class::Neighbour, "mac"), FieldKind::Volatile);
    }
}
