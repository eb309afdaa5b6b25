//! Admin rights by sudo: which users and groups the sudoers files name. Only whether somebody is named is told, never
//! the commands.

use super::Root;
use super::text::note;
use std::collections::BTreeSet;
use wacht_proto::v1::Note;

/// Groups that have admin rights by custom.
const ADMIN_GROUPS: [&str; 4] = ["root", "sudo", "wheel", "admin"];
const FILES_MAX: usize = 100;

/// Who is named.
#[derive(Debug, Default)]
pub struct Sudoers {
    /// Users.
    pub users: BTreeSet<String>,
    /// Groups.
    pub groups: BTreeSet<String>,
}

/// Reads the sudoers files.
pub fn sudoers(root: &Root, notes: &mut Vec<Note>) -> Sudoers {
    let mut named = Sudoers::default();
    let included = root.names("etc/sudoers.d").into_iter().filter(|file| !file.contains('.') && !file.ends_with('~'));
    let files = std::iter::once("etc/sudoers".to_owned()).chain(included.map(|file| format!("etc/sudoers.d/{file}")));
    for file in files.take(FILES_MAX) {
        match root.text(&file) {
            Ok(text) => read(&text, &mut named),
            Err(error) => notes.extend(note(&file, &error)),
        }
    }
    named
}

/// Has this group admin rights?
pub fn is_admin_group(group: &str, sudoers: &Sudoers) -> bool {
    ADMIN_GROUPS.contains(&group) || sudoers.groups.contains(group)
}

fn read(text: &str, named: &mut Sudoers) {
    for line in text.replace("\\\n", " ").lines() {
        let line = line.trim();
        let aside = line.starts_with('#') || line.starts_with('@') || line.starts_with("Defaults") || line.contains("_Alias");
        let Some((who, what)) = line.split_once(char::is_whitespace).filter(|_| !aside) else { continue };
        if !what.contains('=') {
            continue;
        }
        match who.strip_prefix('%') {
            Some(group) => named.groups.insert(group.trim_start_matches('#').to_owned()),
            None => named.users.insert(who.to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_groups_are_named_and_settings_are_not() {
        let mut named = Sudoers::default();
        read("Defaults env_reset\n# eve ALL=(ALL) ALL\nroot ALL=(ALL:ALL) ALL\n%ops ALL=(ALL) \\\n NOPASSWD: ALL\nUser_Alias A = x\n@includedir /etc/sudoers.d\n", &mut named);
        assert_eq!(named.users, ["root".to_owned()].into());
        assert_eq!(named.groups, ["ops".to_owned()].into());
    }
}
