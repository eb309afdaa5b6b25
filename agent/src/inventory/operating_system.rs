//! The operating system, its kernel and its time zone. Which release stops being supported when is judged elsewhere.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{OperatingSystemSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::os_release::{Release, architecture, parse_release, release};
use super::root::Root;

/// What a release file alone says.
pub fn of_release(text: &str) -> SectionBody {
    let mut notes = Notes::default();
    let section = released(&parse_release(text), &mut notes);
    notes.into_body(Kind::OperatingSystem(section))
}

/// The section of the operating system.
pub struct OperatingSystem;

impl Section for OperatingSystem {
    fn kind(&self) -> SectionKind {
        SectionKind::OperatingSystem
    }

    /// The kernel that runs and its architecture move only with a restart, which is a first look.
    fn sources(&self) -> &'static [&'static str] {
        &["etc/os-release", "usr/lib/os-release", "etc/localtime", "etc/timezone"]
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let release = release(root, &mut notes);
        let kernel = root.value("proc/sys/kernel/osrelease").unwrap_or_default();
        let zone = time_zone(root);
        let section = OperatingSystemSection {
            kernel: notes.text("kernel", &kernel),
            architecture: notes.text("architecture", &architecture(root)),
            time_zone: notes.text("time_zone", &zone),
            ..released(&release, &mut notes)
        };
        notes.into_body(Kind::OperatingSystem(section))
    }
}

fn released(release: &Release, notes: &mut Notes) -> OperatingSystemSection {
    OperatingSystemSection {
        name: notes.text("name", &release.name),
        version: notes.text("version", &release.version),
        id: notes.text("id", &release.id),
        codename: notes.text("codename", &release.codename),
        edition: notes.text("edition", &release.edition),
        support_end: release.support_end.clone(),
        ..Default::default()
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
    fn recorded_release_files_give_name_and_version() {
        let Some(folder) = crate::inventory::tests::recordings("jc") else {
            return;
        };
        for (file, id, version) in [
            ("generic/os-release-ubuntu", "ubuntu", "18.04"),
            ("../glpi/linux/distro/os-release-debian-11.2", "debian", "11"),
        ] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            let Some(Kind::OperatingSystem(section)) = of_release(&text).kind else { panic!("not a release") };
            assert_eq!((section.id.as_str(), section.version.as_str()), (id, version), "{file}");
        }
    }

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
