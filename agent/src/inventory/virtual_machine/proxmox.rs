//! Machines of Proxmox VE on this node, from their configuration. Those of other nodes are theirs; containers are no
//! machines.

use wacht_proto::v1::VirtualMachine;

use super::{running, uuid};
use crate::inventory::notes::Notes;
use crate::inventory::pve_guest::{guests, part, values};
use crate::inventory::root::Root;

const FOLDER: &str = "etc/pve/qemu-server";
/// The cards that a machine may have, by the word before their address.
const CARDS: [&str; 8] = ["virtio", "e1000", "e1000e", "vmxnet3", "rtl8139", "macaddr", "pcnet", "ne2k_pci"];

/// Every machine of this node; empty on machines without Proxmox VE.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<VirtualMachine> {
    let guests = guests(root, FOLDER, notes);
    let running = if guests.is_empty() { None } else { running(root, "run/qemu-server", notes) };
    let with_state = |(number, text): &(String, String)| {
        let runs = running.as_ref().map(|names| names.contains(&format!("{number}.pid")));
        let state = runs.map_or("", |runs| if runs { "running" } else { "stopped" });
        VirtualMachine { state: state.to_owned(), ..machine(number, text, notes) }
    };
    guests.iter().map(with_state).collect()
}

/// The machine of one configuration; it is named by its number where it has no name.
pub fn machine(number: &str, text: &str, notes: &mut Notes) -> VirtualMachine {
    let values = values(text);
    let count = |key: &str| values.get(key).and_then(|value| value.parse::<u32>().ok());
    let cards = values.iter().filter(|(key, _)| key.strip_prefix("net").is_some_and(is_digits));
    let mebibytes =
        values.get("memory").and_then(|value| part(value, &["current"]).unwrap_or(value).parse::<u64>().ok());
    VirtualMachine {
        name: notes.text("machine", values.get("name").unwrap_or(&number)),
        uuid: uuid(values.get("smbios1").and_then(|value| part(value, &["uuid"])).unwrap_or_default()),
        hypervisor: "proxmox".to_owned(),
        cpus: count("vcpus").unwrap_or(count("cores").unwrap_or(1).saturating_mul(count("sockets").unwrap_or(1))),
        // 512 is what Proxmox gives where nothing is said.
        memory_bytes: mebibytes.unwrap_or(512).checked_mul(1 << 20).unwrap_or(0),
        macs: cards.filter_map(|(_, value)| part(value, &CARDS)).map(str::to_owned).collect(),
        autostart: values.get("onboot") == Some(&"1"),
        ..Default::default()
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
