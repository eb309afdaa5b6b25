//! The CMDB's rules: what a scan changes in the items of a host, how items relate, what a host is for and by which
//! words it is found. Pure: no store, no clock; whether a scan is too old to apply is the pipeline's question.

mod identity;
mod reconcile;
mod relation;
mod role;
mod search;

pub use reconcile::{Reconciled, reconcile};
pub use role::role_of;
pub use search::search_text;

use crate::model::Class;

/// Fields that are kept up to date on the item and make no history: they follow load, cables and boot order.
pub const VOLATILE: &[(Class, &str)] = &[
    (Class::Service, "state"),
    (Class::Service, "result"),
    (Class::Interface, "up"),
    (Class::Interface, "speed_bits_per_s"),
    (Class::Disk, "name"),
    (Class::Volume, "device"),
];

/// Does a change of this field make no history?
pub fn is_volatile(class: Class, field: &str) -> bool {
    VOLATILE.contains(&(class, field))
}
