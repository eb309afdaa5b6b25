//! The package managers: where each keeps what is installed, and how it reads.

use super::Root;
use super::child::{Program, run};
use super::software::{package, purl};
use std::io;
use wacht_proto::v1::{Software, SoftwareSource};

/// Packages of `/var/lib/dpkg/status` that are installed; none where there is no dpkg.
pub fn dpkg(root: &Root, distribution: &str) -> io::Result<Vec<Software>> {
    let status = root.bytes("var/lib/dpkg/status")?;
    Ok(paragraphs(&status).filter_map(|paragraph| debian_package(paragraph, distribution)).collect())
}

fn paragraphs(status: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = status;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.windows(2).position(|pair| pair == b"\n\n");
        let (paragraph, next) = end.map_or((rest, &rest[rest.len()..]), |end| (&rest[..end], &rest[end + 2..]));
        rest = next;
        Some(paragraph)
    })
}

fn debian_package(paragraph: &[u8], distribution: &str) -> Option<Software> {
    let (mut status, mut facts) = ("", ["", "", "", ""]);
    for line in paragraph.split(|byte| *byte == b'\n') {
        let slot = match line.first() {
            Some(b'S') if line.starts_with(b"Status: ") => &mut status,
            Some(b'P') if line.starts_with(b"Package: ") => &mut facts[0],
            Some(b'V') if line.starts_with(b"Version: ") => &mut facts[1],
            Some(b'A') if line.starts_with(b"Architecture: ") => &mut facts[2],
            Some(b'M') if line.starts_with(b"Maintainer: ") => &mut facts[3],
            _ => continue,
        };
        let value = line.iter().position(|byte| *byte == b' ').map_or(&line[..0], |blank| &line[blank + 1..]);
        *slot = std::str::from_utf8(value).unwrap_or_default().trim();
    }
    // `install ok installed` is what dpkg-query abbreviates to "ii"; held packages and leftovers are not.
    if status != "install ok installed" || facts[0].is_empty() {
        return None;
    }
    Some(package(SoftwareSource::Dpkg, facts, purl("deb", distribution, facts[0], facts[1], facts[2])))
}

/// Packages of the rpm database; none where there is no rpm.
pub fn rpm(root: &Root, distribution: &str) -> io::Result<Vec<Software>> {
    let databases = ["var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/Packages.db"];
    if !root.is_real() || !Program::Rpm.is_there() || !databases.iter().any(|path| root.path(path).exists()) {
        return Ok(Vec::new());
    }
    let format = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\n";
    let listed = run(Program::Rpm, &["-qa", "--qf", format])?;
    Ok(String::from_utf8_lossy(&listed).lines().filter_map(|line| rpm_package(line, distribution)).collect())
}

fn rpm_package(line: &str, distribution: &str) -> Option<Software> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [package_name, version, architecture, vendor] = fields[..] else { return None };
    // Keys of signers are listed like packages.
    if package_name == "gpg-pubkey" {
        return None;
    }
    let known = |found: &'_ str| if found == "(none)" { String::new() } else { found.to_owned() };
    let (architecture, vendor) = (known(architecture), known(vendor));
    let purl = purl("rpm", distribution, package_name, version, &architecture);
    Some(package(SoftwareSource::Rpm, [package_name, version, &architecture, &vendor], purl))
}

/// Snaps that are current.
pub fn snap(root: &Root) -> io::Result<Vec<Software>> {
    let one = |snap: String| {
        let yaml = root.text(format!("snap/{snap}/current/meta/snap.yaml")).ok()?;
        let field = |wanted: &str| {
            let lines = yaml.lines().filter_map(|line| line.split_once(':'));
            let value = lines.into_iter().find(|(key, _)| *key == wanted).map(|(_, value)| value.trim());
            value.map(|value| value.trim_matches(|c| c == '"' || c == '\'').to_owned()).unwrap_or_default()
        };
        let version = field("version");
        Some(package(SoftwareSource::Snap, [&snap, &version, "", ""], purl("snap", "", &snap, &version, "")))
    };
    Ok(root.names("snap").into_iter().filter(|snap| snap != "bin").filter_map(one).collect())
}

/// Flatpaks that are installed for the machine.
pub fn flatpak(root: &Root) -> io::Result<Vec<Software>> {
    let one = |app: String| {
        let metadata = root.text(format!("var/lib/flatpak/app/{app}/current/active/metadata")).ok()?;
        let runtime = metadata.lines().find_map(|line| line.strip_prefix("runtime=")).unwrap_or_default();
        let architecture = runtime.split('/').nth(1).unwrap_or_default();
        let version = release(root, &app).unwrap_or_default();
        Some(package(SoftwareSource::Flatpak, [&app, &version, architecture, ""], purl("flatpak", "", &app, &version, architecture)))
    };
    Ok(root.names("var/lib/flatpak/app").into_iter().filter_map(one).collect())
}

/// The newest release that the app's own metadata names.
fn release(root: &Root, app: &str) -> Option<String> {
    let base = format!("var/lib/flatpak/app/{app}/current/active/files/share");
    let text = root
        .text(format!("{base}/metainfo/{app}.metainfo.xml"))
        .or_else(|_| root.text(format!("{base}/appdata/{app}.appdata.xml")))
        .ok()?;
    let (_, rest) = text.split_once("<release ")?;
    let (_, version) = rest.split_once("version=\"")?;
    version.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let status = b"Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-2\nDescription: x\n more\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: c\nStatus: hold ok installed\nVersion: 3\n\nnonsense\n";
        let found: Vec<_> = paragraphs(status).filter_map(|paragraph| debian_package(paragraph, "debian")).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].version.as_str(), found[0].purl.as_str()), ("a", "1-2", "pkg:deb/debian/a@1-2?arch=amd64"));
    }

    #[test]
    fn a_line_of_rpm_is_read_and_a_key_is_none() {
        let found = rpm_package("bash\t5.1.8-9.el9\tx86_64\tRocky", "rocky").unwrap();
        assert_eq!((found.name.as_str(), found.version.as_str(), found.publisher.as_str()), ("bash", "5.1.8-9.el9", "Rocky"));
        assert_eq!(rpm_package("gpg-pubkey\t1-2\t(none)\t(none)", "rocky"), None);
        assert_eq!(rpm_package("cut off", "rocky"), None);
    }

    #[test]
    fn hostile_files_give_nothing_and_no_panic() {
        let long = vec![b'x'; 1_000_000];
        for status in [&b""[..], b"\n\n\n\n", b"Package:", b"Package: \xff\xfe\nStatus: install ok installed", &long] {
            let _: Vec<_> = paragraphs(status).filter_map(|paragraph| debian_package(paragraph, "")).collect();
        }
    }
}
