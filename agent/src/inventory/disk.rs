//! Disks: whole devices that hold data, by what the kernel knows of them.

use super::text::{bound, fact, name};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Disk as Device, DiskSection, SectionBody, SectionKind};

const DISKS_MAX: usize = 1_024;
const IGNORED: [&str; 9] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "zd"];
const SECTOR_BYTES: u64 = 512;

/// The section.
pub struct Disk;

impl Section for Disk {
    fn kind(&self) -> SectionKind {
        SectionKind::Disk
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let names = root.names("sys/block").into_iter().filter(|name| !IGNORED.iter().any(|prefix| name.starts_with(prefix)));
        let mut disks: Vec<_> = names.filter_map(|name| device(root, &name)).collect();
        bound(&mut disks, DISKS_MAX, "disks", &mut notes);
        SectionBody { kind: Some(Kind::Disk(DiskSection { disks })), notes }
    }
}

fn device(root: &Root, device: &str) -> Option<Device> {
    let base = format!("sys/block/{device}");
    let line = |file: &str| root.line(format!("{base}/{file}"));
    let first = |files: &[&str]| files.iter().map(|file| fact(&line(file))).find(|text| !text.is_empty()).unwrap_or_default();
    let size_bytes = root.number(format!("{base}/size")).unwrap_or(0).saturating_mul(SECTOR_BYTES);
    // A card reader without a card, or a multipath twin that says nothing of itself.
    if size_bytes == 0 {
        return None;
    }
    let path = std::fs::canonicalize(root.path(&base)).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    Some(Device {
        name: name(device),
        model: first(&["device/model"]),
        serial: first(&["device/serial", "serial"]),
        firmware: first(&["device/firmware_rev", "device/rev"]),
        wwn: first(&["wwid", "device/wwid"]),
        bus: bus(device, &path).to_owned(),
        size_bytes,
        rotational: line("queue/rotational") == "1",
        removable: line("removable") == "1",
    })
}

fn bus(device: &str, path: &str) -> &'static str {
    let within = |part: &str| path.contains(part);
    match device {
        _ if within("/usb") => "usb",
        name if name.starts_with("nvme") => "nvme",
        name if name.starts_with("vd") || within("/virtio") => "virtio",
        name if name.starts_with("xvd") => "xen",
        name if name.starts_with("mmcblk") => "mmc",
        _ if within("/ata") => "sata",
        name if name.starts_with("sd") => "scsi",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_read_and_partitions_loops_and_empty_readers_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for (file, text) in [("size", "2000\n"), ("device/model", "WDC WD10EZEX \n"), ("device/serial", "None\n"), ("serial", "WX1\n"), ("queue/rotational", "1\n")] {
            put(&format!("sys/block/sda/{file}"), text);
        }
        put("sys/block/loop0/size", "9\n");
        put("sys/block/sdb/size", "0\n");
        let body = Disk.read(&Root::at(folder.path()));
        let Some(Kind::Disk(section)) = body.kind else { panic!("disks") };
        assert_eq!(section.disks.len(), 1);
        let disk = &section.disks[0];
        assert_eq!((disk.model.as_str(), disk.serial.as_str(), disk.size_bytes, disk.rotational), ("WDC WD10EZEX", "WX1", 1_024_000, true));
    }
}
