//! Debian packages, sliced out of dpkg's status file in one pass. Versions are not compared here.

use wacht_proto::v1::{NoteReason, Software, SoftwareSource};

use super::purl::purl;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The installed packages; empty on machines without dpkg.
pub fn read(root: &Root, distribution: &str, notes: &mut Notes) -> Vec<Software> {
    let status = root.text("var/lib/dpkg/status", notes).unwrap_or_default();
    parse(&status, distribution, notes)
}

/// The fields of one stanza that count here, still in the file's own text.
#[derive(Default)]
struct Stanza<'a> {
    package: &'a str,
    status: &'a str,
    version: &'a str,
    architecture: &'a str,
    maintainer: &'a str,
}

pub fn parse(status: &str, distribution: &str, notes: &mut Notes) -> Vec<Software> {
    let mut packages = Vec::new();
    let mut stanza = Stanza::default();
    // One more empty line, because the last stanza may end with the file.
    for line in status.split('\n').chain([""]) {
        if line.is_empty() {
            let ended = std::mem::take(&mut stanza);
            if !ended.is_whole() {
                notes.add("var/lib/dpkg/status", NoteReason::Malformed);
            } else if is_installed(ended.status) {
                packages.push(software(&ended, distribution, notes));
            }
        } else {
            stanza.take_field(line);
        }
    }
    packages
}

impl<'a> Stanza<'a> {
    /// An empty one is none at all; in a file that broke off the last one lacks its end.
    fn is_whole(&self) -> bool {
        let told = self.status.split_ascii_whitespace().nth(2).is_some();
        self.package.is_empty() || (told && (!is_installed(self.status) || !self.version.is_empty()))
    }

    fn take_field(&mut self, line: &'a str) {
        // Most lines are continuations or fields of no interest: the first byte tells.
        let (slot, value) = match line.as_bytes()[0] {
            b'P' => (&mut self.package, line.strip_prefix("Package:")),
            b'S' => (&mut self.status, line.strip_prefix("Status:")),
            b'V' => (&mut self.version, line.strip_prefix("Version:")),
            b'A' => (&mut self.architecture, line.strip_prefix("Architecture:")),
            b'M' => (&mut self.maintainer, line.strip_prefix("Maintainer:")),
            _ => return,
        };
        if let Some(value) = value {
            *slot = value.trim();
        }
    }
}

/// `install ok installed`: wanted, flags, state. A package that is held or marked for removal is still there.
fn is_installed(status: &str) -> bool {
    status.split_ascii_whitespace().nth(2) == Some("installed")
}

fn software(stanza: &Stanza<'_>, distribution: &str, notes: &mut Notes) -> Software {
    // The maintainer's address is of no use to an inventory.
    let publisher = stanza.maintainer.split('<').next().unwrap_or_default();
    Software {
        name: notes.text("dpkg", stanza.package),
        version: notes.text("dpkg", stanza.version),
        architecture: notes.text("dpkg", stanza.architecture),
        source: SoftwareSource::Dpkg.into(),
        publisher: notes.text("dpkg", publisher.trim().trim_matches('"')),
        purl: purl("deb", distribution, stanza.package, stanza.version, &[("arch", stanza.architecture)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: bash\nStatus: install ok installed\nMaintainer: A Person <a@example.net>\nArchitecture: amd64\nVersion: 5.2.15-2+b7
Description: a shell\n Package: not-a-field\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all

Package: kept\nStatus: hold ok installed\nVersion: 1:2\nArchitecture: all\n\nPackage: broken\nStatus: install ok half-configured\nVersion: 3\n";

    #[test]
    fn installed_packages_alone_are_listed() {
        let software = parse(STATUS, "debian", &mut Notes::default());
        assert_eq!(software.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["bash", "kept"]);
        assert_eq!((software[0].version.as_str(), software[0].publisher.as_str()), ("5.2.15-2+b7", "A Person"));
        assert_eq!(software[0].purl, "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64");
    }

    #[test]
    fn a_status_file_cut_anywhere_or_of_one_endless_line_never_panics() {
        for end in 0..STATUS.len() {
            parse(STATUS.get(..end).unwrap_or_default(), "debian", &mut Notes::default());
        }
        let mut notes = Notes::default();
        let endless = format!("Package: {}\nStatus: install ok installed\nVersion: 1\n", "x".repeat(10 << 20));
        assert_eq!(parse(&endless, "debian", &mut notes)[0].name.len(), 256);
        assert_eq!(notes.into_list().len(), 1);
    }
}
