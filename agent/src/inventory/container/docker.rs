//! Docker's containers, from the files that its daemon keeps, or from its command where these may not be read.
//! Their settings hold secrets in variables; only name, image and state are taken.

use std::io::ErrorKind;

use serde::Deserialize;
use wacht_proto::v1::{Container, NoteReason};
use zeroize::Zeroizing;

use crate::inventory::child::Program;
use crate::inventory::far_path::FarPaths;
use crate::inventory::notes::{Notes, cut};
use crate::inventory::root::Root;
use crate::inventory::virtualization::is_container;

const CONTAINERS_MAX: usize = 2_000;
const FOLDERS: [&str; 2] = ["var/lib/docker/containers", "var/snap/docker/common/var-lib-docker/containers"];

/// Every container; empty on machines without Docker.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Container> {
    // Where another folder is set, what still lies in the daemon's own is left over.
    let folders = own_folder(root, notes).map_or_else(|| FOLDERS.map(str::to_owned).to_vec(), |folder| vec![folder]);
    let far = FarPaths::of(root);
    for folder in folders {
        if far.hold(root, &folder) {
            notes.add(&format!("/{folder} (network)"), NoteReason::Failed);
            continue;
        }
        match root.try_names(&folder, CONTAINERS_MAX + 1) {
            Ok(ids) => return ids.iter().filter_map(|id| kept(root, &folder, id, notes)).collect(),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return asked(root, &folder, notes),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(_) => notes.add(&folder, NoteReason::Failed),
        }
    }
    Vec::new()
}

/// What the command prints, one document of JSON a line.
pub fn listed(text: &str, notes: &mut Notes) -> Vec<Container> {
    let mut rows = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(CONTAINERS_MAX + 1) {
        match serde_json::from_str::<Listed>(line) {
            Ok(listed) => rows.push(listed.into_row(notes)),
            Err(_) => notes.add("docker ps", NoteReason::Malformed),
        }
    }
    rows
}

/// The folder that the daemon's settings name in place of its own.
fn own_folder(root: &Root, notes: &mut Notes) -> Option<String> {
    #[derive(Deserialize)]
    struct Settings {
        #[serde(rename = "data-root")]
        data_root: Option<String>,
        graph: Option<String>,
    }
    let text = Zeroizing::new(root.text("etc/docker/daemon.json", notes)?);
    let settings: Settings = serde_json::from_str(&text).ok()?;
    let folder = settings.data_root.or(settings.graph)?;
    Some(format!("{}/containers", folder.trim_matches('/')))
}

fn asked(root: &Root, folder: &str, notes: &mut Notes) -> Vec<Container> {
    if !root.has_program(Program::Docker) {
        notes.add(folder, NoteReason::NeedsPrivilege);
        return Vec::new();
    }
    let text = root.output(Program::Docker, &["ps", "-a", "--no-trunc", "--format", "{{json .}}"], notes);
    listed(&text.unwrap_or_default(), notes)
}

fn kept(root: &Root, folder: &str, id: &str, notes: &mut Notes) -> Option<Container> {
    let text = Zeroizing::new(root.text(&format!("{folder}/{id}/config.v2.json"), notes)?);
    let Ok(kept) = serde_json::from_str::<Kept>(&text) else {
        notes.add("config.v2.json", NoteReason::Malformed);
        return None;
    };
    // A daemon that was killed leaves its containers marked as running.
    let visible = root.exists("proc/1") && !is_container(root);
    let gone = kept.state.pid > 0 && visible && !root.exists(&format!("proc/{}", kept.state.pid));
    let state = if gone { "exited" } else { kept.state.word() };
    Some(row(&kept.name, id, &kept.config.image, state, notes))
}

fn row(name: &str, id: &str, image: &str, state: &str, notes: &mut Notes) -> Container {
    Container {
        name: notes.text("container", name.trim_start_matches('/')),
        id: notes.text("container", cut(id, 12)),
        image: notes.text("image", image),
        engine: "docker".to_owned(),
        state: notes.text("state", state),
    }
}

/// The daemon's own file of one container.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Kept {
    name: String,
    config: KeptConfig,
    state: KeptState,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct KeptConfig {
    image: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct KeptState {
    running: bool,
    paused: bool,
    restarting: bool,
    removal_in_progress: bool,
    dead: bool,
    pid: i64,
    started_at: String,
}

impl KeptState {
    /// In the words of Docker's own command.
    fn word(&self) -> &'static str {
        match self {
            Self { running: true, paused: true, .. } => "paused",
            Self { restarting: true, .. } => "restarting",
            Self { running: true, .. } => "running",
            Self { removal_in_progress: true, .. } => "removing",
            Self { dead: true, .. } => "dead",
            Self { started_at, .. } if started_at.is_empty() || started_at.starts_with("0001-") => "created",
            _ => "exited",
        }
    }
}

/// One line of `docker ps`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(rename = "ID", default)]
    id: String,
    names: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    status: String,
}

impl Listed {
    fn into_row(self, notes: &mut Notes) -> Container {
        // Links give a container further names, with a stroke inside.
        let name = self.names.split(',').find(|name| !name.contains('/')).unwrap_or(&self.names);
        // Before version 20.10 only the sentence for people tells.
        let first = self.status.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let first = if first == "up" { "running" } else { &first };
        let state = if self.state.is_empty() { first } else { &self.state };
        row(name, &self.id, &self.image, state, notes)
    }
}
