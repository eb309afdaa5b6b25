//! Whether the machine waits for a restart, and what asked for it. Since when, and whether that is too long, is judged
//! elsewhere.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, UpdateSection};

use super::Section;
use super::kernel_version::newer_installed;
use super::notes::Notes;
use super::root::Root;
use super::virtualization::is_container;

const PACKAGES_MAX: usize = 256;
/// Written by the update tools of Debian, Ubuntu and SUSE.
const MARKS: [&str; 3] = ["run/reboot-required", "var/run/reboot-required", "run/reboot-needed"];

/// The section of updates that wait.
pub struct Updates;

impl Section for Updates {
    fn kind(&self) -> SectionKind {
        SectionKind::Update
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mark = MARKS.into_iter().find(|mark| root.exists(mark));
        let asking = mark.and_then(|mark| root.text(&format!("{mark}.pkgs"), &mut notes)).unwrap_or_default();
        let kernel = if is_container(root) { None } else { waiting_kernel(root) };
        let section = section(mark, kernel.as_deref(), &asking, &mut notes);
        notes.into_body(Kind::Update(section))
    }
}

fn section(mark: Option<&str>, kernel: Option<&str>, asking: &str, notes: &mut Notes) -> UpdateSection {
    let reasons: Vec<&str> = mark.map(|mark| mark.trim_start_matches("var/")).into_iter().chain(kernel).collect();
    let mut packages: Vec<String> =
        asking.lines().map(|line| notes.text("packages", line)).filter(|name| !name.is_empty()).collect();
    packages.sort_unstable();
    packages.dedup();
    notes.bound_texts("packages", &mut packages, PACKAGES_MAX);
    UpdateSection {
        reboot_pending: !reasons.is_empty(),
        reboot_reason: notes.text("reboot_reason", &reasons.join("; ")),
        packages,
        ..Default::default()
    }
}

/// `kernel 6.1.0-9-amd64 < 6.1.0-18-amd64`, running and installed.
fn waiting_kernel(root: &Root) -> Option<String> {
    let running = root.value("proc/sys/kernel/osrelease")?;
    let images = root.names("boot");
    let in_boot =
        images.iter().filter_map(|name| name.strip_prefix("vmlinuz-").or_else(|| name.strip_prefix("vmlinux-")));
    let modules = root.names("usr/lib/modules");
    // Fedora and Arch keep the image beside its modules.
    let beside_modules =
        modules.iter().filter(|name| root.exists(&format!("usr/lib/modules/{name}/vmlinuz"))).map(String::as_str);
    let releases = in_boot.chain(beside_modules).filter(|name| !matches!(name.rsplit('.').next(), Some("old" | "bak")));
    let newest = newer_installed(&running, releases)?;
    Some(format!("kernel {running} < {newest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn update(files: &[(&str, &str)]) -> UpdateSection {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let Some(Kind::Update(section)) = Updates.read(&Root::at(folder.path())).kind else {
            panic!("not an update section")
        };
        section
    }

    #[test]
    fn a_mark_and_its_packages_are_read() {
        let section = update(&[
            ("run/reboot-required", "*** restart ***\n"),
            ("run/reboot-required.pkgs", "libc6\ndbus\nlibc6\n"),
        ]);
        assert!(section.reboot_pending);
        assert_eq!(
            (section.reboot_reason.as_str(), section.packages.as_slice()),
            ("run/reboot-required", &["dbus".to_owned(), "libc6".to_owned()][..])
        );
    }

    #[test]
    fn a_newer_kernel_in_boot_is_a_reason() {
        let running = ("proc/sys/kernel/osrelease", "6.1.0-9-amd64\n");
        let section = update(&[
            running,
            ("boot/vmlinuz-6.1.0-9-amd64", ""),
            ("boot/vmlinuz-6.1.0-18-amd64", ""),
            ("boot/vmlinuz-6.9.0-1-amd64.old", ""),
        ]);
        assert_eq!(section.reboot_reason, "kernel 6.1.0-9-amd64 < 6.1.0-18-amd64");
        assert!(!update(&[running, ("boot/vmlinuz-6.1.0-9-amd64", "")]).reboot_pending);
    }

    #[test]
    fn a_machine_without_marks_waits_for_nothing() {
        assert_eq!(update(&[]), UpdateSection::default());
    }
}
