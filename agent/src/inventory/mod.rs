//! Inventory: slow facts of this machine, one file a section, each a pure parser beside a thin reader. Nothing
//! volatile stands in a section, so two scans without a change are byte-identical. A section never fails: what could
//! not be read is a note in it.

mod array;
mod child;
mod cpu;
mod disk;
mod interface;
mod json;
mod memory;
mod mounts;
mod operating_system;
mod root;
mod service;
mod smbios;
mod software;
mod software_sources;
mod system;
mod text;
mod update;
mod user;
mod user_rights;
mod volume;

pub use json::to_json;
pub use root::Root;

use wacht_proto::v1::{SectionBody, SectionKind};

/// One section.
pub trait Section: Sync {
    /// Which.
    fn kind(&self) -> SectionKind;

    /// Reads it.
    fn read(&self, root: &Root) -> SectionBody;
}

/// Every section, in the order in which they are sent.
pub fn registry() -> &'static [&'static dyn Section] {
    &[
        &system::System,
        &cpu::Cpu,
        &memory::Memory,
        &disk::Disk,
        &array::Array,
        &volume::Volume,
        &operating_system::OperatingSystem,
        &software::Software,
        &interface::Interface,
        &user::User,
        &service::Service,
        &update::Update,
    ]
}

/// Reads all sections that are not switched off.
pub fn read_all(root: &Root, off: &[SectionKind]) -> Vec<(SectionKind, SectionBody)> {
    registry().iter().filter(|section| !off.contains(&section.kind())).map(|section| (section.kind(), section.read(root))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn two_scans_without_a_change_are_byte_identical() {
        let root = Root::real();
        let scan = || -> Vec<_> { read_all(&root, &[]).into_iter().map(|(kind, body)| (kind, body.encode_to_vec())).collect() };
        let (first, second) = (scan(), scan());
        for (one, other) in first.iter().zip(&second) {
            assert_eq!(one, other, "{:?}", one.0);
        }
    }

    #[test]
    fn an_empty_machine_gives_sections_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_all(&Root::at(folder.path()), &[]).len(), registry().len());
        let off = read_all(&Root::at(folder.path()), &[SectionKind::User]);
        assert_eq!(off.len(), registry().len() - 1);
    }
}
