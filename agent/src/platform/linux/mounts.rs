//! The mount table as text, and which of its lines are filesystems that people fill. It reads no file and asks no
//! filesystem, but for the one question that its caller answers.

use super::text::{fields, lines};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// More than any sane machine has; keeps one machine from filling its dictionary with mounts.
const MOUNTS_MAX: usize = 200;

/// Filesystems without space of their own, and images that are always full.
const LEFT_OUT: [&str; 32] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "cramfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "erofs",
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fuse.snapfuse",
    "fuse.squashfuse",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nfsd",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "squashfs",
    "sysfs",
    "tracefs",
];

/// Filesystems behind a network or a program, which can leave a question without an answer. FUSE is one by its prefix.
const SLOW: [&str; 16] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "orangefs",
    "smb3",
    "smbfs",
    "virtiofs",
];

/// Folders whose memory filesystems belong to the system or to containers, not to people.
const SYSTEM_FOLDERS: [&str; 9] = [
    "/dev",
    "/proc",
    "/run",
    "/sys",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/snap",
];

/// One filesystem to report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The mount point for people.
    pub(super) object: Box<str>,
    /// The mount point for the kernel.
    pub(super) path: CString,
    /// It may never answer, so it is only asked from a thread of its own.
    pub(super) is_slow: bool,
}

struct Line<'a> {
    device: &'a [u8],
    point: Vec<u8>,
    is_part: bool,
    is_read_only: bool,
    kind: &'a str,
    source: &'a [u8],
}

/// The filesystems of `mountinfo` that are reported, in its order. `is_directory` is asked of local mounts only.
pub(super) fn select(mountinfo: &[u8], is_directory: impl Fn(&Path) -> bool) -> Vec<Mount> {
    let visible = visible(mountinfo);
    let slow_points: Vec<&[u8]> =
        visible.iter().filter(|line| is_slow(line.kind)).map(|line| &line.point[..]).collect();
    // A path through a network mount waits for it, whatever is mounted below.
    let waits = |line: &Line<'_>| slow_points.iter().any(|point| is_within(&line.point, point));
    let mut chosen: Vec<&Line<'_>> = Vec::new();
    for line in visible.iter().filter(|line| is_wanted(line)) {
        // Containers bind single files, which are no place to look for a filesystem.
        if line.is_part && !waits(line) && !is_directory(Path::new(OsStr::from_bytes(&line.point))) {
            continue;
        }
        match chosen.iter().position(|other| other.device == line.device) {
            Some(other) if line.point.len() < chosen[other].point.len() => chosen[other] = line,
            Some(_) => {}
            None if chosen.len() < MOUNTS_MAX => chosen.push(line),
            None => {}
        }
    }
    let mount = |line: &&Line<'_>| {
        let object = String::from_utf8_lossy(&line.point).into();
        Some(Mount { object, path: CString::new(line.point.clone()).ok()?, is_slow: waits(line) })
    };
    chosen.iter().filter_map(mount).collect()
}

/// The lines that are understood; of several on one mount point the last, which hides the others.
fn visible(mountinfo: &[u8]) -> Vec<Line<'_>> {
    let mut all: Vec<Line<'_>> = Vec::new();
    for line in lines(mountinfo).filter_map(parse_line) {
        match all.iter_mut().find(|other| other.point == line.point) {
            Some(hidden) => *hidden = line,
            None => all.push(line),
        }
    }
    all
}

fn parse_line(line: &[u8]) -> Option<Line<'_>> {
    let mut parts = fields(line);
    let device = parts.nth(2)?;
    let root = parts.next()?;
    let point = decode(parts.next()?);
    let options = parts.next()?;
    // Any number of optional fields stands before the dash.
    parts.find(|part| *part == b"-")?;
    let kind = std::str::from_utf8(parts.next()?).ok()?;
    let source = parts.next().unwrap_or_default();
    let is_read_only = [options, parts.next().unwrap_or_default()].iter().any(|options| is_read_only(options));
    Some(Line { device, point, is_part: root != b"/", is_read_only, kind, source })
}

fn is_read_only(options: &[u8]) -> bool {
    options.split(|byte| *byte == b',').any(|option| option == b"ro")
}

/// The table writes blank, tab, line end and backslash as a backslash and three octal digits.
fn decode(escaped: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((first, tail)) = rest.split_first() {
        match tail {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] if *first == b'\\' => {
                plain.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => {
                plain.push(*first);
                rest = tail;
            }
        }
    }
    plain
}

fn is_wanted(line: &Line<'_>) -> bool {
    match line.kind {
        kind if LEFT_OUT.contains(&kind) => false,
        "overlay" | "aufs" => line.point == b"/",
        // One that cannot be written is a lid over something, not a place for files.
        "tmpfs" => !line.is_read_only && !SYSTEM_FOLDERS.iter().any(|folder| is_within(&line.point, folder.as_bytes())),
        _ => !(line.is_read_only && line.source.starts_with(b"/dev/loop")),
    }
}

fn is_slow(kind: &str) -> bool {
    kind.starts_with("fuse") || SLOW.contains(&kind)
}

fn is_within(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(table: &str) -> Vec<(String, bool)> {
        let mounts = select(table.as_bytes(), |path| !path.starts_with("/etc"));
        mounts.into_iter().map(|mount| (mount.object.into(), mount.is_slow)).collect()
    }

    fn local(points: &[&str]) -> Vec<(String, bool)> {
        points.iter().map(|point| ((*point).to_owned(), false)).collect()
    }

    #[test]
    fn real_filesystems_are_kept_and_pseudo_filesystems_are_not() {
        let table = "22 27 0:21 / /proc rw,relatime - proc proc rw\n\
            23 27 0:22 / /sys rw shared:7 master:1 - sysfs sysfs rw\n\
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            30 27 8:17 / /home rw - xfs /dev/sdb1 rw\n\
            31 27 7:1 / /snap/core/1 ro,nodev - squashfs /dev/loop1 ro\n\
            32 27 7:2 / /image ro - ext4 /dev/loop2 ro\n";
        assert_eq!(points(table), local(&["/", "/home"]));
    }

    #[test]
    fn memory_filesystems_of_people_are_kept_and_those_of_the_system_are_not() {
        let table = "1 0 0:1 / /run rw - tmpfs tmpfs rw\n2 0 0:2 / /dev/shm rw - tmpfs tmpfs rw\n\
            3 0 0:3 / /run/user/1000 rw - tmpfs tmpfs rw\n4 0 0:4 / /tmp rw - tmpfs tmpfs rw\n\
            5 0 0:5 / /mnt/scratch rw - tmpfs scratch rw,size=1024k\n6 0 0:6 / /runner rw - tmpfs tmpfs rw\n\
            7 0 0:7 / /mnt/lid ro - tmpfs lid ro,size=4k\n\
            8 0 0:8 / /var/lib/docker/containers/x/mounts/shm rw - tmpfs shm rw\n";
        assert_eq!(points(table), local(&["/tmp", "/mnt/scratch", "/runner"]));
    }

    #[test]
    fn bind_mounts_and_subvolumes_count_once_at_the_shortest_point() {
        let table = "1 0 8:1 /data /srv/export/data rw - ext4 /dev/sda1 rw\n2 0 8:1 / /srv rw - ext4 /dev/sda1 rw\n\
            3 0 0:40 /@home /home rw - btrfs /dev/sdb rw\n4 0 0:40 /@ / rw - btrfs /dev/sdb rw\n";
        assert_eq!(points(table), local(&["/srv", "/"]));
    }

    #[test]
    fn a_container_shows_its_root_and_not_the_files_bound_into_it() {
        let table = "1 0 0:50 / / rw - overlay overlay rw,lowerdir=/a\n2 1 8:1 /hosts /etc/hosts rw - ext4 /dev/sda1 rw\n\
            3 1 8:1 /v /data rw - ext4 /dev/sda1 rw\n4 1 0:51 / /var/lib/docker/overlay2/x/merged rw - overlay o rw\n";
        assert_eq!(points(table), local(&["/", "/data"]));
    }

    #[test]
    fn network_mounts_are_slow_and_so_is_what_lies_below_them() {
        let table = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:60 / /srv/nfs rw - nfs4 server:/x rw\n\
            3 1 0:61 / /mnt/ssh rw - fuse.sshfs me@there:/ rw\n4 2 8:2 / /srv/nfs/local rw - ext4 /dev/sda2 rw\n\
            5 1 0:62 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n6 1 8:3 / /srv/nfs2 rw - ext4 /dev/sda3 rw\n";
        let slow = |point: &str| (point.to_owned(), true);
        let fast = |point: &str| (point.to_owned(), false);
        let expected = [fast("/"), slow("/srv/nfs"), slow("/mnt/ssh"), slow("/srv/nfs/local"), fast("/srv/nfs2")];
        assert_eq!(points(table), expected);
    }

    #[test]
    fn the_last_mount_on_a_point_hides_the_others() {
        let table = "1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n2 1 0:9 / /mnt rw - proc proc rw\n";
        assert_eq!(points(table), []);
    }

    #[test]
    fn octal_escapes_become_the_bytes_that_they_stand_for() {
        assert_eq!(decode(br"/mnt/my\040disk\134x"), b"/mnt/my disk\\x");
        assert_eq!(decode(br"/odd\04\9"), br"/odd\04\9");
        assert_eq!(points("1 0 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 rw\n"), local(&["/mnt/my disk"]));
    }

    #[test]
    fn lines_that_are_not_understood_are_passed_over() {
        assert_eq!(points("1 0\n\n1 0 8:1 / /x rw no dash here\n1 0 8:1 / /y rw -\n"), []);
    }
}
