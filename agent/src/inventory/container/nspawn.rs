//! Containers of systemd-nspawn: the trees and images that the service manager keeps for machines.

use wacht_proto::v1::Container;

use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const CONTAINERS_MAX: usize = 2_000;
const FOLDER: &str = "var/lib/machines";

/// Every tree and image; empty on machines without one.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Container> {
    let names = root.names_noted(FOLDER, notes);
    // A point in front marks a download or a base of others.
    let machines = names.iter().filter(|name| !name.starts_with('.')).take(CONTAINERS_MAX);
    machines
        .map(|name| name.strip_suffix(".raw").unwrap_or(name))
        .map(|name| Container {
            name: notes.text("container", name),
            engine: "nspawn".to_owned(),
            state: if root.exists(&format!("run/systemd/machines/{name}")) { "running" } else { "stopped" }.to_owned(),
            ..Default::default()
        })
        .collect()
}
