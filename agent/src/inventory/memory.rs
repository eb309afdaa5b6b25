//! Memory: what is installed in all, and each module by its slot where the firmware tells.

use super::smbios::{Structure, structures, table};
use super::text::{bound, fact, name, note};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{MemoryModule, MemorySection, SectionBody, SectionKind};

const MODULES_MAX: usize = 256;
const TYPES: [(u8, &str); 10] = [
    (0x12, "DDR"), (0x13, "DDR2"), (0x14, "DDR2 FB-DIMM"), (0x18, "DDR3"), (0x1a, "DDR4"), (0x1b, "LPDDR"), (0x1d, "LPDDR3"),
    (0x1e, "LPDDR4"), (0x22, "DDR5"), (0x23, "LPDDR5"),
];

/// The section.
pub struct Memory;

impl Section for Memory {
    fn kind(&self) -> SectionKind {
        SectionKind::Memory
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let (mut modules, slots) = match table(root) {
            Ok(table) => modules(&structures(&table)),
            Err(error) => {
                notes.extend(note("memory modules", &error));
                (Vec::new(), 0)
            }
        };
        bound(&mut modules, MODULES_MAX, "memory modules", &mut notes);
        let meminfo = root.text("proc/meminfo").unwrap_or_default();
        let installed: u64 = modules.iter().map(|module| module.size_bytes).sum();
        let total_bytes = if installed > 0 { installed } else { field(&meminfo, "MemTotal:") };
        let section = MemorySection { total_bytes, modules, swap_bytes: field(&meminfo, "SwapTotal:"), slots };
        SectionBody { kind: Some(Kind::Memory(section)), notes }
    }
}

/// Modules that are present, and the number of slots.
fn modules(structures: &[Structure<'_>]) -> (Vec<MemoryModule>, u32) {
    let slots: Vec<_> = structures.iter().filter(|structure| structure.kind == 17).collect();
    let mut modules: Vec<_> = slots.iter().filter_map(|structure| module(structure)).collect();
    modules.sort_by(|left, right| left.slot.cmp(&right.slot));
    (modules, slots.len() as u32)
}

fn module(structure: &Structure<'_>) -> Option<MemoryModule> {
    let size_bytes = size(structure).filter(|size| *size > 0)?;
    let bank = structure.string(17);
    let slot = structure.string(16);
    Some(MemoryModule {
        slot: name(if slot.trim().is_empty() { &bank } else { &slot }),
        size_bytes,
        r#type: structure.byte(18).and_then(kind).unwrap_or_default().to_owned(),
        speed_mts: structure.word(21).map_or(0, u32::from),
        manufacturer: fact(&structure.string(23)),
        serial: fact(&structure.string(24)),
        part_number: fact(&structure.string(26)),
    })
}

/// 0x7fff sends to the extended size; the highest bit says kilobytes.
fn size(structure: &Structure<'_>) -> Option<u64> {
    match structure.word(12)? {
        0 | 0xffff => None,
        0x7fff => Some(u64::from(structure.double_word(28)? & 0x7fff_ffff) << 20),
        kilobytes if kilobytes & 0x8000 != 0 => Some(u64::from(kilobytes & 0x7fff) << 10),
        megabytes => Some(u64::from(megabytes) << 20),
    }
}

fn kind(number: u8) -> Option<&'static str> {
    TYPES.iter().find(|(kind, _)| *kind == number).map(|(_, word)| *word)
}

fn field(meminfo: &str, wanted: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(wanted));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0).saturating_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::super::smbios::tests::structure;
    use super::*;

    #[test]
    fn present_modules_are_listed_and_empty_slots_counted() {
        let mut body = vec![0u8; 30];
        body[8..10].copy_from_slice(&8_192u16.to_le_bytes());
        (body[12], body[14], body[19], body[20]) = (1, 0x1a, 2, 3);
        body[17..19].copy_from_slice(&3_200u16.to_le_bytes());
        let mut table = structure(17, &body, &["DIMM A1", "Samsung", "S123"]);
        table.extend(structure(17, &[0u8; 30], &["DIMM A2"]));
        let (found, slots) = modules(&structures(&table));
        assert_eq!((found.len(), slots), (1, 2));
        let module = &found[0];
        assert_eq!((module.slot.as_str(), module.size_bytes, module.r#type.as_str()), ("DIMM A1", 8 << 30, "DDR4"));
        assert_eq!((module.speed_mts, module.manufacturer.as_str(), module.serial.as_str()), (3_200, "Samsung", "S123"));
    }
}
