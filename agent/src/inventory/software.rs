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
    let software = parse(&mut notes);
    body(software, notes)
}

/// What is left out beyond the bound is counted in the note.
fn body(mut software: Vec<wacht_proto::v1::Software>, mut notes: Notes) -> SectionBody {
    software.sort_unstable_by(|a, b| {
        (&a.name, &a.architecture, a.source, &a.version).cmp(&(&b.name, &b.architecture, b.source, &b.version))
    });
    let subject = format!("software ({})", software.len());
    notes.bound(&subject, &mut software, ROWS_MAX);
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
            // The files that hold packages, not their folders: to look into an RPM database touches files beside it.
            "var/lib/rpm/rpmdb.sqlite",
            "var/lib/rpm/rpmdb.sqlite-wal",
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "usr/lib/sysimage/rpm/rpmdb.sqlite",
            "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
            "usr/lib/sysimage/rpm/Packages",
            "usr/lib/sysimage/rpm/Packages.db",
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
        body(software, notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_packages_is_cut_with_a_note_that_counts_them() {
        let stanza = |n| format!("Package: p{n}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n");
        let body = of_dpkg(&(0..100_000).map(stanza).collect::<String>());
        let Some(Kind::Software(section)) = body.kind else { panic!("not a software section") };
        assert_eq!(section.software.len(), ROWS_MAX);
        assert_eq!(body.notes[0].subject, "software (100000)");
    }

    #[test]
    fn a_database_that_broke_off_gives_its_sound_part_and_a_note() {
        let whole = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n";
        for half in
            ["Package: b\nStat", "Package: b\nStatus: install ok installed\nVer", "Package: b\nStatus: install ok"]
        {
            let body = of_dpkg(&format!("{whole}{half}"));
            let Some(Kind::Software(section)) = body.kind else { panic!("not a software section") };
            assert_eq!((section.software.len(), body.notes.len()), (1, 1), "{half}");
        }
        let body = of_rpm("a\t(none)\t1\t1\tnoarch\tx\nb\t(none)\t2");
        let Some(Kind::Software(section)) = body.kind else { panic!("not a software section") };
        assert_eq!((section.software.len(), body.notes.len()), (1, 1));
    }
}
