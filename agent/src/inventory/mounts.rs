//! The mount table: which file systems are real, each once. What is counted is what `df` would show.

use std::collections::HashMap;

/// File systems that hold no data of their own.
const PSEUDO: [&str; 28] = [
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs", "fusectl",
    "hugetlbfs", "mqueue", "nsfs", "overlay", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs",
    "sysfs", "tracefs", "fuse.lxcfs", "fuse.portal", "fuse.gvfsd-fuse", "iso9660",
];
/// File systems whose server may be gone: a call may hang.
const NETWORK: [&str; 12] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "lustre"];
/// Temporary file systems of the system itself.
const SYSTEM_TMPFS: [&str; 4] = ["/run", "/dev", "/sys", "/proc"];

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where, as text for people and series.
    pub point: String,
    /// What is mounted.
    pub source: String,
    /// File system type.
    pub kind: String,
    /// `major:minor`.
    pub device: String,
    /// Mounted read-only.
    pub read_only: bool,
    /// Its server may be gone.
    pub network: bool,
    /// The size that it was mounted with, where it has one (tmpfs).
    pub size_bytes: u64,
}

/// The real file systems of a mount table, by mount point; one mounted in several places counts at its shortest.
pub fn mounts(table: &str) -> Vec<Mount> {
    let mut by_device: HashMap<String, Mount> = HashMap::new();
    for mount in table.lines().filter_map(mount).filter(is_real) {
        let key = if mount.network { mount.source.clone() } else { mount.device.clone() };
        match by_device.get(&key) {
            Some(known) if known.point.len() <= mount.point.len() => {}
            _ => {
                by_device.insert(key, mount);
            }
        }
    }
    let mut mounts: Vec<_> = by_device.into_values().collect();
    mounts.sort_by(|left, right| left.point.cmp(&right.point));
    mounts
}

/// A line of `/proc/self/mountinfo`.
fn mount(line: &str) -> Option<Mount> {
    let (place, what) = line.split_once(" - ")?;
    let mut place = place.split(' ');
    let device = place.nth(2)?.to_owned();
    let _root = place.next()?;
    let point = unescape(place.next()?);
    let options = place.next()?;
    let mut what = what.split(' ');
    let kind = what.next()?.to_owned();
    let source = unescape(what.next()?);
    let read_only = options.split(',').any(|option| option == "ro");
    let network = NETWORK.contains(&kind.as_str()) || kind.starts_with("fuse.") && source.contains(':');
    let size_bytes = what.next().map_or(0, mounted_size);
    Some(Mount { size_bytes, point, source, kind, device, read_only, network })
}

/// `rw,size=65536k`
fn mounted_size(options: &str) -> u64 {
    let size = options.split(',').find_map(|option| option.strip_prefix("size=")).unwrap_or_default();
    let (digits, unit) = match size.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_024),
        None => (size, 1),
    };
    digits.parse::<u64>().unwrap_or(0).saturating_mul(unit)
}

fn is_real(mount: &Mount) -> bool {
    let root = mount.point == "/";
    let below = |folder: &&str| mount.point == **folder || mount.point.starts_with(&format!("{folder}/"));
    let system = SYSTEM_TMPFS.iter().any(|folder| below(&folder));
    let pseudo = PSEUDO.contains(&mount.kind.as_str()) && !(root && mount.kind == "overlay");
    let short = mount.point.len() <= 256 && !mount.point.chars().any(char::is_control);
    !pseudo && !(mount.kind == "tmpfs" && system) && !mount.point.starts_with("/snap/") && short
}

/// Blanks and the like stand in the table as octal escapes.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'\\').then(|| tail.get(..3)).flatten();
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code {
            bytes.push(code);
            rest = &tail[3..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_file_systems_stay_and_the_systems_own_go() {
        let table = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
23 22 0:5 / /dev rw - devtmpfs udev rw\n\
24 22 0:22 / /run rw - tmpfs tmpfs rw\n\
25 22 0:30 / /mnt/small\\040disk rw - tmpfs tmpfs rw,size=65536k\n\
26 22 8:1 /home /srv/home rw - ext4 /dev/sda1 rw\n\
27 22 0:40 / /net ro - nfs4 server:/export ro\n\
28 22 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro\n\
nonsense\n";
        let mounts = mounts(table);
        let points: Vec<_> = mounts.iter().map(|mount| mount.point.as_str()).collect();
        assert_eq!(points, ["/", "/mnt/small disk", "/net"]);
        assert_eq!(mounts[1].size_bytes, 64 << 20);
        assert!(mounts[2].network && mounts[2].read_only && !mounts[0].network);
    }

    #[test]
    fn a_container_keeps_its_overlay_root() {
        assert_eq!(mounts("1 0 0:50 / / rw - overlay overlay rw\n").len(), 1);
        assert_eq!(unescape("a\\04"), "a\\04");
    }
}
