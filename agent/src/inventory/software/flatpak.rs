//! Flatpak applications that are installed for the whole machine. Those of single users stay their own affair.

use wacht_proto::v1::{Software, SoftwareSource};

use super::purl::purl;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const FOLDER: &str = "var/lib/flatpak/app";

/// The active deployment of each application; empty on machines without Flatpak.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<Software> {
    root.names_noted(FOLDER, notes).into_iter().filter_map(|id| application(root, &id, notes)).collect()
}

fn application(root: &Root, id: &str, notes: &mut Notes) -> Option<Software> {
    let active = format!("{FOLDER}/{id}/current/active");
    let metadata = root.text(&format!("{active}/metadata"), notes)?;
    let name = of_application(&metadata, "name").unwrap_or(id);
    let descriptions = ["metainfo/{id}.metainfo.xml", "metainfo/{id}.appdata.xml", "appdata/{id}.appdata.xml"];
    let paths = descriptions.map(|path| format!("{active}/files/share/{}", path.replace("{id}", name)));
    let version = paths.iter().find_map(|path| newest_release(&root.text(path, &mut Notes::default())?));
    // `current` is a link to `<architecture>/<branch>`.
    let link = root.link(&format!("{FOLDER}/{id}/current")).unwrap_or_default();
    let (architecture, branch) = link.rsplit_once('/').unwrap_or_default();
    let version = version.unwrap_or_else(|| branch.to_owned());
    Some(Software {
        name: notes.text("flatpak", name),
        version: notes.text("flatpak", &version),
        architecture: notes.text("flatpak", architecture),
        source: SoftwareSource::Flatpak.into(),
        publisher: String::new(),
        purl: purl("flatpak", "", name, &version, &[("arch", architecture)]),
    })
}

/// A key of the group `[Application]`.
fn of_application<'a>(metadata: &'a str, key: &str) -> Option<&'a str> {
    let group = metadata.lines().skip_while(|line| line.trim() != "[Application]").skip(1);
    let mut group = group.take_while(|line| !line.starts_with('['));
    group.find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::trim).filter(|value| !value.is_empty())
}

/// The version of the first `<release>`, which is the newest one.
fn newest_release(xml: &str) -> Option<String> {
    let tag = xml.split("<release ").nth(1)?.split('>').next()?;
    let value = tag.split("version=").nth(1)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let version = value[1..].split(quote).next()?;
    (!version.is_empty()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_application_has_its_id_version_and_architecture() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join(FOLDER).join("org.example.Draw");
        let share = app.join("x86_64/stable/active/files/share/metainfo");
        fs::create_dir_all(&share).unwrap();
        fs::write(
            app.join("x86_64/stable/active/metadata"),
            "[Application]\nname=org.example.Draw\nruntime=r\n[Context]\nname=x\n",
        )
        .unwrap();
        fs::write(
            share.join("org.example.Draw.metainfo.xml"),
            "<releases><release date='d' version=\"2.1\"/><release version=\"2.0\"/></releases>",
        )
        .unwrap();
        std::os::unix::fs::symlink("x86_64/stable", app.join("current")).unwrap();
        let software = read(&Root::at(folder.path()), &mut Notes::default());
        assert_eq!(software.len(), 1);
        assert_eq!(
            (software[0].name.as_str(), software[0].version.as_str(), software[0].architecture.as_str()),
            ("org.example.Draw", "2.1", "x86_64")
        );
    }

    #[test]
    fn a_description_without_releases_gives_no_version() {
        assert_eq!(newest_release("<release version=>"), None);
        assert_eq!(newest_release("<release version=\""), None);
        assert_eq!(newest_release(""), None);
    }
}
