//! The containers that this machine keeps, running or not, of each engine. What runs inside them is another machine's
//! inventory; images without a container are none.

mod docker;
mod lxc;
mod nspawn;
mod podman;

use std::collections::BTreeSet;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Container, ContainerSection, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;

const CONTAINERS_MAX: usize = 2_000;

/// The section of the containers.
pub struct Containers;

impl Section for Containers {
    fn kind(&self) -> SectionKind {
        SectionKind::Container
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut containers = Vec::new();
        for read in [docker::read, podman::read, lxc::read, nspawn::read] {
            containers.extend(read(root, &mut notes));
        }
        section(containers, notes)
    }
}

/// What `docker ps --format '{{json .}}'` alone says.
pub fn of_docker_ps(text: &str) -> SectionBody {
    let mut notes = Notes::default();
    section(docker::listed(text, &mut notes), notes)
}

/// What `podman ps --format json` alone says.
pub fn of_podman_ps(text: &str) -> SectionBody {
    let mut notes = Notes::default();
    section(podman::listed(text, &mut notes), notes)
}

fn section(mut containers: Vec<Container>, mut notes: Notes) -> SectionBody {
    containers.retain(|container| !container.name.is_empty());
    containers.sort_by(|a, b| (&a.engine, &a.name, &a.id).cmp(&(&b.engine, &b.name, &b.id)));
    told_apart(&mut containers);
    notes.bound("containers", &mut containers, CONTAINERS_MAX);
    notes.into_body(Kind::Container(ContainerSection { containers }))
}

/// Two containers of one engine may share a name where numbers count; the later ones carry theirs beside it.
fn told_apart(containers: &mut [Container]) {
    let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
    for container in containers {
        if !taken.insert((container.engine.clone(), container.name.clone())) {
            container.name = format!("{} ({})", super::notes::cut(&container.name, 240), container.id);
        }
    }
}

#[cfg(test)]
mod tests;
