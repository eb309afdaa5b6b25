//! Whether an account is open: by a shell to work in, and a password that is not locked or a file of keys. Of that file its
//! size alone is looked at, for it lies in a person's own folder.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use wacht_proto::v1::NoteReason;

use super::Account;
use crate::inventory::far_path::FarPaths;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

const KEYS: &str = "authorized_keys";
/// Accounts with a shell, and names beside a file of keys, that are looked at.
const ACCOUNTS_MAX: usize = 2_000;
const NAMES_MAX: usize = 1_000;

/// What opens and closes the accounts, by their names.
#[derive(Debug, Default)]
pub struct Doors<'a> {
    locked: BTreeSet<&'a str>,
    ended: BTreeSet<&'a str>,
    keyed: BTreeSet<&'a str>,
}

impl<'a> Doors<'a> {
    /// As the file of passwords alone tells.
    pub fn of_shadow(shadow: &'a str) -> Self {
        let names = |closed: fn(&str) -> bool| {
            shadow.lines().filter(|line| closed(line)).filter_map(|line| line.split(':').next()).collect()
        };
        Self { locked: names(is_locked), ended: names(is_ended), keyed: BTreeSet::new() }
    }

    /// With the accounts that have a file of keys in their own folder.
    pub fn with_keys(self, root: &Root, accounts: &[Account<'a>], notes: &mut Notes) -> Self {
        let far = FarPaths::of(root);
        let people = accounts.iter().filter(|account| is_login_shell(account.shell)).take(ACCOUNTS_MAX);
        let keyed = people.filter(|account| !far.hold(root, account.home) && has_keys(root, account.home, notes));
        Self { keyed: keyed.map(|account| account.name).collect(), ..self }
    }

    /// Whether somebody may sign in with the account.
    pub fn are_open(&self, account: &Account<'_>) -> bool {
        let has_password = !self.locked.contains(account.name) && !account.password.starts_with(['!', '*']);
        let is_open = has_password || self.keyed.contains(account.name);
        is_open && is_login_shell(account.shell) && !self.ended.contains(account.name)
    }
}

fn is_locked(line: &str) -> bool {
    line.split(':').nth(1).unwrap_or("*").starts_with(['!', '*'])
}

/// An account that ended at the beginning of time, which is how one is switched off.
fn is_ended(line: &str) -> bool {
    matches!(line.split(':').nth(7), Some("0" | "1"))
}

fn has_keys(root: &Root, home: &str, notes: &mut Notes) -> bool {
    let folder = format!("{}/.ssh", home.trim_end_matches('/'));
    let names = root.try_names(&folder, NAMES_MAX).inspect_err(|error| {
        if error.kind() == ErrorKind::PermissionDenied {
            notes.mention(KEYS, NoteReason::NeedsPrivilege);
        }
    });
    let is_there = names.is_ok_and(|names| names.iter().any(|name| name == KEYS));
    is_there && root.size_and_date(&format!("{folder}/{KEYS}")).is_some_and(|(bytes, _)| bytes > 0)
}

/// Whether one can work in a shell; an empty one means the standard one.
pub fn is_login_shell(shell: &str) -> bool {
    let program = shell.rsplit('/').next().unwrap_or_default();
    !matches!(program, "nologin" | "false" | "true" | "sync" | "shutdown" | "halt" | "git-shell" | "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADOW: &str =
        "ubuntu:!:1:0:::::\npaused:!:1:0:::::\ngone:!:1:0::::1:\nopen:$6$x:1:0:::::\nrobot:!:1:0:::::\n";

    fn account<'a>(name: &'a str, home: &'a str, shell: &'a str) -> Account<'a> {
        Account { name, password: "x", uid: 1000, gid: 1000, home, shell }
    }

    #[test]
    fn a_key_opens_a_locked_password_but_no_ended_account_and_none_without_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        for (name, keys) in [("ubuntu", "ssh-ed25519 A"), ("paused", ""), ("gone", "ssh-ed25519 A"), ("robot", "x y")] {
            let ssh = folder.path().join(format!("home/{name}/.ssh"));
            std::fs::create_dir_all(&ssh).unwrap();
            std::fs::write(ssh.join(KEYS), keys).unwrap();
        }
        let accounts = [
            account("ubuntu", "/home/ubuntu", "/bin/bash"),
            account("paused", "/home/paused/", "/bin/bash"),
            account("gone", "/home/gone", "/bin/bash"),
            account("open", "/nonexistent", "/bin/bash"),
            account("robot", "/home/robot", "/usr/sbin/nologin"),
            account("rootless", "", ""),
        ];
        let mut notes = Notes::default();
        let doors = Doors::of_shadow(SHADOW).with_keys(&Root::at(folder.path()), &accounts, &mut notes);
        let open: Vec<&str> = accounts.iter().filter(|account| doors.are_open(account)).map(|a| a.name).collect();
        assert_eq!((open, notes.into_list().len()), (vec!["ubuntu", "open", "rootless"], 0));
    }

    #[test]
    fn a_folder_on_another_machine_is_not_looked_into() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("home/ubuntu/.ssh/authorized_keys", "ssh-ed25519 A");
        put("proc/self/mountinfo", "32 27 0:50 / /home rw - nfs4 nas:/home rw\n");
        let accounts = [account("ubuntu", "/home/ubuntu", "/bin/bash")];
        let doors = Doors::of_shadow(SHADOW).with_keys(&Root::at(folder.path()), &accounts, &mut Notes::default());
        assert!(!doors.are_open(&accounts[0]));
    }
}
