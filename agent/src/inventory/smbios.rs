//! Decodes the SMBIOS table into what three sections need: the machine's own texts, its memory modules and its processors.
//! Values come out as the firmware wrote them; dropping filler is the caller's matter.

mod dump;
mod processor;

use smbioslib::{SMBiosData, UndefinedStruct};
use wacht_proto::v1::{Cpu, MemoryModule, SystemSection};

use super::notes::Notes;
use super::root::Root;

const TABLE: &str = "sys/firmware/dmi/tables/DMI";
const ENTRY_POINT: &str = "sys/firmware/dmi/tables/smbios_entry_point";

/// A decoded table.
pub struct Smbios {
    data: SMBiosData,
    /// Before version 2.6 a UUID stands in network order throughout.
    uuid_mixed_order: bool,
}

impl Smbios {
    /// The machine's table; `None` where it has none or, with a note, where it may not be read.
    pub fn read(root: &Root, notes: &mut Notes) -> Option<Self> {
        let table = root.bytes(TABLE, notes)?;
        let entry_point = root.bytes(ENTRY_POINT, notes).unwrap_or_default();
        Some(Self::decode(table, &entry_point))
    }

    /// The table in a file: raw structures, an entry point with its table as `dmidecode --dump-bin` writes them, or a
    /// table with the header that Windows puts before it. An error in a sentence where the file holds none.
    pub fn of_dump(bytes: &[u8]) -> Result<Self, String> {
        let (entry_point, table) = dump::split(bytes);
        let table = Self::decode(table.to_vec(), entry_point);
        let known = [0, 1, 2, 3, 4, 17].iter().any(|kind| table.first(*kind).is_some());
        known.then_some(table).ok_or_else(|| "holds no SMBIOS table".to_owned())
    }

    /// Decodes raw structures; `entry_point` tells the version, and may be empty.
    pub fn decode(table: Vec<u8>, entry_point: &[u8]) -> Self {
        let version = match entry_point {
            [b'_', b'S', b'M', b'3', b'_', _, _, major, minor, ..]
            | [b'_', b'S', b'M', b'_', _, _, major, minor, ..] => (*major, *minor),
            _ => (3, 0),
        };
        Self { data: SMBiosData::from_vec_and_version(table, None), uuid_mixed_order: version >= (2, 6) }
    }

    /// System, board, chassis and BIOS texts as written; the chassis type by name.
    pub fn system(&self, notes: &mut Notes) -> SystemSection {
        let mut text = |of: Option<&UndefinedStruct>, offset| {
            notes.text("smbios", &of.map(|s| string(s, offset)).unwrap_or_default())
        };
        let [bios, system, board, chassis] = [0, 1, 2, 3].map(|kind| self.first(kind));
        SystemSection {
            bios_vendor: text(bios, 0x04),
            bios_version: text(bios, 0x05),
            bios_date: text(bios, 0x08),
            manufacturer: text(system, 0x04),
            product: text(system, 0x05),
            version: text(system, 0x06),
            serial: text(system, 0x07),
            uuid: system.map(|s| self.uuid(s)).unwrap_or_default(),
            sku: text(system, 0x19),
            board_manufacturer: text(board, 0x04),
            board_product: text(board, 0x05),
            board_version: text(board, 0x06),
            board_serial: text(board, 0x07),
            board_asset_tag: text(board, 0x08),
            chassis_manufacturer: text(chassis, 0x04),
            chassis_type: chassis.and_then(|s| s.get_field_byte(0x05)).map(chassis_type).unwrap_or_default().to_owned(),
            chassis_serial: text(chassis, 0x07),
            asset_tag: text(chassis, 0x08),
            ..Default::default()
        }
    }

    /// The name of the line of products, as written.
    pub fn family(&self, notes: &mut Notes) -> String {
        notes.text("smbios", &self.first(1).map(|system| string(system, 0x1A)).unwrap_or_default())
    }

    /// The processors that are plugged in, in table order.
    pub fn cpus(&self, notes: &mut Notes) -> Vec<Cpu> {
        self.of_kind(4).filter_map(|socket| processor::cpu(socket, notes)).collect()
    }

    /// The memory slots in use, in table order, and how many slots there are.
    pub fn memory(&self, notes: &mut Notes) -> (Vec<MemoryModule>, u32) {
        let slots: Vec<&UndefinedStruct> = self.of_kind(17).filter(|slot| !is_firmware_chip(slot)).collect();
        let modules = slots.iter().filter(|slot| module_bytes(slot) > 0).map(|slot| module(slot, notes)).collect();
        (modules, slots.len() as u32)
    }

    fn first(&self, kind: u8) -> Option<&UndefinedStruct> {
        self.of_kind(kind).next()
    }

    fn of_kind(&self, kind: u8) -> impl Iterator<Item = &UndefinedStruct> {
        self.data.iter().take_while(|s| s.header.struct_type() != 127).filter(move |s| s.header.struct_type() == kind)
    }

    fn uuid(&self, system: &UndefinedStruct) -> String {
        let Some(raw) = system.get_field_data(0x08, 0x18) else {
            return String::new();
        };
        let mixed = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        let order = |n: usize| if self.uuid_mixed_order { mixed[n] } else { n };
        let bytes: [u8; 16] = std::array::from_fn(|n| raw.get(order(n)).copied().unwrap_or(0));
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Strings are read raw: old boards write Latin-1, and one odd byte must not lose the value.
fn string(of: &UndefinedStruct, offset: usize) -> String {
    let number = usize::from(of.get_field_byte(offset).unwrap_or(0));
    let raw = number.checked_sub(1).and_then(|index| of.strings.iter().nth(index));
    raw.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

fn module(slot: &UndefinedStruct, notes: &mut Notes) -> MemoryModule {
    let mut text = |offset| notes.text("smbios memory", &string(slot, offset));
    let [locator, bank, manufacturer, serial, part_number] = [0x10, 0x11, 0x17, 0x18, 0x1A].map(&mut text);
    let configured = slot.get_field_word(0x20).filter(|mts| !matches!(mts, 0 | 0xFFFF));
    let speed = configured.or_else(|| slot.get_field_word(0x15)).filter(|mts| *mts != 0xFFFF);
    MemoryModule {
        slot: if locator.is_empty() { bank } else { locator },
        size_bytes: module_bytes(slot),
        r#type: memory_type(slot.get_field_byte(0x12).unwrap_or(0)).to_owned(),
        speed_mts: u32::from(speed.unwrap_or(0)),
        manufacturer,
        part_number,
        serial,
    }
}

/// 0 where the slot is empty or its size unknown.
fn module_bytes(slot: &UndefinedStruct) -> u64 {
    match slot.get_field_word(0x0C) {
        None | Some(0 | 0xFFFF) => 0,
        Some(0x7FFF) => u64::from(slot.get_field_dword(0x1C).unwrap_or(0) & 0x7FFF_FFFF) << 20,
        Some(size) if size & 0x8000 != 0 => u64::from(size & 0x7FFF) << 10,
        Some(size) => u64::from(size) << 20,
    }
}

/// Firmware chips stand in the same list as memory modules.
fn is_firmware_chip(slot: &UndefinedStruct) -> bool {
    matches!(slot.get_field_byte(0x12), Some(0x08..=0x0C))
}

fn memory_type(code: u8) -> &'static str {
    match code {
        0x03 => "DRAM",
        0x07 => "RAM",
        0x0F => "SDRAM",
        0x12 => "DDR",
        0x13 => "DDR2",
        0x14 => "DDR2 FB-DIMM",
        0x18 => "DDR3",
        0x1A => "DDR4",
        0x1B => "LPDDR",
        0x1C => "LPDDR2",
        0x1D => "LPDDR3",
        0x1E => "LPDDR4",
        0x1F => "non-volatile",
        0x20 => "HBM",
        0x21 => "HBM2",
        0x22 => "DDR5",
        0x23 => "LPDDR5",
        0x24 => "HBM3",
        _ => "",
    }
}

/// The chassis by its SMBIOS code (the lock bit is ignored); empty for codes that say nothing.
pub fn chassis_type(code: u8) -> &'static str {
    #[rustfmt::skip]
    const NAMES: [&str; 37] = [
        "", "", "", "Desktop", "Low Profile Desktop", "Pizza Box", "Mini Tower", "Tower", "Portable", "Laptop", "Notebook",
        "Hand Held", "Docking Station", "All In One", "Sub Notebook", "Space-saving", "Lunch Box", "Main Server Chassis",
        "Expansion Chassis", "Sub Chassis", "Bus Expansion Chassis", "Peripheral Chassis", "RAID Chassis", "Rack Mount Chassis",
        "Sealed-case PC", "Multi-system", "CompactPCI", "AdvancedTCA", "Blade", "Blade Enclosing", "Tablet", "Convertible",
        "Detachable", "IoT Gateway", "Embedded PC", "Mini PC", "Stick PC",
    ];
    NAMES.get(usize::from(code & 0x7F)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One structure: header, fields from offset 4, strings.
    fn structure(kind: u8, fields: &[u8], strings: &[&str]) -> Vec<u8> {
        let mut bytes = vec![kind, fields.len() as u8 + 4, kind, 0];
        bytes.extend(fields);
        for string in strings {
            bytes.extend(string.bytes().chain([0]));
        }
        bytes.extend(if strings.is_empty() { &[0, 0][..] } else { &[0] });
        bytes
    }

    fn table() -> Vec<u8> {
        let mut system = vec![1, 2, 3, 4];
        system.extend(0..16);
        system.extend([6, 0, 0]);
        let mut dimm = vec![0; 0x24];
        dimm[0x0C - 4..0x0E - 4].copy_from_slice(&16_384u16.to_le_bytes());
        dimm[0x10 - 4..0x12 - 4].copy_from_slice(&[1, 2]);
        dimm[0x12 - 4] = 0x1A;
        dimm[0x15 - 4..0x17 - 4].copy_from_slice(&3200u16.to_le_bytes());
        dimm[0x17 - 4] = 3;
        let mut bytes = structure(1, &system, &["Vendor", "Model 5", "Default string", "S-77"]);
        bytes.extend(structure(3, &[0, 0x17], &[]));
        bytes.extend(structure(17, &dimm, &["DIMM_A1", "BANK 0", "Maker"]));
        bytes.extend(structure(17, &[0; 0x20], &[]));
        bytes.extend(structure(127, &[], &[]));
        bytes
    }

    #[test]
    fn texts_and_uuid_are_decoded_in_both_orders() {
        let mut notes = Notes::default();
        let system = Smbios::decode(table(), b"_SM3_..\x03\x02").system(&mut notes);
        assert_eq!((system.product.as_str(), system.serial.as_str()), ("Model 5", "S-77"));
        assert_eq!(system.uuid, "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(system.chassis_type, "Rack Mount Chassis");
        let old = Smbios::decode(table(), b"_SM_..\x02\x05").system(&mut notes);
        assert_eq!(old.uuid, "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }

    #[test]
    fn memory_modules_are_decoded_and_empty_slots_counted() {
        let (modules, slots) = Smbios::decode(table(), b"").memory(&mut Notes::default());
        assert_eq!(slots, 2);
        assert_eq!(modules.len(), 1);
        assert_eq!(
            (modules[0].slot.as_str(), modules[0].size_bytes, modules[0].r#type.as_str()),
            ("DIMM_A1", 16 << 30, "DDR4")
        );
        assert_eq!((modules[0].speed_mts, modules[0].manufacturer.as_str()), (3200, "Maker"));
    }

    #[test]
    fn a_table_cut_anywhere_never_panics() {
        let whole = table();
        for end in 0..whole.len() {
            let cut = Smbios::decode(whole[..end].to_vec(), &whole[..end.min(9)]);
            cut.system(&mut Notes::default());
            cut.memory(&mut Notes::default());
        }
        for odd in [vec![0xFF; 4096], vec![0; 4096], vec![17, 4, 0, 0, 0xFE, 0, 0], vec![1; 1 << 16]] {
            Smbios::decode(odd, b"").system(&mut Notes::default());
        }
    }
}
