//! Mandatory access control: AppArmor and SELinux, by what the kernel says of them.

use wacht_proto::v1::SecurityProduct;

use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// What the kernel knows; a kernel without either has none.
pub fn mandatory_access(root: &Root, notes: &mut Notes) -> Vec<SecurityProduct> {
    let row = |name: &str, state: &str| SecurityProduct {
        name: name.to_owned(),
        kind: "mandatory_access".to_owned(),
        state: state.to_owned(),
        ..Default::default()
    };
    let apparmor = apparmor(root, notes).map(|state| row("AppArmor", state));
    apparmor.into_iter().chain(selinux(root, notes).map(|state| row("SELinux", state))).collect()
}

fn apparmor(root: &Root, notes: &mut Notes) -> Option<&'static str> {
    let enabled = root.value("sys/module/apparmor/parameters/enabled")?;
    if enabled != "Y" {
        return Some("inactive");
    }
    // Without a profile nothing is confined.
    let profiles = root.text("sys/kernel/security/apparmor/profiles", notes);
    Some(if profiles.is_some_and(|text| text.trim().is_empty()) { "inactive" } else { "active" })
}

fn selinux(root: &Root, notes: &mut Notes) -> Option<&'static str> {
    let enforced = root.value("sys/fs/selinux/enforce");
    if let Some(enforced) = enforced {
        return Some(if enforced == "1" { "active" } else { "inactive" });
    }
    let settings = root.text("etc/selinux/config", notes)?;
    let wanted = settings.lines().find_map(|line| line.trim().strip_prefix("SELINUX="))?.trim();
    // What is wanted holds only where the kernel cannot say that it is not so.
    Some(if wanted == "disabled" || wanted == "permissive" || root.exists("sys/fs") { "inactive" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let rows = mandatory_access(&Root::at(folder.path()), &mut Notes::default());
        rows.into_iter().map(|row| (row.name, row.state)).collect()
    }

    #[test]
    fn the_kernel_goes_before_the_settings() {
        let of = |name: &str, state: &str| vec![(name.to_owned(), state.to_owned())];
        let config = ("etc/selinux/config", "# SELINUX= can take\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
        assert_eq!(states(&[]), []);
        assert_eq!(states(&[config]), of("SELinux", ""));
        assert_eq!(states(&[config, ("sys/fs/cgroup/x", "")]), of("SELinux", "inactive"));
        assert_eq!(states(&[config, ("sys/fs/selinux/enforce", "1")]), of("SELinux", "active"));
        let enabled = ("sys/module/apparmor/parameters/enabled", "Y\n");
        assert_eq!(states(&[enabled, ("sys/kernel/security/apparmor/profiles", "")]), of("AppArmor", "inactive"));
        assert_eq!(states(&[enabled]), of("AppArmor", "active"));
    }
}
