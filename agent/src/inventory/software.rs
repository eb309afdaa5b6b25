//! Installed packages of all sources, each with its package URL.

use super::software_sources::{dpkg, flatpak, rpm, snap};
use super::text::{bound, clean, name, note};
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Software as Package, SectionBody, SectionKind, SoftwareSection, SoftwareSource};

const PACKAGES_MAX: usize = 20_000;
const PURL_BYTES_MAX: usize = 512;

/// The section.
pub struct Software;

impl Section for Software {
    fn kind(&self) -> SectionKind {
        SectionKind::Software
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let mut software = Vec::new();
        let distribution = distribution(root);
        for (subject, packages) in
            [("dpkg", dpkg(root, &distribution)), ("rpm", rpm(root, &distribution)), ("snap", snap(root)), ("flatpak", flatpak(root))]
        {
            match packages {
                Ok(packages) => software.extend(packages),
                Err(error) => notes.extend(note(subject, &error)),
            }
        }
        software.sort_by(|left, right| (left.source, &left.name, &left.architecture).cmp(&(right.source, &right.name, &right.architecture)));
        bound(&mut software, PACKAGES_MAX, "software", &mut notes);
        SectionBody { kind: Some(Kind::Software(SoftwareSection { software })), notes }
    }
}

/// A package of one source.
pub fn package(source: SoftwareSource, facts: [&str; 4], purl: String) -> Package {
    let [package, version, architecture, publisher] = facts;
    Package {
        name: name(package),
        version: name(version),
        architecture: name(architecture),
        source: source.into(),
        publisher: name(publisher),
        purl: clean(&purl, PURL_BYTES_MAX),
    }
}

/// A package URL: type, namespace, name, version, architecture; what is not plain is escaped by per cent.
pub fn purl(kind: &str, namespace: &str, package: &str, version: &str, architecture: &str) -> String {
    let mut purl = format!("pkg:{kind}/");
    if !namespace.is_empty() {
        escape(namespace, &mut purl);
        purl.push('/');
    }
    escape(package, &mut purl);
    if !version.is_empty() {
        purl.push('@');
        escape(version, &mut purl);
    }
    if !architecture.is_empty() {
        purl.push_str("?arch=");
        escape(architecture, &mut purl);
    }
    purl
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':' | b'+') {
            out.push(char::from(byte));
        } else {
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
            out.insert(out.len() - 2, '%');
        }
    }
}

fn distribution(root: &Root) -> String {
    let release = root.text("etc/os-release").unwrap_or_default();
    let id = release.lines().find_map(|line| line.strip_prefix("ID=")).unwrap_or_default();
    name(id.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_url_escapes_what_is_not_plain() {
        assert_eq!(purl("deb", "debian", "g++", "4:12.2.0-3 x", "amd64"), "pkg:deb/debian/g++@4:12.2.0-3%20x?arch=amd64");
        assert_eq!(purl("generic", "", "é", "", ""), "pkg:generic/%C3%A9");
    }

    #[test]
    fn this_machines_packages_are_as_many_as_dpkg_says() {
        let asked = std::process::Command::new("/usr/bin/dpkg-query").args(["-W", "-f", "${db:Status-Abbrev}\n"]).output();
        let Ok(asked) = asked else {
            eprintln!("skipped: this machine has no dpkg-query");
            return;
        };
        let installed = String::from_utf8_lossy(&asked.stdout).lines().filter(|line| line.starts_with("ii")).count();
        let Some(Kind::Software(section)) = Software.read(&Root::real()).kind else { panic!("software") };
        let found = section.software.iter().filter(|package| package.source() == SoftwareSource::Dpkg).count();
        assert_eq!(found, installed);
    }
}
