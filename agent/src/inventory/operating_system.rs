//! The operating system, its kernel and its time zone. Which release stops being supported when is judged elsewhere.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{OperatingSystemSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::os_release::{architecture, release};
use super::root::Root;

/// The section of the operating system.
pub struct OperatingSystem;

impl Section for OperatingSystem {
    fn kind(&self) -> SectionKind {
        SectionKind::OperatingSystem
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let release = release(root, &mut notes);
        let kernel = root.value("proc/sys/kernel/osrelease").unwrap_or_default();
        let zone = time_zone(root);
        let section = OperatingSystemSection {
            name: notes.text("name", &release.name),
            version: notes.text("version", &release.version),
            id: notes.text("id", &release.id),
            kernel: notes.text("kernel", &kernel),
            architecture: notes.text("architecture", &architecture(root)),
            time_zone: notes.text("time_zone", &zone),
            codename: notes.text("codename", &release.codename),
            ..Default::default()
        };
        notes.into_body(Kind::OperatingSystem(section))
    }
}

/// The zone's name, from the link that the C library follows, else from Debian's file.
fn time_zone(root: &Root) -> String {
    let linked = root.link("etc/localtime").and_then(|target| Some(target.split_once("zoneinfo/")?.1.to_owned()));
    linked.or_else(|| root.value("etc/timezone")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_zone_is_the_links_target_or_debians_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        assert_eq!(time_zone(&root), "");
        std::fs::create_dir(folder.path().join("etc")).unwrap();
        std::fs::write(folder.path().join("etc/timezone"), "Europe/Brussels\n").unwrap();
        assert_eq!(time_zone(&root), "Europe/Brussels");
    }
}
