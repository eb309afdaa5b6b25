//! The operating system: name, version, kernel, architecture, time zone.

use super::text::name;
use super::{Root, Section};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{OperatingSystemSection, SectionBody, SectionKind};

/// The section.
pub struct OperatingSystem;

impl Section for OperatingSystem {
    fn kind(&self) -> SectionKind {
        SectionKind::OperatingSystem
    }

    fn read(&self, root: &Root) -> SectionBody {
        let release = root.text("etc/os-release").or_else(|_| root.text("usr/lib/os-release")).unwrap_or_default();
        let section = OperatingSystemSection {
            name: field(&release, "NAME"),
            // Debian's point release stands in a file of its own.
            version: debian_version(root, &release).unwrap_or_else(|| field(&release, "VERSION_ID")),
            id: field(&release, "ID"),
            codename: field(&release, "VERSION_CODENAME"),
            kernel: name(&root.line("proc/sys/kernel/osrelease")),
            architecture: std::env::consts::ARCH.to_owned(),
            time_zone: time_zone(root),
        };
        SectionBody { kind: Some(Kind::OperatingSystem(section)), notes: Vec::new() }
    }
}

fn debian_version(root: &Root, release: &str) -> Option<String> {
    let version = name(&root.line("etc/debian_version"));
    let right = field(release, "ID") == "debian" && version.starts_with(&field(release, "VERSION_ID")) && !version.is_empty();
    right.then_some(version)
}

/// A field of os-release, without its quotes.
fn field(release: &str, wanted: &str) -> String {
    let value = release.lines().filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim());
    let bare = value.map(|value| value.trim_matches(|c| c == '"' || c == '\'')).unwrap_or_default();
    name(&bare.replace("\\\"", "\"").replace("\\$", "$"))
}

fn time_zone(root: &Root) -> String {
    if let Ok(target) = std::fs::read_link(root.path("etc/localtime")) {
        if let Some((_, zone)) = target.to_string_lossy().split_once("zoneinfo/") {
            return name(zone);
        }
    }
    name(&root.line("etc/timezone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off() {
        let release = "NAME=\"Debian GNU/Linux\"\nVERSION_ID='12'\nID=debian\n";
        assert_eq!((field(release, "NAME").as_str(), field(release, "VERSION_ID").as_str(), field(release, "X").as_str()), ("Debian GNU/Linux", "12", ""));
    }
}
