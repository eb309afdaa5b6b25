//! The virtual machines that this machine carries, running or not, from the definitions that its hypervisor keeps.
//! What a guest holds inside is its own agent's matter; its uuid joins the two.

mod libvirt;
mod proxmox;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, VirtualMachine, VirtualMachineSection};

use super::Section;
use super::mac::mac;
use super::notes::Notes;
use super::root::Root;

const MACHINES_MAX: usize = 2_000;
const MACS_MAX: usize = 32;

/// The section of the virtual machines.
pub struct VirtualMachines;

impl Section for VirtualMachines {
    fn kind(&self) -> SectionKind {
        SectionKind::VirtualMachine
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut machines = libvirt::read(root, &mut notes);
        machines.extend(proxmox::read(root, &mut notes));
        section(machines, notes)
    }
}

/// What the definition of one machine of libvirt alone says.
pub fn of_libvirt(xml: &str) -> SectionBody {
    let mut notes = Notes::default();
    section(libvirt::machine(xml, &mut notes).into_iter().collect(), notes)
}

/// What the configuration of one machine of Proxmox VE alone says.
pub fn of_proxmox(conf: &str) -> SectionBody {
    let mut notes = Notes::default();
    let machine = proxmox::machine("", conf, &mut notes);
    section(vec![machine], notes)
}

fn section(mut machines: Vec<VirtualMachine>, mut notes: Notes) -> SectionBody {
    machines.retain(|machine| !machine.name.is_empty() || !machine.uuid.is_empty());
    for machine in &mut machines {
        machine.macs = machine.macs.iter().filter_map(|written| mac(written)).collect();
        machine.macs.sort_unstable();
        machine.macs.dedup();
        notes.bound_texts("macs", &mut machine.macs, MACS_MAX);
    }
    machines.sort_by(|a, b| (&a.hypervisor, &a.name, &a.uuid).cmp(&(&b.hypervisor, &b.name, &b.uuid)));
    notes.bound("machines", &mut machines, MACHINES_MAX);
    notes.into_body(Kind::VirtualMachine(VirtualMachineSection { machines }))
}

/// A uuid in lower case; empty for anything else.
fn uuid(written: &str) -> String {
    let lower = written.trim().to_ascii_lowercase();
    let dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let right = |(place, byte): (usize, u8)| if dash(place) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    if lower.len() == 36 && lower.bytes().enumerate().all(right) { lower } else { String::new() }
}

/// What marks the machines that run, by the names in a folder of the running system; `None`, with a note, where it may
/// not be looked into.
fn running(root: &Root, folder: &str, notes: &mut Notes) -> Option<Vec<String>> {
    match root.try_names(folder, MACHINES_MAX * 8) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            notes.add(folder, wacht_proto::v1::NoteReason::NeedsPrivilege);
            None
        }
        names => Some(names.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests;
