//! What lies between a volume and its disks: encryption and volume groups, found by walking down the kernel's tree of
//! block devices. It reads sysfs alone and asks no program.

use super::root::Root;

/// Deepest stack that is walked; real ones have four layers.
const DEPTH_MAX: u32 = 16;
/// Most devices that are looked at below one volume.
const DEVICES_MAX: u32 = 1024;

/// What was found below a volume.
#[derive(Debug, Default, PartialEq)]
pub struct Layers {
    /// `luks1`, `luks2`, …; empty where a part of the volume lies in the clear.
    pub encryption: String,
    /// The volume group nearest to the volume.
    pub pool: String,
}

impl Layers {
    /// Below the block device of this name in the kernel, such as `dm-0`.
    pub fn below(root: &Root, kernel_name: &str) -> Self {
        let mut devices_left = DEVICES_MAX;
        let (encryption, pool) = walk(root, kernel_name, DEPTH_MAX, &mut devices_left);
        Self { encryption: encryption.unwrap_or_default().to_owned(), pool: pool.unwrap_or_default() }
    }
}

fn walk(root: &Root, name: &str, depth: u32, devices_left: &mut u32) -> (Option<&'static str>, Option<String>) {
    let base = format!("sys/class/block/{name}");
    if depth == 0 || *devices_left == 0 || name.contains('/') {
        return (None, None);
    }
    *devices_left -= 1;
    let id = root.value(&format!("{base}/dm/uuid")).unwrap_or_default();
    let group = id.starts_with("LVM-").then(|| root.value(&format!("{base}/dm/name"))).flatten();
    let group = group.map(|name| volume_group(&name));
    let mut below = root.names(&format!("{base}/slaves"));
    if below.is_empty() && root.exists(&format!("{base}/partition")) {
        below.extend(whole_of(root, &base));
    }
    let found: Vec<_> = below.iter().map(|name| walk(root, name, depth - 1, devices_left)).collect();
    // A volume is encrypted only where all that it stands on is.
    let all = !found.is_empty() && found.iter().all(|(encryption, _)| encryption.is_some());
    let encryption = encryption(&id).or_else(|| if all { found[0].0 } else { None });
    (encryption, group.or_else(|| found.into_iter().find_map(|(_, group)| group)))
}

/// The device that a partition is a part of: the folder around it.
fn whole_of(root: &Root, base: &str) -> Option<String> {
    Some(root.link(base)?.rsplit('/').nth(1)?.to_owned())
}

/// The kind of encryption by the id that cryptsetup gives its mappings; checks of integrity hide nothing.
fn encryption(id: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 7] = [
        ("LUKS1", "luks1"),
        ("LUKS2", "luks2"),
        ("PLAIN", "plain"),
        ("BITLK", "bitlocker"),
        ("FVAULT2", "filevault2"),
        ("TCRYPT", "truecrypt"),
        ("LOOPAES", "loop-aes"),
    ];
    let kind = id.strip_prefix("CRYPT-")?.split('-').next()?;
    KINDS.iter().find(|(word, _)| *word == kind).map(|(_, name)| *name)
}

/// `vg-1` of `vg--1-root`: a dash within a name stands doubled.
fn volume_group(mapped: &str) -> String {
    let mut group = String::new();
    let mut rest = mapped.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '-' && rest.next_if_eq(&'-').is_none() {
            break;
        }
        group.push(c);
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn put(root: &Path, name: &str, id: &str, mapped: &str, below: &[&str]) {
        let base = root.join("sys/class/block").join(name);
        fs::create_dir_all(base.join("dm")).unwrap();
        fs::write(base.join("dm/uuid"), id).unwrap();
        fs::write(base.join("dm/name"), mapped).unwrap();
        for device in below {
            fs::create_dir_all(base.join("slaves").join(device)).unwrap();
        }
    }

    #[test]
    fn encryption_below_a_volume_group_is_found_and_one_above_it_too() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "dm-1", "LVM-abc", "vg--1-root", &["dm-0"]);
        put(folder.path(), "dm-0", "CRYPT-LUKS2-0123-sda3_crypt", "sda3_crypt", &["sda3"]);
        put(folder.path(), "dm-3", "CRYPT-LUKS1-4567-home", "home", &["dm-2"]);
        put(folder.path(), "dm-2", "LVM-def", "data-home", &["sdb"]);
        let root = Root::at(folder.path());
        let told = |name| (Layers::below(&root, name).encryption, Layers::below(&root, name).pool);
        assert_eq!(told("dm-1"), ("luks2".to_owned(), "vg-1".to_owned()));
        assert_eq!(told("dm-3"), ("luks1".to_owned(), "data".to_owned()));
        assert_eq!(Layers::below(&root, "sda3"), Layers::default());
    }

    #[test]
    fn a_volume_with_one_disk_in_the_clear_is_not_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "dm-1", "LVM-abc", "vg-root", &["dm-0", "sdb"]);
        put(folder.path(), "dm-0", "CRYPT-LUKS2-0123-a", "a", &["sda3"]);
        assert_eq!(Layers::below(&Root::at(folder.path()), "dm-1").encryption, "");
        assert_eq!((encryption("CRYPT-VERITY-1"), encryption("LVM-1"), encryption("CRYPT-")), (None, None, None));
    }

    #[test]
    #[cfg(unix)]
    fn a_partition_stands_on_its_whole_device() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "dm-0", "CRYPT-LUKS2-0123-a", "a", &["sda"]);
        let devices = folder.path().join("sys/devices/md0/md0p1");
        fs::create_dir_all(&devices).unwrap();
        fs::write(devices.join("partition"), "1\n").unwrap();
        fs::create_dir_all(folder.path().join("sys/class/block/md0/slaves/dm-0")).unwrap();
        std::os::unix::fs::symlink("../../devices/md0/md0p1", folder.path().join("sys/class/block/md0p1")).unwrap();
        assert_eq!(Layers::below(&Root::at(folder.path()), "md0p1").encryption, "luks2");
    }

    #[test]
    fn a_stack_that_bites_its_tail_ends() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "dm-0", "", "", &["dm-0", "dm-1"]);
        put(folder.path(), "dm-1", "", "", &["dm-0", "dm-1"]);
        assert_eq!(Layers::below(&Root::at(folder.path()), "dm-0"), Layers::default());
    }
}
