//! The physical and virtual disks: what they are, never how they fare. Layers on top of disks (arrays, mapped devices,
//! memory disks) are not disks; what stands on them is the volume section's matter.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Disk, DiskSection, SectionBody, SectionKind};

use super::Section;
use super::block_device::is_disk;
use super::notes::Notes;
use super::placeholder::real;
use super::root::Root;
use super::udev::Properties;

const DISKS_MAX: usize = 1024;
const SECTOR_BYTES: u64 = 512;

/// The section of the disks.
pub struct Disks;

impl Section for Disks {
    fn kind(&self) -> SectionKind {
        SectionKind::Disk
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let names = root.names_noted("sys/block", &mut notes);
        let mut disks: Vec<Disk> =
            names.iter().filter(|name| is_disk(name)).filter_map(|name| disk(root, name, &mut notes)).collect();
        disks.sort_by(|a, b| a.name.cmp(&b.name));
        notes.bound("disks", &mut disks, DISKS_MAX);
        notes.into_body(Kind::Disk(DiskSection { disks }))
    }
}

fn disk(root: &Root, name: &str, notes: &mut Notes) -> Option<Disk> {
    let base = format!("sys/block/{name}");
    let removable = root.number(&format!("{base}/removable")) == Some(1);
    let size_bytes = root.number(&format!("{base}/size")).unwrap_or(0).saturating_mul(SECTOR_BYTES);
    // A path of a multipath disk is hidden behind it; an empty card reader is no disk yet.
    let hidden = root.number(&format!("{base}/hidden")) == Some(1);
    if hidden || (size_bytes == 0 && removable) {
        return None;
    }
    let udev = Properties::of_block(root, &root.value(&format!("{base}/dev")).unwrap_or_default());
    let link = root.link(&base).unwrap_or_default();
    let mut text = |subject: &str, value: Option<String>| {
        notes.text(subject, real(&value.unwrap_or_default()).unwrap_or_default())
    };
    Some(Disk {
        name: text("disk", Some(name.to_owned())),
        model: text(name, model(root, &base, &udev)),
        serial: text(name, serial(root, &base, &udev)),
        firmware: text(name, firmware(root, &base, &udev)),
        wwn: text(name, wwn(root, &base, &udev)),
        bus: bus(name, &link, &udev),
        size_bytes,
        rotational: root.number(&format!("{base}/queue/rotational")) == Some(1) && !is_virtual(&link),
        removable,
    })
}

/// Virtual disks say "rotational" for want of knowledge.
fn is_virtual(link: &str) -> bool {
    link.contains("/virtio")
}

/// udev keeps the full name where the SCSI layer cuts it at 16 characters.
fn model(root: &Root, base: &str, udev: &Properties) -> Option<String> {
    let is_ata = udev.get("ID_ATA").is_some() || udev.get("ID_BUS").is_some_and(|bus| bus == "ata");
    if let Some(full) = udev.get("ID_MODEL_ENC").filter(|_| is_ata) {
        return Some(full);
    }
    let model = root.value(&format!("{base}/device/model")).or_else(|| root.value(&format!("{base}/device/name")))?;
    let vendor = root.value(&format!("{base}/device/vendor")).unwrap_or_default();
    let named =
        !vendor.is_empty() && vendor != "ATA" && !vendor.starts_with("0x") && !vendor.eq_ignore_ascii_case("nvme");
    Some(if named && !model.starts_with(&vendor) { format!("{vendor} {model}") } else { model })
}

fn serial(root: &Root, base: &str, udev: &Properties) -> Option<String> {
    let files = ["serial", "device/serial"].iter().find_map(|file| root.value(&format!("{base}/{file}")));
    files.or_else(|| udev.get("ID_SERIAL_SHORT")).or_else(|| serial_page(root, base))
}

/// The SCSI page of the unit's serial: four bytes of header, then text.
fn serial_page(root: &Root, base: &str) -> Option<String> {
    let page = root.bytes(&format!("{base}/device/vpd_pg80"), &mut Notes::default())?;
    let length = usize::from(*page.get(3)?);
    let text = page.get(4..)?;
    Some(String::from_utf8_lossy(&text[..length.min(text.len())]).trim_matches(['\0', ' ']).to_owned())
}

fn firmware(root: &Root, base: &str, udev: &Properties) -> Option<String> {
    let files = ["device/firmware_rev", "device/fwrev"].iter().find_map(|file| root.value(&format!("{base}/{file}")));
    files.or_else(|| udev.get("ID_REVISION")).or_else(|| root.value(&format!("{base}/device/rev")))
}

/// A world-wide name alone; drives without one give their model and serial in its place.
fn wwn(root: &Root, base: &str, udev: &Properties) -> Option<String> {
    let written = ["wwid", "device/wwid"].iter().find_map(|file| root.value(&format!("{base}/{file}")));
    let written = written.map(|name| name.strip_prefix("naa.").map(|hex| format!("0x{hex}")).unwrap_or(name));
    let is_name = |name: &String| ["0x", "eui.", "uuid.", "nvme."].iter().any(|kind| name.starts_with(kind));
    written.filter(is_name).or_else(|| udev.get("ID_WWN"))
}

/// The bus by the device's place in the tree, nearest last.
fn bus(name: &str, link: &str, udev: &Properties) -> String {
    const PLACES: [(&str, &str); 10] = [
        ("/usb", "usb"),
        ("/virtio", "virtio"),
        ("/nvme", "nvme"),
        ("/mmc_host/", "mmc"),
        ("/VMBUS:", "hyperv"),
        ("/vmbus", "hyperv"),
        ("/vbd-", "xen"),
        ("/ata", "ata"),
        ("/end_device-", "sas"),
        ("/host", "scsi"),
    ];
    const NAMES: [(&str, &str); 5] =
        [("nvme", "nvme"), ("vd", "virtio"), ("mmcblk", "mmc"), ("xvd", "xen"), ("pmem", "pmem")];
    let by_place = PLACES.iter().find(|(place, _)| link.contains(place)).map(|(_, bus)| *bus);
    let by_name = || NAMES.iter().find(|(start, _)| name.starts_with(start)).map(|(_, bus)| *bus);
    match by_place.or_else(by_name) {
        Some(bus) => bus.to_owned(),
        None => udev.get("ID_BUS").unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn put(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn disks(root: &Path) -> Vec<Disk> {
        let Some(Kind::Disk(section)) = Disks.read(&Root::at(root)).kind else { panic!("not a disk section") };
        section.disks
    }

    #[test]
    fn a_sata_disk_is_read_from_sysfs_and_udev() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("sys/block/sda/size", "7814037168\n"),
            ("sys/block/sda/dev", "8:0\n"),
            ("sys/block/sda/queue/rotational", "1\n"),
            ("sys/block/sda/removable", "0\n"),
            ("sys/block/sda/device/model", "WDC WD4003FRYZ-0\n"),
            ("sys/block/sda/device/vendor", "ATA     \n"),
            ("sys/block/sda/device/wwid", "naa.50014ee2b1234567\n"),
            (
                "run/udev/data/b8:0",
                "E:ID_ATA=1\nE:ID_BUS=ata\nE:ID_MODEL_ENC=WDC\\x20WD4003FRYZ-01F0DB0\nE:ID_REVISION=01.01H01\n",
            ),
        ] {
            put(folder.path(), path, text);
        }
        put(folder.path(), "sys/block/sda/device/vpd_pg80", b"\0\x80\0\x08  VBG1\0\0");
        let disk = disks(folder.path()).remove(0);
        assert_eq!(
            (disk.model.as_str(), disk.serial.as_str(), disk.firmware.as_str()),
            ("WDC WD4003FRYZ-01F0DB0", "VBG1", "01.01H01")
        );
        assert_eq!(
            (disk.wwn.as_str(), disk.bus.as_str(), disk.size_bytes),
            ("0x50014ee2b1234567", "ata", 7814037168 * 512)
        );
        assert!(disk.rotational && !disk.removable);
    }

    #[test]
    fn an_empty_card_reader_and_a_hidden_path_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "sys/block/sdb/size", "0");
        put(folder.path(), "sys/block/sdb/removable", "1");
        put(folder.path(), "sys/block/nvme0c0n1/size", "100");
        put(folder.path(), "sys/block/nvme0c0n1/hidden", "1");
        assert!(disks(folder.path()).is_empty());
    }

    #[test]
    fn the_bus_is_told_by_the_devices_place() {
        let udev = Properties::default();
        assert_eq!(bus("vda", "../devices/pci0000:00/0000:00:02.0/virtio1/block/vda", &udev), "virtio");
        assert_eq!(
            bus("sda", "../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda", &udev),
            "ata"
        );
        assert_eq!(
            bus(
                "sdb",
                "../devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb",
                &udev
            ),
            "usb"
        );
        assert_eq!(bus("nvme0n1", "", &udev), "nvme");
        assert_eq!(bus("sdc", "", &udev), "");
    }
}
