//! The configuration of one guest of Proxmox VE, a machine or a container: lines of `key: value`. What the keys mean is
//! its caller's matter; snapshots and changes that wait are passed over.

use std::collections::BTreeMap;

use wacht_proto::v1::NoteReason;

use super::notes::Notes;
use super::root::Root;

/// Guests of one node that are read.
const GUESTS_MAX: usize = 2_000;

/// The guests configured in a folder such as `etc/pve/lxc`, as number and text of the configuration; templates are none.
pub fn guests(root: &Root, folder: &str, notes: &mut Notes) -> Vec<(String, String)> {
    note_unmounted(root, notes);
    let names = root.names_noted(folder, notes);
    let numbers = names.iter().filter_map(|name| name.strip_suffix(".conf")).filter(|number| is_number(number));
    let guests = numbers.take(GUESTS_MAX).filter_map(|number| {
        let text = root.text(&format!("{folder}/{number}.conf"), notes)?;
        (values(&text).get("template") != Some(&"1")).then(|| (number.to_owned(), text))
    });
    guests.collect()
}

/// Notes that the cluster's file system is not mounted, as while its daemon starts or is broken: the empty folder below it
/// does not say that guests and jobs are gone.
pub fn note_unmounted(root: &Root, notes: &mut Notes) {
    if root.exists("usr/bin/pvesh") && !root.exists("etc/pve/.version") {
        notes.add("etc/pve", NoteReason::Failed);
    }
}

/// The values by key, of the configuration that is in force.
pub fn values(text: &str) -> BTreeMap<&str, &str> {
    // Sections in brackets hold snapshots and pending changes.
    let lines = text.lines().take_while(|line| !line.starts_with('['));
    let pairs = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
    pairs.map(|(key, value)| (key.trim(), value.trim())).collect()
}

/// The part of `virtio=BC:24:…,bridge=vmbr0` that has one of the names, in their order.
pub fn part<'a>(value: &'a str, names: &[&str]) -> Option<&'a str> {
    let named = |name: &&str| value.split(',').find_map(|part| part.trim().strip_prefix(*name)?.strip_prefix('='));
    names.iter().find_map(named)
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.len() <= 9 && name.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_configuration_in_force_is_read() {
        let text = "#note: x\nname: web\nnet0: virtio=BC:24:11:00:00:01,bridge=vmbr0\n[old]\nname: before\n";
        let values = values(text);
        assert_eq!((values["name"], values.len()), ("web", 2));
        assert_eq!(part(values["net0"], &["e1000", "virtio"]), Some("BC:24:11:00:00:01"));
        assert_eq!(part("uuid", &["uuid"]), None);
    }

    #[test]
    fn templates_and_files_of_other_names_are_no_guests() {
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("etc/pve/lxc");
        std::fs::create_dir_all(&conf).unwrap();
        for (name, text) in
            [("101.conf", "hostname: a"), ("102.conf", "template: 1\n"), ("x.conf", ""), ("103.conf.tmp", "")]
        {
            std::fs::write(conf.join(name), text).unwrap();
        }
        let guests = guests(&Root::at(folder.path()), "etc/pve/lxc", &mut Notes::default());
        assert_eq!(guests, [("101".to_owned(), "hostname: a".to_owned())]);
    }
    #[test]
    fn a_node_whose_cluster_is_not_mounted_says_so_and_another_machine_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        let noted = || {
            let mut notes = Notes::default();
            assert!(guests(&root, "etc/pve/lxc", &mut notes).is_empty());
            notes.into_list().into_iter().map(|note| (note.subject.clone(), note.reason())).collect::<Vec<_>>()
        };
        assert_eq!(noted(), []);
        for path in ["usr/bin", "etc/pve"] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        std::fs::write(folder.path().join("usr/bin/pvesh"), "").unwrap();
        assert_eq!(noted(), [("etc/pve".to_owned(), NoteReason::Failed)]);
        std::fs::write(folder.path().join("etc/pve/.version"), "{}").unwrap();
        assert_eq!(noted(), []);
    }
}
