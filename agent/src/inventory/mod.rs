//! Slow facts about this machine: one file a section, all of them listed in [`registry`]. It reads and words what it read;
//! whether a section changed, is sent or is switched off by policy is decided elsewhere.
//!
//! Each section is a pure parser (text in, message out) plus a thin reader below a [`Root`], so a folder of fixtures tests it.

mod address;
mod array;
mod backup_job;
mod battery;
mod block_device;
mod certificate;
mod child;
mod container;
mod cpu;
mod cron_table;
mod date;
mod disk;
mod disk_health;
mod display;
mod document;
mod far_path;
mod fingerprint;
mod interface;
mod json;
mod kernel_version;
mod layer;
mod mac;
mod memory;
mod moment;
mod mount_table;
mod neighbour;
mod notes;
mod operating_system;
mod os_release;
mod parse;
mod pattern;
mod placeholder;
mod port;
mod printer;
mod product;
mod program;
mod pve_guest;
mod record;
mod remote_tool;
mod root;
mod route;
mod scheduled_job;
mod security;
mod service;
mod size;
mod smbios;
mod socket_owner;
mod socket_table;
mod software;
mod stamp;
mod sudoers;
mod system;
mod udev;
mod unit_table;
mod update;
mod usb_device;
mod user;
mod virtual_machine;
mod virtualization;
mod volume;
mod xml;

pub use fingerprint::{Fingerprint, fingerprint};
pub use json::{section_of, to_json};
pub use notes::Notes;
pub use parse::{PARSERS, parse_file};
pub use record::{FOLDER as RECORDS, record};
pub use root::Root;
use root::slug;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use stamp::stamp;

use wacht_proto::v1::{NoteReason, SectionBody, SectionKind};

/// One kind of slow facts. A section never fails: what it cannot read is a note in `body.notes`.
pub trait Section: Sync {
    /// Which section of the contract this fills.
    fn kind(&self) -> SectionKind;
    /// Reads the facts below `root`; two reads without a change encode to identical bytes.
    fn read(&self, root: &Root) -> SectionBody;
    /// The files and folders that it is made of, where these alone tell whether it changed; empty where they do not
    /// (kernel files have no date, programs no file), and then it is read at each look.
    fn sources(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Every section, in the order in which they are read and sent.
pub fn registry() -> &'static [&'static dyn Section] {
    &[
        &system::System,
        &cpu::Cpus,
        &memory::Memory,
        &disk::Disks,
        &disk_health::DisksHealth,
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
        &battery::Batteries,
        &display::Displays,
        &printer::Printers,
        &usb_device::UsbDevices,
        &scheduled_job::ScheduledJobs,
        &container::Containers,
        &virtual_machine::VirtualMachines,
        &backup_job::BackupJobs,
    ]
}

/// Reads all sections except those in `off`, in the registry's order.
pub fn read_all(root: &Root, off: &[SectionKind]) -> Vec<(SectionKind, SectionBody)> {
    Stamps::default().read(root, off, Extent::All)
}

/// Which sections a look is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those of which a file was touched, and all that do not tell by their files.
    All,
    /// Those of which a file was touched since they were read, or root's answers were, alone.
    Touched,
}

/// How the sources of the sections, and the records of the task of root, stood when they were last read.
#[derive(Debug, Default)]
pub struct Stamps {
    sections: HashMap<SectionKind, u64>,
    records: u64,
}

impl Stamps {
    /// As [`read_all`], without the sections of which no source was touched since the last read.
    pub fn read(&mut self, root: &Root, off: &[SectionKind], extent: Extent) -> Vec<(SectionKind, SectionBody)> {
        let wanted = registry().iter().filter(|section| !off.contains(&section.kind()));
        let records = stamp(root, &[record::MARK]);
        let is_new = std::mem::replace(&mut self.records, records) != records;
        let known = |kind| self.sections.contains_key(&kind) || is_new && record::feeds(kind);
        let told: Vec<_> = wanted.filter(|section| extent == Extent::All || known(section.kind())).collect();
        told.into_iter().filter_map(|section| Some((section.kind(), self.read_one(*section, root)?))).collect()
    }

    fn read_one(&mut self, section: &dyn Section, root: &Root) -> Option<SectionBody> {
        if section.sources().is_empty() {
            return Some(read_guarded(section, root));
        }
        // Taken before the read: what is written meanwhile is seen by the next look.
        let now = stamp(root, section.sources());
        if self.sections.insert(section.kind(), now) == Some(now) {
            return None;
        }
        let body = read_guarded(section, root);
        // What failed once may do better at the next look, although no file was touched.
        if body.partial {
            self.sections.remove(&section.kind());
        }
        Some(body)
    }
}

/// A defect in one section must cost that section alone, never the agent.
fn read_guarded(section: &dyn Section, root: &Root) -> SectionBody {
    catch_unwind(AssertUnwindSafe(|| section.read(root))).unwrap_or_else(|_| {
        let mut notes = Notes::default();
        notes.add("section", NoteReason::Failed);
        SectionBody { kind: None, notes: notes.into_list(), partial: true }
    })
}

#[cfg(test)]
mod tests;
