//! Installed software, from every package source that this machine has. Files are read in place; only RPM, whose
//! database has no stable form, is asked through its own program.

mod dpkg;
mod flatpak;
mod purl;
pub(super) mod rpm;
mod snap;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, SoftwareSection};

use super::Section;
use super::notes::Notes;
use super::os_release::release;
use super::root::Root;

/// What a package database alone says: dpkg's status file.
pub fn of_dpkg(status: &str) -> SectionBody {
    alone(|notes| dpkg::parse(status, "", notes))
}

/// What `rpm -qa` wrote, in the form in which it is asked here.
pub fn of_rpm(text: &str) -> SectionBody {
    alone(|notes| rpm::parse(text, "", notes))
}

fn alone(parse: impl FnOnce(&mut Notes) -> Vec<wacht_proto::v1::Software>) -> SectionBody {
    let mut notes = Notes::default();
    let mut software = parse(&mut notes);
    notes.bound("software", &mut software, ROWS_MAX);
    notes.into_body(Kind::Software(SoftwareSection { software }))
}

const ROWS_MAX: usize = 20_000;

/// The section of the installed software.
pub struct Software;

impl Section for Software {
    fn kind(&self) -> SectionKind {
        SectionKind::Software
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "etc/os-release",
            "var/lib/dpkg/status",
            "var/lib/rpm",
            "usr/lib/sysimage/rpm",
            "snap",
            "var/lib/snapd/snap",
            "var/lib/flatpak/.changed",
            "var/lib/flatpak/app",
        ]
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let distribution = release(root, &mut notes).id;
        let mut software = dpkg::read(root, &distribution, &mut notes);
        software.extend(rpm::read(root, &distribution, &mut notes));
        software.extend(snap::read(root, &mut notes));
        software.extend(flatpak::read(root, &mut notes));
        software.sort_unstable_by(|a, b| {
            (&a.name, &a.architecture, a.source, &a.version).cmp(&(&b.name, &b.architecture, b.source, &b.version))
        });
        notes.bound("software", &mut software, ROWS_MAX);
        notes.into_body(Kind::Software(SoftwareSection { software }))
    }
}
