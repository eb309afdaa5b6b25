//! Whether the machine waits for a restart, and why: the distribution's own mark, or a newer kernel of the running
//! one's kind.

use super::text::{bound, name};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, UpdateSection};

const PACKAGES_MAX: usize = 256;

/// The section.
pub struct Update;

impl Section for Update {
    fn kind(&self) -> SectionKind {
        SectionKind::Update
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let marked = ["run/reboot-required", "var/run/reboot-required"].iter().any(|path| root.path(path).exists());
        let list = root.text("run/reboot-required.pkgs").or_else(|_| root.text("var/run/reboot-required.pkgs")).unwrap_or_default();
        let mut packages: Vec<String> = list.lines().map(name).filter(|package| !package.is_empty()).collect();
        packages.sort();
        packages.dedup();
        bound(&mut packages, PACKAGES_MAX, "packages", &mut notes);
        let running = root.line("proc/sys/kernel/osrelease");
        let newer = newer_kernel(&running, &root.names("boot"));
        let reboot_reason = match (&newer, marked) {
            (Some(kernel), _) => format!("kernel {kernel} is installed, {running} runs"),
            (None, true) => "the distribution asks for it".to_owned(),
            (None, false) => String::new(),
        };
        let section = UpdateSection { reboot_pending: marked || newer.is_some(), reboot_reason: name(&reboot_reason), packages };
        SectionBody { kind: Some(Kind::Update(section)), notes }
    }
}

/// The newest kernel in `/boot` of the running one's flavour, when it is newer. A kernel that was not booted from there
/// (a container, a virtual machine with its host's kernel) waits for nothing.
fn newer_kernel(running: &str, boot: &[String]) -> Option<String> {
    let installed: Vec<&str> = boot.iter().filter_map(|file| file.strip_prefix("vmlinuz-")).collect();
    if !installed.contains(&running) {
        return None;
    }
    let newest = installed.into_iter().filter(|kernel| flavour(kernel) == flavour(running)).max_by_key(|kernel| parts(kernel))?;
    (parts(newest) > parts(running)).then(|| newest.to_owned())
}

/// `amd64` of `6.1.0-20-amd64`, `el9.x86_64` of `5.14.0-362.el9.x86_64`.
fn flavour(kernel: &str) -> String {
    kernel.split(['-', '.', '+', '_']).filter(|part| part.parse::<u64>().is_err()).collect::<Vec<_>>().join("-")
}

fn parts(kernel: &str) -> Vec<u64> {
    kernel.split(['-', '.', '+', '_']).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_kernel_of_the_same_kind_waits_and_others_do_not() {
        let boot = ["vmlinuz-6.1.0-20-amd64", "vmlinuz-6.1.0-9-amd64", "vmlinuz-6.9.0-1-rt-amd64", "config-6.1.0-20-amd64"].map(str::to_owned);
        assert_eq!(newer_kernel("6.1.0-9-amd64", &boot).as_deref(), Some("6.1.0-20-amd64"));
        assert_eq!(newer_kernel("6.1.0-20-amd64", &boot), None);
        assert_eq!(newer_kernel("6.0.0-host", &boot), None);
    }

    #[test]
    fn the_distributions_mark_is_read_with_its_packages() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("run/reboot-required"), "").unwrap();
        std::fs::write(folder.path().join("run/reboot-required.pkgs"), "linux-base\nlibc6\nlibc6\n").unwrap();
        let Some(Kind::Update(section)) = Update.read(&Root::at(folder.path())).kind else { panic!("updates") };
        assert!(section.reboot_pending);
        assert_eq!(section.packages, ["libc6", "linux-base"]);
    }
}
