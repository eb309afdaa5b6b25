//! Machines of QEMU and LXC that libvirt keeps, from its own definitions. Its daemon is not asked.

use wacht_proto::v1::{NoteReason, VirtualMachine};

use super::{running, uuid};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::xml::{Step, plain, scan};

const MACHINES_MAX: usize = 2_000;
/// More than any machine has cards; keeps a hostile definition short.
const MACS_READ_MAX: usize = 64;

/// Every machine that is defined for good; empty on machines without libvirt.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<VirtualMachine> {
    let mut machines = Vec::new();
    for driver in ["qemu", "lxc"] {
        let folder = format!("etc/libvirt/{driver}");
        let names = root.names_noted(&folder, notes);
        let definitions = names.iter().filter(|name| name.strip_suffix(".xml").is_some()).take(MACHINES_MAX);
        let definitions: Vec<&String> = definitions.collect();
        if definitions.is_empty() {
            continue;
        }
        let status_folder = format!("run/libvirt/{driver}");
        let running = running(root, &status_folder, notes);
        for name in definitions {
            let Some(text) = root.text(&format!("{folder}/{name}"), notes) else { continue };
            let Some(mut machine) = machine(&text, notes) else { continue };
            machine.autostart = root.exists(&format!("{folder}/autostart/{name}"));
            machine.state = match &running {
                None => String::new(),
                Some(names) if names.contains(name) => state(root, &format!("{status_folder}/{name}"), notes),
                Some(_) => "stopped".to_owned(),
            };
            machines.push(machine);
        }
    }
    machines
}

/// The machine of one definition; `None`, with a note, where it is none.
pub fn machine(xml: &str, notes: &mut Notes) -> Option<VirtualMachine> {
    let mut machine = VirtualMachine { hypervisor: "libvirt".to_owned(), ..Default::default() };
    let mut unit = 1_u64 << 10;
    scan(xml, |step| match step {
        Step::Text(["domain", "name"], text) => machine.name = notes.text("machine", &plain(text)),
        Step::Text(["domain", "uuid"], text) => machine.uuid = uuid(text),
        Step::Element(["domain", "memory"], attributes) => unit = unit_bytes(attributes.get("unit").unwrap_or("KiB")),
        Step::Text(["domain", "memory"], text) => {
            machine.memory_bytes = text.parse::<u64>().ok().and_then(|count| count.checked_mul(unit)).unwrap_or(0);
        }
        Step::Text(["domain", "vcpu"], text) => machine.cpus = text.parse().unwrap_or(0),
        Step::Element(["domain", "devices", "interface", "mac"], attributes) => {
            if let Some(address) = attributes.get("address").filter(|_| machine.macs.len() < MACS_READ_MAX) {
                machine.macs.push(address.to_owned());
            }
        }
        _ => {}
    });
    if machine.name.is_empty() {
        notes.add("libvirt", NoteReason::Malformed);
        return None;
    }
    Some(machine)
}

/// Bytes of a unit of memory; libvirt itself writes KiB. 0 for an unknown one.
fn unit_bytes(unit: &str) -> u64 {
    match unit {
        "b" | "bytes" => 1,
        "KB" => 1_000,
        "k" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        _ => 0,
    }
}

/// `running`, `paused`, … of `<domstatus state='running'`; a machine whose status stands there without a word runs.
fn state(root: &Root, path: &str, notes: &mut Notes) -> String {
    let mut state = None;
    scan(&root.text(path, notes).unwrap_or_default(), |step| {
        if let Step::Element(["domstatus"], attributes) = step {
            state = attributes.get("state").map(|word| notes.text("state", word));
        }
    });
    let state = state.unwrap_or_else(|| "running".to_owned());
    if state == "shutoff" { "stopped".to_owned() } else { state }
}
