//! RPM packages, asked from `rpm` itself. Only on the machine itself, and only where it keeps a database.

use wacht_proto::v1::{NoteReason, Software, SoftwareSource};

use super::purl::purl;
use crate::inventory::child::Program;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The files of which one holds the packages.
pub const DATABASES: [&str; 6] = [
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages",
    "usr/lib/sysimage/rpm/Packages.db",
];
const FORMAT: &str = "%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\n";

/// The installed packages; empty on machines without RPM.
pub fn read(root: &Root, distribution: &str, notes: &mut Notes) -> Vec<Software> {
    list(root, notes).map(|text| parse(&text, distribution, notes)).unwrap_or_default()
}

/// What `rpm` says of every package: a line of name, epoch, version, release, architecture and vendor each.
pub fn list(root: &Root, notes: &mut Notes) -> Option<String> {
    // Debian carries `rpm` as a tool, with no database of its own.
    let kept_here = !root.is_real() || has_database(root);
    if kept_here { root.output(Program::Rpm, &["-qa", "--qf", FORMAT], notes) } else { None }
}

/// Whether RPM keeps a database here.
pub fn has_database(root: &Root) -> bool {
    DATABASES.iter().any(|path| root.exists(path))
}

pub fn parse(text: &str, distribution: &str, notes: &mut Notes) -> Vec<Software> {
    text.lines().filter_map(|line| software(line, distribution, notes)).collect()
}

fn software(line: &str, distribution: &str, notes: &mut Notes) -> Option<Software> {
    let fields: Vec<&str> = line.split('\t').map(|field| if field == "(none)" { "" } else { field }).collect();
    let [name, epoch, version, release, architecture, vendor] = fields.as_slice() else {
        // A database in disorder makes `rpm` mix its complaints with its answers.
        notes.add("rpm", NoteReason::Malformed);
        return None;
    };
    // Keys of repositories stand in the same database.
    if name.is_empty() || *name == "gpg-pubkey" {
        return None;
    }
    let released = format!("{version}-{release}");
    let full = if epoch.is_empty() { released.clone() } else { format!("{epoch}:{released}") };
    Some(Software {
        name: notes.text("rpm", name),
        version: notes.text("rpm", &full),
        architecture: notes.text("rpm", architecture),
        source: SoftwareSource::Rpm.into(),
        publisher: notes.text("rpm", vendor),
        purl: purl("rpm", distribution, name, &released, &[("arch", architecture), ("epoch", epoch)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_parsed_and_keys_skipped() {
        let text = "bash\t(none)\t5.1.8\t9.el9\tx86_64\tRocky Enterprise Software Foundation\ngpg-pubkey\t(none)\t1\t2\t(none)\t(none)\nbind\t32\t9.16\t1\tx86_64\t(none)\nodd\tline\n";
        let software = parse(text, "rocky", &mut Notes::default());
        assert_eq!(software.len(), 2);
        assert_eq!(
            (software[0].version.as_str(), software[0].purl.as_str()),
            ("5.1.8-9.el9", "pkg:rpm/rocky/bash@5.1.8-9.el9?arch=x86_64")
        );
        assert_eq!((software[1].version.as_str(), software[1].publisher.as_str()), ("32:9.16-1", ""));
        assert_eq!(software[1].purl, "pkg:rpm/rocky/bind@9.16-1?arch=x86_64&epoch=32");
    }
}
