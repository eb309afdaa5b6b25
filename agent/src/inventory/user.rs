//! Local accounts and groups, who can sign in, and who has admin rights and why. Purpose: security. Names and rights
//! alone: no passwords, no last sign-in, no comment field.

use super::text::{bound, name, note};
use super::user_rights::{Sudoers, is_admin_group, sudoers};
use super::{Root, Section};
use std::collections::{BTreeMap, BTreeSet};
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Group, SectionBody, SectionKind, User as Account, UserSection};

const ACCOUNTS_MAX: usize = 10_000;
/// Accounts below are the system's own, but for root.
const FIRST_PERSON_UID: u32 = 1_000;
const NOBODY_UID: u32 = 65_534;
const NO_SHELLS: [&str; 5] = ["nologin", "false", "sync", "shutdown", "halt"];

/// The section.
pub struct User;

impl Section for User {
    fn kind(&self) -> SectionKind {
        SectionKind::User
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Vec::new();
        let mut text = |file: &str| {
            root.text(file).unwrap_or_else(|error| {
                notes.extend(note(file, &error));
                String::new()
            })
        };
        let (passwd, group, shadow) = (text("etc/passwd"), text("etc/group"), text("etc/shadow"));
        let mut section = accounts(&passwd, &group, &shadow, &sudoers(root, &mut notes));
        bound(&mut section.users, ACCOUNTS_MAX, "users", &mut notes);
        bound(&mut section.groups, ACCOUNTS_MAX, "groups", &mut notes);
        SectionBody { kind: Some(Kind::User(section)), notes }
    }
}

fn accounts(passwd: &str, group: &str, shadow: &str, sudoers: &Sudoers) -> UserSection {
    let locked = locked(shadow);
    let mut primary: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut users = Vec::new();
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [user, _, uid, gid, _, _, shell] = fields[..] else { continue };
        let (Ok(uid), Ok(gid)) = (uid.parse::<u32>(), gid.parse::<u32>()) else { continue };
        primary.entry(gid).or_default().push(user.to_owned());
        let shell = shell.rsplit('/').next().unwrap_or_default();
        users.push(Account {
            name: name(user),
            uid,
            can_sign_in: !NO_SHELLS.contains(&shell) && !locked.contains(user),
            system_account: uid != 0 && uid < FIRST_PERSON_UID || uid == NOBODY_UID,
            ..Account::default()
        });
    }
    let groups = groups(group, &primary, sudoers);
    for user in &mut users {
        user.admin_reason = admin_reason(user, &groups, sudoers);
        user.administrator = !user.admin_reason.is_empty();
    }
    users.sort_by(|left, right| left.name.cmp(&right.name));
    UserSection { users, groups }
}

fn groups(text: &str, primary: &BTreeMap<u32, Vec<String>>, sudoers: &Sudoers) -> Vec<Group> {
    let mut groups = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [group, _, gid, members] = fields[..] else { continue };
        let Ok(gid) = gid.parse::<u32>() else { continue };
        let listed = members.split(',').filter(|member| !member.is_empty()).map(str::to_owned);
        let all: BTreeSet<String> = listed.chain(primary.get(&gid).into_iter().flatten().cloned()).collect();
        groups.push(Group {
            name: name(group),
            gid,
            members: all.iter().take(ACCOUNTS_MAX).map(|member| name(member)).collect(),
            administrators: is_admin_group(group, sudoers),
        });
    }
    groups.sort_by(|left, right| left.name.cmp(&right.name));
    groups
}

/// Why this account has admin rights; empty when it has none.
fn admin_reason(user: &Account, groups: &[Group], sudoers: &Sudoers) -> String {
    if user.uid == 0 {
        return "uid 0".to_owned();
    }
    let group = groups.iter().find(|group| group.administrators && group.gid != 0 && group.members.contains(&user.name));
    if let Some(group) = group {
        return format!("group {}", group.name);
    }
    if sudoers.users.contains(&user.name) { "sudoers".to_owned() } else { String::new() }
}

/// Accounts whose password is locked; without the file's content nobody is known to be.
fn locked(shadow: &str) -> BTreeSet<&str> {
    let lines = shadow.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(_, rest)| rest.starts_with('!') || rest.starts_with('*')).map(|(user, _)| user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_come_with_their_reason() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/bash\nbob:x:1001:27::/home/bob:/bin/bash\neve:x:1002:1002::/:/bin/sh\nbroken\n";
        let group = "root:x:0:\nsudo:x:27:ann\neve:x:1002:\nops:x:50:eve\n";
        let sudoers = Sudoers { users: BTreeSet::new(), groups: ["ops".to_owned()].into() };
        let section = accounts(passwd, group, "ann:!:1::\neve:$y$x:1::\n", &sudoers);
        let shape: Vec<_> = section.users.iter().map(|user| (user.name.as_str(), user.can_sign_in, user.admin_reason.as_str())).collect();
        let wanted = [("ann", false, "group sudo"), ("bob", true, "group sudo"), ("daemon", false, ""), ("eve", true, "group ops"), ("root", true, "uid 0")];
        assert_eq!(shape, wanted);
        let sudo = section.groups.iter().find(|group| group.name == "sudo").unwrap();
        assert_eq!(sudo.members, ["ann", "bob"]);
    }
}
