//! System containers of the kernel's own kind: of Proxmox VE, of LXC, of LXD and of Incus, from the files and folders in
//! which they are kept. Whether one runs is told by its control group.

use wacht_proto::v1::Container;

use crate::inventory::notes::Notes;
use crate::inventory::pve_guest::{guests, values};
use crate::inventory::root::Root;

const CONTAINERS_MAX: usize = 2_000;
/// Engine and folder of those that keep a folder for each container.
const FOLDERS: [(&str, &str); 4] = [
    ("lxc", "var/lib/lxc"),
    ("lxd", "var/lib/lxd/containers"),
    ("lxd", "var/snap/lxd/common/lxd/containers"),
    ("incus", "var/lib/incus/containers"),
];

/// Every container; empty on machines without one.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Container> {
    let on_proxmox = guests(root, "etc/pve/lxc", notes);
    let mut rows: Vec<Container> = on_proxmox.iter().map(|(number, text)| proxmox(root, number, text, notes)).collect();
    for (engine, folder) in FOLDERS {
        for name in root.names_noted(folder, notes).iter().take(CONTAINERS_MAX) {
            // Proxmox keeps a folder of the same kind for each of its own.
            if on_proxmox.iter().any(|(number, _)| number == name) {
                continue;
            }
            let config = root.text(&format!("{folder}/{name}/config"), &mut Notes::default());
            if engine != "lxc" || config.is_some() {
                rows.push(Container {
                    name: notes.text("container", name),
                    image: notes.text("image", distribution(&config.unwrap_or_default())),
                    engine: engine.to_owned(),
                    state: state(root, name).to_owned(),
                    ..Default::default()
                });
            }
        }
    }
    rows
}

fn proxmox(root: &Root, number: &str, text: &str, notes: &mut Notes) -> Container {
    let values = values(text);
    Container {
        name: notes.text("container", values.get("hostname").unwrap_or(&number)),
        id: number.to_owned(),
        image: notes.text("image", values.get("ostype").unwrap_or(&"")),
        engine: "lxc".to_owned(),
        state: state(root, number).to_owned(),
    }
}

/// `debian` of `lxc.include = /usr/share/lxc/config/debian.common.conf`.
fn distribution(config: &str) -> &str {
    let includes = config.lines().filter_map(|line| line.trim().strip_prefix("lxc.include")?.rsplit('/').next());
    let mut names = includes.filter_map(|file| file.split('.').next()).filter(|name| *name != "common");
    names.next().unwrap_or_default().trim()
}

/// `running` or `stopped`; empty where the kernel shows no control groups.
fn state(root: &Root, name: &str) -> &'static str {
    const GROUPS: [&str; 4] = ["lxc.payload.", "lxc.payload/", "lxc/", "lxc.monitor."];
    let folders = ["sys/fs/cgroup", "sys/fs/cgroup/systemd"];
    if root.names(folders[0]).is_empty() {
        return "";
    }
    let runs = |folder: &str| GROUPS.iter().any(|group| root.exists(&format!("{folder}/{group}{name}")));
    if folders.into_iter().any(runs) { "running" } else { "stopped" }
}
