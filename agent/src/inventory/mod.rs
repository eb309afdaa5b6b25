//! Slow facts about this machine: one file a section, all of them listed in [`registry`]. It reads and words what it read;
//! whether a section changed, is sent or is switched off by policy is decided elsewhere.
//!
//! Each section is a pure parser (text in, message out) plus a thin reader below a [`Root`], so a folder of fixtures tests it.

mod array;
mod certificate;
mod child;
mod cpu;
mod disk;
mod interface;
mod json;
mod kernel_version;
mod mac;
mod mdstat;
mod memory;
mod mount_table;
mod neighbour;
mod notes;
mod operating_system;
mod os_release;
mod parse;
mod pattern;
mod placeholder;
mod port;
mod product;
mod remote_tool;
mod root;
mod route;
mod security;
mod service;
mod smbios;
mod socket_owner;
mod socket_table;
mod software;
mod sudoers;
mod system;
mod udev;
mod unit_table;
mod update;
mod user;
mod virtualization;
mod volume;

pub use json::to_json;
pub use notes::Notes;
pub use parse::{PARSERS, parse_file};
pub use root::Root;

use std::panic::{AssertUnwindSafe, catch_unwind};

use wacht_proto::v1::{NoteReason, SectionBody, SectionKind};

/// One kind of slow facts. A section never fails: what it cannot read is a note in `body.notes`.
pub trait Section: Sync {
    /// Which section of the contract this fills.
    fn kind(&self) -> SectionKind;
    /// Reads the facts below `root`; two reads without a change encode to identical bytes.
    fn read(&self, root: &Root) -> SectionBody;
}

/// Every section, in the order in which they are read and sent.
pub fn registry() -> &'static [&'static dyn Section] {
    &[
        &system::System,
        &cpu::Cpus,
        &memory::Memory,
        &disk::Disks,
        &array::Arrays,
        &volume::Volumes,
        &operating_system::OperatingSystem,
        &software::Software,
        &interface::Interfaces,
        &user::Users,
        &service::Services,
        &update::Updates,
        &neighbour::Neighbours,
        &port::Ports,
        &certificate::Certificates,
        &security::Security,
        &remote_tool::RemoteTools,
    ]
}

/// Reads all sections except those in `off`, in the registry's order.
pub fn read_all(root: &Root, off: &[SectionKind]) -> Vec<(SectionKind, SectionBody)> {
    let wanted = registry().iter().filter(|section| !off.contains(&section.kind()));
    wanted.map(|section| (section.kind(), read_guarded(*section, root))).collect()
}

/// A defect in one section must cost that section alone, never the agent.
fn read_guarded(section: &dyn Section, root: &Root) -> SectionBody {
    catch_unwind(AssertUnwindSafe(|| section.read(root))).unwrap_or_else(|_| {
        let mut notes = Notes::default();
        notes.add("section", NoteReason::Failed);
        SectionBody { kind: None, notes: notes.into_list() }
    })
}

#[cfg(test)]
mod tests;
