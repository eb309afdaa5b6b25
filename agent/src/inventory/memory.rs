//! Memory: what is installed, slot by slot where the firmware says so. How much is in use is a sample, not inventory.

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{MemoryModule, MemorySection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::placeholder::real;
use super::root::Root;
use super::smbios::Smbios;
use super::virtualization::is_container;

const MODULES_MAX: usize = 256;

/// The section of the memory.
pub struct Memory;

impl Section for Memory {
    fn kind(&self) -> SectionKind {
        SectionKind::Memory
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let meminfo = root.text("proc/meminfo", &mut notes).unwrap_or_default();
        let table = if is_container(root) { None } else { Smbios::read(root, &mut notes) };
        let (modules, slots) = table.map(|table| table.memory(&mut notes)).unwrap_or_default();
        let modules = modules.into_iter().map(without_filler).collect();
        body(section(modules, slots, &meminfo), notes)
    }
}

/// The section of a recorded table, filler included.
pub fn of_table(table: &Smbios) -> SectionBody {
    let mut notes = Notes::default();
    let (modules, slots) = table.memory(&mut notes);
    body(section(modules, slots, ""), notes)
}

fn body(mut section: MemorySection, mut notes: Notes) -> SectionBody {
    notes.bound("modules", &mut section.modules, MODULES_MAX);
    notes.into_body(Kind::Memory(section))
}

fn without_filler(module: MemoryModule) -> MemoryModule {
    let keep = |value: &str| real(value).unwrap_or_default().to_owned();
    MemoryModule {
        slot: keep(&module.slot),
        manufacturer: keep(&module.manufacturer),
        part_number: keep(&module.part_number),
        serial: keep(&module.serial),
        ..module
    }
}

fn section(mut modules: Vec<MemoryModule>, slots: u32, meminfo: &str) -> MemorySection {
    modules.sort_by(|a, b| (&a.slot, &a.serial).cmp(&(&b.slot, &b.serial)));
    let installed = modules.iter().fold(0u64, |sum, module| sum.saturating_add(module.size_bytes));
    let visible = meminfo_bytes(meminfo, "MemTotal:");
    MemorySection {
        // Some hypervisors describe fewer modules than they hand out.
        total_bytes: if installed >= visible { installed } else { visible },
        modules,
        swap_bytes: meminfo_bytes(meminfo, "SwapTotal:"),
        slots,
    }
}

fn meminfo_bytes(meminfo: &str, key: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(key));
    let kib = line.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0).saturating_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str = "MemTotal:       16316412 kB\nMemFree:  1 kB\nSwapTotal:       2097148 kB\n";

    #[test]
    fn modules_give_the_total_and_stand_in_slot_order() {
        let module = |slot: &str| MemoryModule { slot: slot.into(), size_bytes: 8 << 30, ..Default::default() };
        let section = section(vec![module("B1"), module("A1")], 4, MEMINFO);
        assert_eq!((section.total_bytes, section.slots, section.swap_bytes), (16 << 30, 4, 2097148 << 10));
        assert_eq!(section.modules[0].slot, "A1");
    }

    #[test]
    fn without_modules_the_kernels_total_counts() {
        assert_eq!(section(Vec::new(), 0, MEMINFO).total_bytes, 16316412 << 10);
        assert_eq!(section(Vec::new(), 0, "MemTotal: 99999999999999999999 kB").total_bytes, 0);
    }
}
