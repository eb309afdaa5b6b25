//! The CMDB's rules: what a scan changes in the items of a host, how items relate, how they stood at a moment, what a
//! host is for and by which words it is found. Pure: no store, no clock; whether a scan is too old to apply is the pipeline's question.

mod field;
pub mod fingerprint;
mod guest;
mod identity;
pub mod past;
mod query;
pub mod recognition;
mod reconcile;
mod relation;
mod role;
mod search;
mod version;

pub use field::{FieldKind, field_kind, fields_of_kind};
pub use guest::{Machine, guests};
pub use query::{Query, beginning};
#[cfg(test)]
pub use reconcile::tests::never_seen;
pub use reconcile::{Origin, Reconciled, reconcile};
pub use relation::never_ended;
pub use role::role_of;
pub use search::search_text;
pub use version::Wish as VersionWish;

use crate::model::Class;

/// Fields that are kept up to date on the item and make no history: they follow load, cables and boot order.
pub const VOLATILE: &[(Class, &str)] = &[
    (Class::Service, "state"),
    (Class::Service, "result"),
    // A service manager tells it of loaded units alone.
    (Class::Service, "description"),
    (Class::Interface, "up"),
    (Class::Interface, "speed_bits_per_s"),
    (Class::Disk, "name"),
    (Class::Volume, "device"),
    (Class::Software, "purl"),
    (Class::Port, "ephemeral"),
    (Class::DiskHealth, "name"),
    (Class::DiskHealth, "standby"),
    (Class::DiskHealth, "reallocated_sectors"),
    (Class::DiskHealth, "pending_sectors"),
    (Class::DiskHealth, "uncorrectable_sectors"),
    (Class::DiskHealth, "reported_uncorrectable"),
    (Class::DiskHealth, "interface_crc_errors"),
    (Class::DiskHealth, "media_errors"),
    (Class::DiskHealth, "spare_percent"),
    (Class::DiskHealth, "wear_percent"),
    (Class::DiskHealth, "power_on_hours"),
    (Class::DiskHealth, "grown_defects"),
    (Class::DiskHealth, "uncorrected_errors"),
    (Class::DiskHealth, "spin_retries"),
    (Class::DiskHealth, "end_to_end_errors"),
    (Class::Battery, "full_capacity_mwh"),
    (Class::Battery, "cycles"),
    (Class::Printer, "accepting"),
    (Class::User, "last_sign_in"),
    (Class::Update, "checked_at"),
    (Class::SecurityProduct, "signatures_date"),
    (Class::SecurityProduct, "rules"),
    (Class::RemoteTool, "running"),
    (Class::Container, "state"),
    (Class::Container, "id"),
    (Class::VirtualMachine, "state"),
    (Class::BackupJob, "last_good_at"),
    (Class::BackupJob, "last_run_at"),
    (Class::BackupJob, "result"),
    (Class::BackupJob, "size_bytes"),
];

/// Classes whose items come and go by themselves: what is seen now is kept, its coming and going is no history.
pub const WITHOUT_HISTORY: &[Class] = &[Class::Neighbour, Class::PendingUpdate];

/// A flag of items that come and go by themselves though their class does not: a port that the system dealt out.
pub const EPHEMERAL: &str = "ephemeral";

/// Does a change of this field make no history?
pub fn is_volatile(class: Class, field: &str) -> bool {
    VOLATILE.contains(&(class, field))
}
