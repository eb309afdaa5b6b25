//! Podman's containers of the machine itself, asked of its command because its own store does not tell their state.
//! Those of single users stay their own affair, and the frame of a pod is no container of its own.

use serde::Deserialize;
use wacht_proto::v1::{Container, NoteReason};

use crate::inventory::child::Program;
use crate::inventory::notes::{Notes, cut};
use crate::inventory::root::Root;

const STORE: &str = "var/lib/containers/storage";
const KINDS: [&str; 4] = ["overlay", "vfs", "btrfs", "zfs"];

/// Every container; empty where none was ever made.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Container> {
    // Starting the program takes a while, so it is asked only where its store holds something.
    let stores = KINDS.map(|kind| format!("{STORE}/{kind}-containers/containers.json"));
    let holds = |path: &String| root.text(path, &mut Notes::default()).is_some_and(|text| text.trim().len() > 2);
    if root.is_real() && !stores.iter().any(holds) || !root.has_program(Program::Podman) {
        return Vec::new();
    }
    let text = root.output(Program::Podman, &["ps", "-a", "--format", "json"], notes);
    listed(&text.unwrap_or_default(), notes)
}

/// What the command prints: one list of JSON.
pub fn listed(text: &str, notes: &mut Notes) -> Vec<Container> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    // The list of a machine without containers is `null` in some versions.
    let Ok(rows) = serde_json::from_str::<Option<Vec<Listed>>>(text) else {
        notes.add("podman ps", NoteReason::Malformed);
        return Vec::new();
    };
    let rows = rows.unwrap_or_default().into_iter().filter(|listed| !listed.is_infra);
    rows.map(|listed| listed.into_row(notes)).collect()
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Listed {
    id: String,
    names: Vec<String>,
    image: String,
    state: String,
    is_infra: bool,
}

impl Listed {
    fn into_row(self, notes: &mut Notes) -> Container {
        Container {
            name: notes.text("container", self.names.first().map_or("", String::as_str)),
            id: notes.text("container", cut(&self.id, 12)),
            image: notes.text("image", &self.image),
            engine: "podman".to_owned(),
            state: notes.text("state", &self.state.to_ascii_lowercase()),
        }
    }
}
