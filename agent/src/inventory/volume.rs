//! The mounted volumes: what they are, where, and their size. Free space is a sample, not inventory; no file system is
//! asked anything, so a dead network mount cannot hold the scan up.

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, Volume, VolumeSection};

use super::Section;
use super::child::Program;
use super::layer::Layers;
use super::mount_table::{Mount, is_network, volumes};
use super::notes::Notes;
use super::root::Root;
use super::udev::{Properties, unescaped};

const VOLUMES_MAX: usize = 1024;
const ZFS: &str = "zfs";

/// The section of the volumes.
pub struct Volumes;

impl Section for Volumes {
    fn kind(&self) -> SectionKind {
        SectionKind::Volume
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        // The first process sees the machine's mounts; this one may be confined to fewer.
        let table = root.text("proc/1/mountinfo", &mut Notes::default()).filter(|table| !table.is_empty());
        let table = table.or_else(|| root.text("proc/self/mountinfo", &mut notes)).unwrap_or_default();
        let links = Links { by_uuid: links(root, "dev/disk/by-uuid"), by_label: links(root, "dev/disk/by-label") };
        let mounts = volumes(&table);
        let encrypted = encrypted_datasets(root, &mounts, &mut notes);
        let mut rows: Vec<Volume> = mounts.iter().map(|mount| volume(root, mount, &links, &mut notes)).collect();
        for row in rows.iter_mut().filter(|row| row.r#type == ZFS && encrypted.contains(&row.device)) {
            ZFS.clone_into(&mut row.encryption);
        }
        notes.bound("volumes", &mut rows, VOLUMES_MAX);
        notes.into_body(Kind::Volume(VolumeSection { volumes: rows }))
    }
}

/// The datasets that ZFS encrypts; it is asked only where one is mounted.
fn encrypted_datasets(root: &Root, mounts: &[Mount], notes: &mut Notes) -> BTreeSet<String> {
    if !mounts.iter().any(|mount| mount.kind == ZFS) {
        return BTreeSet::new();
    }
    let list = root.output(Program::Zfs, &["list", "-H", "-o", "name,encryption"], notes).unwrap_or_default();
    let rows = list.lines().filter_map(|line| line.split_once('\t'));
    rows.filter(|(_, cipher)| !matches!(cipher.trim(), "off" | "-" | "")).map(|(name, _)| name.to_owned()).collect()
}

/// Names of file systems by the kernel's name of their device.
struct Links {
    by_uuid: BTreeMap<String, String>,
    by_label: BTreeMap<String, String>,
}

/// What the links of a folder point at, by the target's last part.
fn links(root: &Root, folder: &str) -> BTreeMap<String, String> {
    let target = |name: &String| Some(last_part(&root.link(&format!("{folder}/{name}"))?).to_owned());
    root.names(folder).into_iter().filter_map(|name| Some((target(&name)?, unescaped(&name)))).collect()
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn volume(root: &Root, mount: &Mount, links: &Links, notes: &mut Notes) -> Volume {
    let network = is_network(&mount.kind);
    let kernel_name = if network { String::new() } else { kernel_name(root, mount) };
    let udev = if kernel_name.is_empty() {
        Properties::default()
    } else {
        Properties::of_block(root, &root.value(&format!("sys/class/block/{kernel_name}/dev")).unwrap_or_default())
    };
    let named = |links: &BTreeMap<String, String>, property| {
        links.get(&kernel_name).cloned().or_else(|| udev.get(property)).unwrap_or_default()
    };
    let layers = if kernel_name.is_empty() { Layers::default() } else { Layers::below(root, &kernel_name) };
    // The dataset's name starts with its pool's.
    let pool = if mount.kind == ZFS { mount.device.split('/').next() } else { Some(layers.pool.as_str()) };
    let sectors = root.number(&format!("sys/class/block/{kernel_name}/size")).unwrap_or(0);
    Volume {
        mount: notes.text("mount", &mount.place),
        device: notes.text("device", &mount.device),
        r#type: notes.text("type", &mount.kind),
        size_bytes: if kernel_name.is_empty() { 0 } else { sectors.saturating_mul(512) },
        uuid: notes.text("uuid", &named(&links.by_uuid, "ID_FS_UUID")),
        label: notes.text("label", &named(&links.by_label, "ID_FS_LABEL_ENC")),
        read_only: mount.read_only,
        network,
        encryption: layers.encryption,
        pool: notes.text("pool", pool.unwrap_or_default()),
    }
}

/// `sda1` or `dm-0`: by number, else by the device's own name or what that links to.
fn kernel_name(root: &Root, mount: &Mount) -> String {
    if let Some(link) = root.link(&format!("sys/dev/block/{}", mount.device_number)) {
        return last_part(&link).to_owned();
    }
    if !mount.device.starts_with("/dev/") || mount.device.contains("..") {
        return String::new();
    }
    let linked = root.link(&mount.device);
    let name = last_part(linked.as_deref().unwrap_or(&mount.device));
    if root.exists(&format!("sys/class/block/{name}")) && !name.is_empty() { name.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_dataset_stands_in_its_pool_and_says_whether_it_is_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("proc/self/mountinfo", "27 1 0:30 / / rw - zfs rpool/ROOT rw\n28 1 0:31 / /home rw - zfs rpool/home rw\n"),
            ("commands/zfs/list_-H_-o_name_encryption", "rpool\toff\nrpool/ROOT\toff\nrpool/home\taes-256-gcm\n"),
        ] {
            fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            fs::write(folder.path().join(path), text).unwrap();
        }
        let Some(Kind::Volume(section)) = Volumes.read(&Root::at(folder.path())).kind else {
            panic!("not a volume section")
        };
        let told: Vec<_> = section.volumes.iter().map(|one| (one.pool.as_str(), one.encryption.as_str())).collect();
        assert_eq!(told, [("rpool", ""), ("rpool", "zfs")]);
    }

    #[test]
    fn a_mapped_volume_gets_its_size_uuid_and_label() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            (
                "proc/self/mountinfo",
                "27 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n28 1 0:9 / /n rw - nfs nas:/x rw\n",
            ),
            ("sys/class/block/dm-0/size", "2048\n"),
            ("sys/class/block/dm-0/dev", "253:0\n"),
            ("dev/mapper/vg-root", ""),
            ("dev/disk/by-uuid/aaaa-bbbb", ""),
            ("run/udev/data/b253:0", "E:ID_FS_UUID=aaaa-bbbb\nE:ID_FS_LABEL_ENC=my\\x20root\n"),
        ] {
            fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            fs::write(folder.path().join(path), text).unwrap();
        }
        // The device is named by its number alone here.
        fs::rename(folder.path().join("sys/class/block/dm-0"), folder.path().join("sys/class/block/vg-root")).unwrap();
        let Some(Kind::Volume(section)) = Volumes.read(&Root::at(folder.path())).kind else {
            panic!("not a volume section")
        };
        let root = &section.volumes[0];
        assert_eq!(
            (root.mount.as_str(), root.size_bytes, root.uuid.as_str(), root.label.as_str()),
            ("/", 1 << 20, "aaaa-bbbb", "my root")
        );
        assert!(section.volumes[1].network && section.volumes[1].size_bytes == 0);
    }
}
