//! Snaps, from the description inside each mounted image.

use wacht_proto::v1::{Software, SoftwareSource};

use super::purl::purl;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The active revision of each snap; empty on machines without snapd.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Software> {
    let folder = ["snap", "var/lib/snapd/snap"].into_iter().find(|folder| root.exists(folder));
    let Some(folder) = folder else {
        return Vec::new();
    };
    let read = |name: String, notes: &mut Notes| {
        let text = root.text(&format!("{folder}/{name}/current/meta/snap.yaml"), notes)?;
        software(&text, notes)
    };
    root.names_noted(folder, notes).into_iter().filter_map(|name| read(name, notes)).collect()
}

fn software(yaml: &str, notes: &mut Notes) -> Option<Software> {
    let name = top_level(yaml, "name").filter(|name| !name.is_empty())?;
    let version = top_level(yaml, "version").unwrap_or_default();
    let architecture = architecture(yaml);
    Some(Software {
        name: notes.text("snap", name),
        version: notes.text("snap", version),
        architecture: notes.text("snap", architecture),
        source: SoftwareSource::Snap.into(),
        publisher: String::new(),
        purl: purl("snap", "", name, version, &[("arch", architecture)]),
    })
}

fn top_level<'a>(yaml: &'a str, key: &str) -> Option<&'a str> {
    let value = yaml.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    Some(value.trim().trim_matches(['\'', '"']))
}

/// `architectures: [amd64]`, or a list on the lines below; several or none count as no answer.
fn architecture(yaml: &str) -> &str {
    let mut lines = yaml.lines().skip_while(|line| !line.starts_with("architectures:"));
    let inline = lines.next().and_then(|line| line.strip_prefix("architectures:")).unwrap_or_default().trim();
    let listed: Vec<&str> = if inline.is_empty() {
        lines.map_while(|line| line.trim_start().strip_prefix("- ")).collect()
    } else {
        inline.trim_matches(['[', ']']).split(',').collect()
    };
    match listed.as_slice() {
        [one] => one.trim().trim_matches(['\'', '"']),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_in_both_list_forms() {
        let yaml =
            "name: hello\nversion: '2.10'\nsummary: x\narchitectures:\n- amd64\napps:\n  hello:\n    version: 9\n";
        let software = software(yaml, &mut Notes::default()).unwrap();
        assert_eq!(
            (software.name.as_str(), software.version.as_str(), software.architecture.as_str()),
            ("hello", "2.10", "amd64")
        );
        assert_eq!(software.purl, "pkg:snap/hello@2.10?arch=amd64");
        assert_eq!(architecture("architectures: [arm64]\n"), "arm64");
        assert_eq!(architecture("architectures: [arm64, amd64]\n"), "");
    }

    #[test]
    fn a_description_without_a_name_is_no_snap() {
        assert_eq!(software("version: 1\n", &mut Notes::default()), None);
    }
}
