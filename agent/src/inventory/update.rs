//! Which updates wait, by the package manager's own simulation, and whether the machine waits for a restart and what
//! asked for it. Nothing is fetched. Since when, and whether that is too long, is judged elsewhere.

mod apt;
mod dnf;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{PendingUpdate, SectionBody, SectionKind, UpdateSection};

use super::Section;
use super::kernel_version::newer_installed;
use super::notes::Notes;
use super::root::Root;
use super::virtualization::is_container;

const PACKAGES_MAX: usize = 256;
const PENDING_MAX: usize = 5_000;
/// Written by the update tools of Debian, Ubuntu and SUSE.
const MARKS: [&str; 3] = ["run/reboot-required", "var/run/reboot-required", "run/reboot-needed"];

/// What APT's simulation alone says.
pub fn of_apt(simulation: &str) -> SectionBody {
    alone(|notes| apt::parse(simulation, notes))
}

/// What `dnf check-update` alone says.
pub fn of_dnf(listed: &str) -> SectionBody {
    alone(|notes| dnf::parse(listed, notes))
}

fn alone(parse: impl FnOnce(&mut Notes) -> Vec<PendingUpdate>) -> SectionBody {
    let mut notes = Notes::default();
    let rows = parse(&mut notes);
    let section = UpdateSection { pending: ordered(rows, &mut notes), ..Default::default() };
    notes.into_body(Kind::Update(section))
}

/// The section of updates that wait.
pub struct Updates;

impl Section for Updates {
    fn kind(&self) -> SectionKind {
        SectionKind::Update
    }

    /// A simulation costs seconds of a processor, so it is repeated only when its ground moved. The running kernel moves
    /// only with a restart. Of RPM and DNF single files are named: their programs touch others while they merely look.
    fn sources(&self) -> &'static [&'static str] {
        &[
            "run/reboot-required",
            "run/reboot-required.pkgs",
            "run/reboot-needed",
            "boot",
            "usr/lib/modules",
            "var/lib/dpkg/status",
            "var/lib/apt/lists",
            "var/lib/apt/periodic/update-success-stamp",
            "etc/apt/sources.list",
            "etc/apt/sources.list.d",
            "etc/apt/apt.conf.d",
            "etc/apt/preferences",
            "etc/apt/preferences.d",
            "var/lib/rpm/rpmdb.sqlite",
            "var/lib/rpm/rpmdb.sqlite-wal",
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "usr/lib/sysimage/rpm/rpmdb.sqlite",
            "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
            "usr/lib/sysimage/rpm/Packages",
            "usr/lib/sysimage/rpm/Packages.db",
            "etc/yum.repos.d",
            "var/cache/yum",
            "var/cache/dnf/last_makecache",
            "var/cache/libdnf5",
        ]
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mark = MARKS.into_iter().find(|mark| root.exists(mark));
        let asking = mark.and_then(|mark| root.text(&format!("{mark}.pkgs"), &mut notes)).unwrap_or_default();
        let kernel = if is_container(root) { None } else { waiting_kernel(root) };
        let (pending, checked_at) = if apt::is_here(root) {
            (apt::pending(root, &mut notes), apt::checked_at(root))
        } else if dnf::is_here(root) {
            (dnf::pending(root, &mut notes), dnf::checked_at(root))
        } else {
            Default::default()
        };
        let restart = section(mark, kernel.as_deref(), &asking, &mut notes);
        let section = UpdateSection { pending: ordered(pending, &mut notes), checked_at, ..restart };
        notes.into_body(Kind::Update(section))
    }
}

/// One row a package and architecture, in the order of names.
fn ordered(mut rows: Vec<PendingUpdate>, notes: &mut Notes) -> Vec<PendingUpdate> {
    rows.sort_by(|a, b| (&a.name, &a.architecture, &a.candidate).cmp(&(&b.name, &b.architecture, &b.candidate)));
    rows.dedup_by(|later, kept| (&later.name, &later.architecture) == (&kept.name, &kept.architecture));
    notes.bound("pending", &mut rows, PENDING_MAX);
    rows
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
    fn a_recorded_simulation_gives_its_packages_once_in_order() {
        let inst = |name: &str| format!("Inst {name} [1] (2 Debian:12/stable [amd64])\n");
        let simulated = [inst("b"), inst("a"), inst("b")].concat();
        let section = update(&[
            ("var/lib/dpkg/status", ""),
            ("commands/apt-get/-s_-oDebug__NoLocking_1_dist-upgrade", &simulated),
            ("var/lib/apt/periodic/update-success-stamp", ""),
        ]);
        assert_eq!(section.pending.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(section.checked_at.len(), 10);
    }

    #[test]
    fn a_flood_of_updates_is_cut_with_a_note() {
        let flood: String = (0..9_000).map(|n| format!("Inst p{n} [1] (2 D:1/s [amd64])\n")).collect();
        let body = of_apt(&flood);
        let Some(Kind::Update(section)) = body.kind else { panic!("not an update section") };
        assert_eq!((section.pending.len(), body.notes.len()), (PENDING_MAX, 1));
    }

    #[test]
    fn a_machine_without_marks_waits_for_nothing() {
        assert_eq!(update(&[]), UpdateSection::default());
    }
}
