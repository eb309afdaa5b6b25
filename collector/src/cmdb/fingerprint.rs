//! From what a machine says of itself to marks by which it can be known again: normalised, without filler and without
//! what is no part of the machine. Whether marks make two machines one is judged in `recognition`.

use crate::model::{Class, Fields, Fingerprint, Item, Mark, MarkKind, Marks, Value};
use std::collections::BTreeSet;

/// Marks of one machine; more are cut off.
const MARKS_MAX: usize = 64;
/// Disks or cards of one machine that become marks, of so many that are looked at.
const VALUES_OF_A_KIND_MAX: usize = 16;
const VALUES_SEEN_MAX: usize = 2_048;
/// A shorter serial is a revision or a counter.
const SERIAL_CHARS_MIN: usize = 4;
const SERIAL_CHARS_MAX: usize = 128;

/// What makers leave in the place of a serial, letters and digits alone, lower case.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "assettag", "baseboardserialnumber", "boardserialnumber", "chassisserialnumber", "default", "defaultstring", "empty",
    "eval", "evaluation", "filledbyoem", "generic", "invalid", "nodata", "noenclosure", "none", "noneprovided", "noserial",
    "notapplicable", "notavailable", "notdefined", "notfound", "notpresent", "notprovided", "notset", "notspecified",
    "notused", "null", "oemserial", "serial", "serialno", "serialnumber", "sernum0", "system", "systemmanufacturer",
    "systemproductname", "systemserialnumber", "superserver", "test", "undefined", "unknown", "unspecified", "x11",
    "123abc", "1234abcd", "abcd1234", "mb1234567890", "ssn12345678901234567", "empty0000",
];
/// Beginnings of the same.
const FILLER_BEGINNINGS: &[&str] = &["tobefilled", "tobefiled", "systemserial", "chassisserial", "baseboardserial"];
/// Serials of emulated disks tell their place in a virtual machine, the same in each.
const EMULATED: &[&str] = &["qm0000", "drivescsi", "drivesata", "driveide", "drivevirtio", "0qemuqemuharddiskdrive"];

/// UUIDs of whole product lines, in both byte orders by comparison.
const SHARED_UUIDS: &[&str] = &[
    "03000200040005000006000700080009",
    "6ab5b300453711da8c6d00000000000a",
    "0101010101010101010101010101010f",
    "12345678123456781234567890abcdef",
    "12345678123412341234123456789012",
    "0123456789abcdef0123456789abcdef",
    "00112233445566778899aabbccddeeff",
    "4c4c4544000020108020802020202020",
    "4c4c4544000020108020202020202020",
];

/// Addresses that drivers and adapters give to every machine.
const SHARED_MACS: &[&str] = &[
    "525400123456",
    "005056c00001",
    "005056c00008",
    "028037ec0200",
    "505054503030",
    "335050503030",
    "204153594eff",
    "00059a3c7800",
    "00059a3c7a00",
    "00090ffe0001",
    "00ff00000000",
    "444553547777",
    "444553544200",
    "001986000000",
    "001c42000008",
];
/// Adapters that go from one machine to the next.
const USB_DRIVERS: &[&str] = &[
    "r8152",
    "r8153_ecm",
    "ax88179_178a",
    "asix",
    "cdc_ether",
    "cdc_ncm",
    "rndis_host",
    "smsc75xx",
    "smsc95xx",
    "dm9601",
];

/// The marks of what an agent says at its enrolment.
pub fn marks(said: &Fingerprint) -> Marks {
    let mut marks = Marks::new();
    if said.container {
        // The firmware and the disks below a container are its host's.
        put(&mut marks, MarkKind::Container, Some("yes".to_owned()));
    } else {
        put(&mut marks, MarkKind::Uuid, uuid(&said.uuid));
        put(&mut marks, MarkKind::Serial, serial(&said.serial));
        put(&mut marks, MarkKind::BoardSerial, serial(&said.board_serial));
        put(&mut marks, MarkKind::ChassisSerial, serial(&said.chassis_serial));
        put(&mut marks, MarkKind::Product, model(&said.product));
        put(&mut marks, MarkKind::BoardProduct, model(&said.board_product));
        put_some(&mut marks, MarkKind::DiskSerial, said.disk_serials.iter().filter_map(|text| disk_serial(text)));
    }
    put_some(&mut marks, MarkKind::Mac, said.macs.iter().filter_map(|text| mac(text)));
    put(&mut marks, MarkKind::MachineId, machine_id(&said.machine_id));
    put(&mut marks, MarkKind::Name, name(&said.hostname));
    marks
}

/// The marks of a host's present items. `None` before its first inventory.
pub fn marks_of(items: &[Item]) -> Option<Marks> {
    let present = |class: Class| items.iter().filter(move |item| item.class == class && item.gone_at.is_none());
    let computer = &present(Class::Computer).next()?.fields;
    let of = |field: &str| text(computer, field).to_owned();
    let disks = present(Class::Disk).map(|item| &item.fields).filter(|disk| is_built_in(disk));
    let cards = present(Class::Interface).map(|item| &item.fields).filter(|card| is_card(card));
    Some(marks(&Fingerprint {
        uuid: of("uuid"),
        serial: of("serial"),
        board_serial: of("board_serial"),
        chassis_serial: of("chassis_serial"),
        product: of("product"),
        board_product: of("board_product"),
        macs: cards.map(own_address).collect(),
        machine_id: of("machine_id"),
        disk_serials: disks.map(|disk| text(disk, "serial").to_owned()).collect(),
        container: text(computer, "virtualization") == "container",
        hostname: of("hostname"),
    }))
}

fn put(marks: &mut Marks, kind: MarkKind, value: Option<String>) {
    if let Some(value) = value.filter(|_| marks.len() < MARKS_MAX) {
        marks.insert(Mark { kind, value });
    }
}

/// In an order that is the values' own, so that of many the same are kept each time.
fn put_some(marks: &mut Marks, kind: MarkKind, values: impl Iterator<Item = String>) {
    let sorted: BTreeSet<String> = values.take(VALUES_SEEN_MAX).collect();
    sorted.into_iter().take(VALUES_OF_A_KIND_MAX).for_each(|value| put(marks, kind, Some(value)));
}

fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    match fields.get(field) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn is_built_in(disk: &Fields) -> bool {
    disk.get("removable") != Some(&Value::Flag(true)) && text(disk, "bus") != "usb"
}

fn is_card(card: &Fields) -> bool {
    matches!(text(card, "kind"), "physical" | "wireless") && !USB_DRIVERS.contains(&text(card, "driver"))
}

fn own_address(card: &Fields) -> String {
    let burnt_in = text(card, "permanent_mac");
    if burnt_in.is_empty() { text(card, "mac").to_owned() } else { burnt_in.to_owned() }
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(SERIAL_CHARS_MAX).map(|c| c.to_ascii_lowercase()).collect()
}

fn serial(text: &str) -> Option<String> {
    let plain = plain(text);
    (plain.len() >= SERIAL_CHARS_MIN && !is_filler(&plain)).then_some(plain)
}

fn disk_serial(text: &str) -> Option<String> {
    serial(text).filter(|plain| !EMULATED.iter().any(|beginning| plain.starts_with(beginning)))
}

fn is_filler(plain: &str) -> bool {
    FILLERS.contains(&plain)
        || FILLER_BEGINNINGS.iter().any(|beginning| plain.starts_with(beginning))
        || is_uniform(plain)
        || is_counted_up(plain)
}

fn is_uniform(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next();
    letters.all(|letter| Some(letter) == first)
}

/// `01234567`, `123456789`, `1234567890`: each digit one more than the last.
fn is_counted_up(plain: &str) -> bool {
    let step = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1] == b'0' + (pair[0] - b'0' + 1) % 10;
    plain.len() >= SERIAL_CHARS_MIN && plain.as_bytes().windows(2).all(step)
}

/// The smaller of both byte orders: firmware, hypervisors and tools do not agree on the first three groups.
fn uuid(text: &str) -> Option<String> {
    let plain = plain(text);
    if plain.len() != 32 || !plain.bytes().all(|byte| byte.is_ascii_hexdigit()) || is_uniform(&plain) {
        return None;
    }
    let swapped = swapped(&plain);
    let is_shared = |form: &str| SHARED_UUIDS.contains(&form);
    (!is_shared(&plain) && !is_shared(&swapped)).then(|| plain.min(swapped))
}

fn swapped(plain: &str) -> String {
    let turned =
        |range: std::ops::Range<usize>| plain[range].as_bytes().rchunks(2).flatten().map(|byte| char::from(*byte));
    turned(0..8).chain(turned(8..12)).chain(turned(12..16)).chain(plain[16..].chars()).collect()
}

fn mac(text: &str) -> Option<String> {
    let plain = plain(text);
    let is_address = plain.len() == 12 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_address || is_uniform(&plain) || SHARED_MACS.contains(&plain.as_str()) {
        return None;
    }
    let is_group = u8::from_str_radix(&plain[..2], 16).is_ok_and(|first| first & 1 == 1);
    (!is_group).then_some(plain)
}

fn machine_id(text: &str) -> Option<String> {
    let plain = plain(text);
    let is_id = plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) && !is_uniform(&plain);
    is_id.then_some(plain)
}

fn model(text: &str) -> Option<String> {
    let plain = plain(text);
    (!plain.is_empty() && !is_filler(&plain)).then_some(plain)
}

fn name(text: &str) -> Option<String> {
    let short: String = text.split('.').next().unwrap_or_default().trim().to_lowercase().chars().take(64).collect();
    (!short.is_empty() && short != "localhost").then_some(short)
}

#[cfg(test)]
mod tests;
