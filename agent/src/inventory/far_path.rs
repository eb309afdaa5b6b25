//! Whether a path lies on a file system of another machine. Such a one may be dead, and a look at it would then never end,
//! so paths that a setting or a command names are asked here first. Nothing on the far side is touched by that.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::mount_table::{is_network, kinds};
use super::notes::Notes;
use super::root::Root;

/// Most links that one path may lead through, as in the kernel.
const LINKS_MAX: usize = 40;
/// Mounts when somebody looks, mostly from another machine.
const AUTOMOUNT: &str = "autofs";

/// Where file systems are mounted, by their kinds.
pub struct FarPaths(BTreeMap<String, String>);

impl FarPaths {
    /// As this process sees them, since it is the one that would wait.
    pub fn of(root: &Root) -> Self {
        let table = |process: &str| root.text(&format!("proc/{process}/mountinfo"), &mut Notes::default());
        Self(kinds(&table("self").or_else(|| table("1")).unwrap_or_default()))
    }

    /// Whether the way to a path, named from the root, leads over another machine; a link counts by where it leads.
    pub fn hold(&self, root: &Root, path: &str) -> bool {
        let mut ahead = names(path);
        let (mut at, mut kind, mut links_left) = (PathBuf::from("/"), "", LINKS_MAX);
        while let Some(name) = ahead.pop() {
            if name == ".." {
                at.pop();
                kind = "";
                continue;
            }
            at.push(name);
            let place = at.to_string_lossy().into_owned();
            kind = self.0.get(&place).map_or(kind, String::as_str);
            // What hangs may be the look at the mounted folder itself, so it is not even asked whether it is a link.
            if is_network(kind) {
                return true;
            }
            let target = if kind == AUTOMOUNT { None } else { root.link(&place) };
            if let Some(target) = target {
                at.pop();
                if target.starts_with('/') {
                    (at, kind) = (PathBuf::from("/"), "");
                }
                ahead.extend(names(&target));
                links_left -= 1;
                if links_left == 0 {
                    return false;
                }
            }
        }
        kind == AUTOMOUNT
    }
}

/// The names of a path, the first one last.
fn names(path: &str) -> Vec<String> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        Component::ParentDir => Some("..".to_owned()),
        _ => None,
    };
    Path::new(path).components().rev().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const TABLE: &str = "27 1 254:0 / / rw - ext4 /dev/vda1 rw
32 27 0:50 / /mnt/my\\040nas rw - nfs4 nas.example.net:/export rw
33 32 8:1 / /mnt/my\\040nas/disk rw - ext4 /dev/sda1 rw
34 27 0:51 / /far rw - autofs systemd-1 rw
35 27 0:52 / /boot rw - autofs systemd-1 rw
36 35 8:2 / /boot rw - vfat /dev/sda2 rw
";

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("proc/self")).unwrap();
        fs::create_dir_all(folder.path().join("srv")).unwrap();
        fs::write(folder.path().join("proc/self/mountinfo"), TABLE).unwrap();
        folder
    }

    #[test]
    fn what_lies_over_another_machine_or_would_be_mounted_by_a_look_is_far() {
        let folder = tree();
        let root = Root::at(folder.path());
        let far = FarPaths::of(&root);
        for path in ["/mnt/my nas", "/mnt/my nas/daily/x", "mnt/../mnt/my nas/", "/mnt/my nas/disk/x", "/far/x/y"] {
            assert!(far.hold(&root, path), "{path}");
        }
        for path in ["", "/", "/mnt", "/mnt/my nas 2/x", "/boot/x", "relative", "/mnt/../srv", "\0"] {
            assert!(!far.hold(&root, path), "{path}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_counts_by_where_it_leads_and_a_loop_ends() {
        use std::os::unix::fs::symlink;
        let folder = tree();
        symlink("/mnt/my nas/dumps", folder.path().join("srv/absolute")).unwrap();
        symlink("../far", folder.path().join("srv/relative")).unwrap();
        symlink("here", folder.path().join("srv/near")).unwrap();
        symlink("loop", folder.path().join("srv/loop")).unwrap();
        let root = Root::at(folder.path());
        let far = FarPaths::of(&root);
        let held =
            ["absolute/x", "relative/x", "near/x", "loop/x"].map(|name| far.hold(&root, &format!("/srv/{name}")));
        assert_eq!(held, [true, true, false, false]);
    }
}
