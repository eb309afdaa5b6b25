//! Volumes: mounted file systems that hold data. A network mount is listed and never asked, since its server may be
//! gone; free space is a sample, not a fact.

use super::mounts::{Mount, mounts};
use super::text::{bound, name};
use super::{Root, Section};
use std::collections::HashMap;
use std::path::Path;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, Volume as FileSystem, VolumeSection};

const VOLUMES_MAX: usize = 1_024;
const SECTOR_BYTES: u64 = 512;

/// The section.
pub struct Volume;

impl Section for Volume {
    fn kind(&self) -> SectionKind {
        SectionKind::Volume
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let table = root.text("proc/self/mountinfo").unwrap_or_default();
        let (uuids, labels) = (links(root, "dev/disk/by-uuid"), links(root, "dev/disk/by-label"));
        let mut volumes: Vec<_> = mounts(&table).into_iter().map(|mount| volume(root, mount, &uuids, &labels)).collect();
        bound(&mut volumes, VOLUMES_MAX, "volumes", &mut notes);
        SectionBody { kind: Some(Kind::Volume(VolumeSection { volumes })), notes }
    }
}

fn volume(root: &Root, mount: Mount, uuids: &HashMap<String, String>, labels: &HashMap<String, String>) -> FileSystem {
    let device = mount.source.rsplit('/').next().unwrap_or_default();
    FileSystem {
        size_bytes: size(root, &mount),
        uuid: uuids.get(device).cloned().unwrap_or_default(),
        label: labels.get(device).cloned().unwrap_or_default(),
        mount: name(&mount.point),
        device: name(&mount.source),
        r#type: name(&mount.kind),
        read_only: mount.read_only,
        network: mount.network,
    }
}

/// Size of the device, or what the file system was mounted with where it has no device of its own (tmpfs).
fn size(root: &Root, mount: &Mount) -> u64 {
    let sectors = root.number(format!("sys/dev/block/{}/size", mount.device));
    sectors.map_or(mount.size_bytes, |sectors| sectors.saturating_mul(SECTOR_BYTES))
}

/// Device name -> name of the link to it.
fn links(root: &Root, folder: &str) -> HashMap<String, String> {
    let device = |link: &str| {
        let target = std::fs::read_link(root.path(Path::new(folder).join(link))).ok()?;
        Some((target.file_name()?.to_string_lossy().into_owned(), name(link)))
    };
    root.names(folder).iter().filter_map(|link| device(link)).collect()
}
