//! Values as makers and firmware write them, and the marks that they become.

use super::*;
use proptest::prelude::*;

fn said(uuid: &str, serial: &str) -> Fingerprint {
    Fingerprint { uuid: uuid.into(), serial: serial.into(), ..Fingerprint::default() }
}

#[test]
fn spelling_and_byte_order_make_no_other_machine() {
    let straight = marks(&said("564d1a2b-3c4d-5e6f-8899-aabbccddeeff", "VMware-56 4d 1a 2b"));
    let turned = marks(&said("{2B1A4D56-4D3C-6F5E-8899-AABBCCDDEEFF}", "vmware564d1a2b "));
    assert_eq!((straight.len(), &straight), (2, &turned));
}

#[test]
fn filler_is_no_mark() {
    for serial in [
        "To Be Filled By O.E.M.",
        "System Serial Number",
        "Default string",
        "0000000",
        "XXXXXXXX",
        "None",
        "N/A",
        "",
        "0123456789",
        "1234567890",
        "123",
        "Not Specified",
        "Chassis Serial Number",
        "INVALID",
        "........",
    ] {
        assert_eq!(marks(&said("", serial)).len(), 0, "{serial:?}");
    }
    for uuid in [
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "0",
        "",
        "é",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    ] {
        assert_eq!(marks(&said(uuid, "")).len(), 0, "{uuid:?}");
    }
    for address in ["00:50:56:c0:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01", "nonsense"] {
        assert_eq!(mac(address), None, "{address}");
    }
}

#[test]
fn an_emulated_disk_is_no_mark_and_many_disks_crowd_nothing_out() {
    let disks =
        |serials: Vec<String>| marks(&Fingerprint { disk_serials: serials, hostname: "pc-1".into(), ..said("", "") });
    let emulated = ["QM00001", "drive-scsi0", "0QEMU_QEMU_HARDDISK_drive-scsi1", "To Be Filled By O.E.M."];
    assert_eq!(disks(emulated.map(str::to_owned).to_vec()).len(), 1);
    let shelf: Vec<String> = (0..200).map(|number| format!("DISK{number:04}")).collect();
    let found = disks(shelf.clone());
    assert_eq!(found.len(), VALUES_OF_A_KIND_MAX + 1, "the name is there too");
    assert_eq!(found, disks(shelf.into_iter().rev().collect()), "whatever the order");
}

#[test]
fn a_container_has_neither_the_serials_nor_the_disks_of_its_host() {
    let inside = Fingerprint {
        container: true,
        disk_serials: vec!["S3Z8NB0K".into()],
        machine_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0".into(),
        ..said("564d1a2b-3c4d-5e6f-8899-aabbccddeeff", "CZC1234567")
    };
    let kinds: Vec<MarkKind> = marks(&inside).into_iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, [MarkKind::MachineId, MarkKind::Container]);
}

fn item(class: Class, fields: &[(&str, Value)]) -> Item {
    Item {
        id: crate::model::ItemId::new(),
        customer: crate::model::CustomerId::new(),
        host: crate::model::HostId::new(),
        class,
        key: String::new(),
        name: String::new(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        first_seen_at: jiff::Timestamp::UNIX_EPOCH,
        gone_at: None,
    }
}

#[test]
fn what_is_plugged_in_or_virtual_is_no_part_of_the_machine() {
    let text = |text: &str| Value::Text(text.to_owned());
    let card = |kind: &str, driver: &str, mac: &str| {
        item(Class::Interface, &[("kind", text(kind)), ("driver", text(driver)), ("mac", text(mac))])
    };
    let items = [
        item(Class::Computer, &[("serial", text("CZC1234567")), ("hostname", text("PC-1.office.example"))]),
        item(Class::Disk, &[("serial", text("DISK0001")), ("bus", text("nvme"))]),
        item(Class::Disk, &[("serial", text("STICK001")), ("bus", text("usb"))]),
        card("physical", "e1000e", "3c:52:82:00:00:01"),
        card("physical", "r8152", "3c:52:82:00:00:02"),
        card("virtual", "", "3c:52:82:00:00:03"),
    ];
    let found = marks_of(&items).unwrap();
    let values: Vec<&str> = found.iter().map(|mark| mark.value.as_str()).collect();
    assert_eq!(values, ["czc1234567", "disk0001", "3c5282000001", "pc-1"]);
    assert_eq!(marks_of(&items[1..]), None);
}

proptest! {
    #[test]
    fn hostile_text_is_bounded_and_makes_no_panic(text in ".{0,300}", many in prop::collection::vec("[0-9a-f:]{17}", 0..200)) {
        let hostile = Fingerprint {
            uuid: text.clone(), serial: text.clone(), machine_id: text.clone(), hostname: text.clone(),
            macs: many, disk_serials: vec![text; 100], ..Fingerprint::default()
        };
        let found = marks(&hostile);
        prop_assert!(found.len() <= MARKS_MAX && found.iter().all(|mark| mark.value.len() <= 512));
    }

    #[test]
    fn turning_a_uuid_twice_gives_it_back(plain in "[0-9a-f]{32}") {
        prop_assert_eq!(swapped(&swapped(&plain)), plain.clone());
        prop_assert_eq!(uuid(&plain), uuid(&swapped(&plain)));
    }
}
