//! Parses the kernel's mount table and picks what a person calls a volume: real file systems, each once.

use std::collections::BTreeMap;

/// One mounted file system.
#[derive(Debug, Clone, PartialEq)]
pub struct Mount {
    /// `major:minor` of the superblock.
    pub device_number: String,
    /// Which folder of the file system is mounted; `/` for all of it.
    pub shown_root: String,
    /// Where.
    pub place: String,
    /// `ext4`
    pub kind: String,
    /// `/dev/sda1`, `server:/export`
    pub device: String,
    /// Mounted, or fallen back to, read-only.
    pub read_only: bool,
}

/// The volumes of a `mountinfo` text, sorted by mount point.
pub fn volumes(mountinfo: &str) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = mountinfo.lines().filter_map(mount).collect();
    // A later mount on the same place hides the earlier ones.
    mounts.reverse();
    mounts.sort_by(|a, b| a.place.cmp(&b.place));
    mounts.dedup_by(|later, kept| later.place == kept.place);
    mounts.retain(is_volume);
    without_repeats(mounts)
}

/// The kinds of all mounted file systems by their mount points; of several on one place the last, which hides the others.
pub fn kinds(mountinfo: &str) -> BTreeMap<String, String> {
    mountinfo.lines().filter_map(mount).map(|mount| (mount.place, mount.kind)).collect()
}

/// Whether the file system stands on another machine; such a mount may hang and is never asked for anything.
pub fn is_network(kind: &str) -> bool {
    const KINDS: [&str; 17] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "fuse.sshfs",
        "fuse.ceph",
        "fuse.rclone",
        "fuse.s3fs",
        "9p",
        "afs",
        "lustre",
        "beegfs",
        "davfs",
    ];
    KINDS.contains(&kind)
}

/// Whether a file system is mounted at `place` as soon as somebody looks into it.
pub fn is_automount(mountinfo: &str, place: &str) -> bool {
    mountinfo.lines().filter_map(mount).any(|mount| mount.kind == "autofs" && mount.place == place)
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let fields: Vec<&str> = before.split(' ').collect();
    let [_, _, device_number, shown_root, place, options, ..] = fields.as_slice() else {
        return None;
    };
    let mut after = after.split(' ');
    let (kind, device, super_options) = (after.next()?, after.next()?, after.next().unwrap_or_default());
    let read_only = [options, &super_options].iter().any(|options| options.split(',').any(|option| option == "ro"));
    Some(Mount {
        device_number: (*device_number).to_owned(),
        shown_root: unescaped(shown_root),
        place: unescaped(place),
        kind: kind.to_owned(),
        device: unescaped(device),
        read_only,
    })
}

/// Blanks and backslashes stand as three octal digits.
fn unescaped(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut text = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        if let Some(byte) = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            text.push(byte);
            text.extend(&part.as_bytes()[3..]);
        } else {
            text.push(b'\\');
            text.extend(part.as_bytes());
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// File systems on a device or another machine; images of packages and mounts inside containers come and go by themselves.
fn is_volume(mount: &Mount) -> bool {
    const WITHOUT_DEVICE: [&str; 7] = ["zfs", "btrfs", "bcachefs", "ubifs", "virtiofs", "vboxsf", "fuse.mergerfs"];
    const IMAGES: [&str; 4] = ["squashfs", "iso9660", "udf", "erofs"];
    const CONTAINERS: [&str; 5] =
        ["/var/lib/docker/", "/var/lib/containers/", "/var/lib/kubelet/pods/", "/var/lib/containerd/", "/var/snap/"];
    let on_device =
        mount.device.starts_with("/dev/") && !IMAGES.contains(&mount.kind.as_str()) && mount.kind != "devtmpfs";
    let overlay_root = mount.kind == "overlay" && mount.place == "/";
    let real = on_device || overlay_root || WITHOUT_DEVICE.contains(&mount.kind.as_str()) || is_network(&mount.kind);
    real && !CONTAINERS.iter().any(|start| mount.place.starts_with(start))
}

/// One row for each file system: the one that shows most of it, at the shortest place. Subvolumes are told apart.
fn without_repeats(mut mounts: Vec<Mount>) -> Vec<Mount> {
    let key = |mount: &Mount| {
        let subvolume = if mount.kind == "btrfs" { mount.shown_root.clone() } else { String::new() };
        (mount.device_number.clone(), mount.device.clone(), subvolume)
    };
    mounts.sort_by_cached_key(|m| (key(m), m.shown_root.len(), m.place.len(), m.place.clone()));
    mounts.dedup_by(|later, kept| key(later) == key(kept));
    mounts.sort_by(|a, b| a.place.cmp(&b.place));
    mounts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "22 27 0:21 / /proc rw - proc proc rw
24 27 0:6 / /dev rw - devtmpfs devtmpfs rw
25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 27 254:0 /srv/a /var/a rw - ext4 /dev/vda1 rw
31 27 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 ro,errors=remount-ro
32 27 0:50 / /mnt/nas rw - nfs4 nas.example.net:/export rw
33 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro
34 27 0:60 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
35 27 0:70 /@ /b rw - btrfs /dev/sdb1 rw
36 27 0:70 /@home /b/home rw - btrfs /dev/sdb1 rw
37 27 8:2 / /data rw - ext4 /dev/sda2 rw
38 27 8:3 / /data rw - xfs /dev/sda3 rw
";

    #[test]
    fn real_file_systems_stand_once_each() {
        let shown: Vec<(String, String)> = volumes(TABLE).into_iter().map(|m| (m.place, m.device)).collect();
        let expected = [
            ("/", "/dev/vda1"),
            ("/b", "/dev/sdb1"),
            ("/b/home", "/dev/sdb1"),
            ("/data", "/dev/sda3"),
            ("/mnt/my disk", "/dev/sda1"),
            ("/mnt/nas", "nas.example.net:/export"),
        ];
        assert_eq!(shown, expected.map(|(mount, device)| (mount.to_owned(), device.to_owned())));
    }

    #[test]
    fn a_file_system_that_fell_back_to_read_only_says_so() {
        let volumes = volumes(TABLE);
        assert!(volumes.iter().find(|m| m.device == "/dev/sda1").unwrap().read_only);
        assert!(!volumes[0].read_only);
    }

    #[test]
    fn what_is_mounted_on_demand_is_known_whether_it_sleeps_or_not() {
        let asleep = "40 27 0:40 / /boot rw - autofs systemd-1 rw,fd=50\n";
        let awake = format!("{asleep}41 40 259:1 / /boot rw - vfat /dev/nvme0n1p1 rw\n");
        assert!(is_automount(asleep, "/boot") && is_automount(&awake, "/boot"));
        assert!(!is_automount(&awake, "/boot/efi") && !is_automount(TABLE, "/data"));
    }

    #[test]
    fn nonsense_never_panics() {
        assert!(volumes("a b c\n - \n1 2 3 4 5 - ext4\n\\\\\\8 - - -").is_empty());
        assert_eq!(unescaped("a\\04é\\"), "a\\04é\\");
    }
}
