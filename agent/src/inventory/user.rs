//! The local accounts and groups, and who holds admin rights. Accounts of a directory are not enumerated; password hashes
//! are looked at for one mark and wiped. When somebody last signed in is told of servers alone.

mod door;
mod last_sign_in;

use std::collections::BTreeMap;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Group, SectionBody, SectionKind, User, UserSection};
use zeroize::Zeroizing;

use super::Section;
use super::notes::Notes;
use super::os_release::release;
use super::root::Root;
use super::sudoers::{self, SudoRules};
use super::virtualization::{hypervisor, is_container};
use door::{Doors, is_login_shell};

const USERS_MAX: usize = 10_000;
const GROUPS_MAX: usize = 10_000;
const MEMBERS_MAX: usize = 10_000;

/// What a list of accounts alone says.
pub fn of_passwd(passwd: &str) -> SectionBody {
    let mut notes = Notes::default();
    let section = section(&accounts(passwd), &[], &Doors::default(), &SudoRules::default(), 1000, &mut notes);
    notes.into_body(Kind::User(section))
}

/// The section of the users and groups.
pub struct Users;

impl Section for Users {
    fn kind(&self) -> SectionKind {
        SectionKind::User
    }

    /// Without the files of sign-ins, which are written at each one, and those of keys, which lie in each person's folder:
    /// a day of them may wait for the daily read.
    fn sources(&self) -> &'static [&'static str] {
        &["etc/passwd", "etc/group", "etc/shadow", "etc/login.defs", "etc/sudoers", "etc/sudoers.d", "usr/etc/sudoers"]
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let text = |path: &str, notes: &mut Notes| root.text(path, notes).unwrap_or_default();
        let passwd = text("etc/passwd", &mut notes);
        let groups = text("etc/group", &mut notes);
        let shadow = Zeroizing::new(notes.beside(|notes| text("etc/shadow", notes)));
        let first_person = first_person_uid(&notes.beside(|notes| text("etc/login.defs", notes)));
        let rules = notes.beside(|notes| sudoers::read(root, notes));
        let accounts = accounts(&passwd);
        let doors = Doors::of_shadow(&shadow).with_keys(root, &accounts, &mut notes);
        let mut section = section(&accounts, &memberships(&groups), &doors, &rules, first_person, &mut notes);
        notes.beside(|notes| add_sign_ins(root, &accounts, &mut section.users, notes));
        notes.into_body(Kind::User(section))
    }
}

fn add_sign_ins(root: &Root, accounts: &[Account<'_>], users: &mut [User], notes: &mut Notes) {
    let release = release(root, &mut Notes::default());
    let cpuinfo = root.text("proc/cpuinfo", &mut Notes::default()).unwrap_or_default();
    let words = ["sys_vendor", "product_name"].map(|file| root.value(&format!("sys/class/dmi/id/{file}")));
    let is_virtual =
        is_container(root) || !hypervisor(root, &words.map(Option::unwrap_or_default).join(" "), &cpuinfo).is_empty();
    if last_sign_in::is_workstation(root, &release, is_virtual) {
        return;
    }
    // Whoever cannot sign in any more may have done so.
    let people = accounts.iter().filter(|account| is_login_shell(account.shell));
    let people: Vec<(&str, u32)> = people.map(|account| (account.name, account.uid)).collect();
    let days: BTreeMap<&str, String> = last_sign_in::read(root, &people, notes);
    for user in users {
        user.last_sign_in = days.get(user.name.as_str()).cloned().unwrap_or_default();
    }
}

/// A line of `passwd`.
struct Account<'a> {
    name: &'a str,
    password: &'a str,
    uid: u32,
    gid: u32,
    home: &'a str,
    shell: &'a str,
}

/// A line of `group`.
struct Membership<'a> {
    name: &'a str,
    gid: u32,
    members: Vec<&'a str>,
}

fn accounts(passwd: &str) -> Vec<Account<'_>> {
    passwd.lines().filter_map(parse_account).collect()
}

fn parse_account(line: &str) -> Option<Account<'_>> {
    let mut fields = line.split(':');
    let (name, password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let (_, home, shell) = (fields.next()?, fields.next()?, fields.next()?.trim());
    // A plus sign starts the switch to a directory, which is no account.
    let usable = !name.is_empty() && !name.starts_with(['+', '-']);
    usable.then_some(Account { name, password, uid: uid.parse().ok()?, gid: gid.parse().ok()?, home, shell })
}

fn memberships(group: &str) -> Vec<Membership<'_>> {
    group.lines().filter_map(parse_membership).collect()
}

fn parse_membership(line: &str) -> Option<Membership<'_>> {
    let mut fields = line.split(':');
    let (name, _, gid, members) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let members = members.split(',').map(str::trim).filter(|member| !member.is_empty()).collect();
    let usable = !name.is_empty() && !name.starts_with(['+', '-']);
    usable.then_some(Membership { name, gid: gid.parse().ok()?, members })
}

/// `UID_MIN` of `login.defs`; below it stand accounts of the system.
fn first_person_uid(login_defs: &str) -> u32 {
    let value = login_defs.lines().find_map(|line| line.strip_prefix("UID_MIN")?.trim().parse().ok());
    value.unwrap_or(1000)
}

fn section(
    accounts: &[Account<'_>],
    memberships: &[Membership<'_>],
    doors: &Doors<'_>,
    rules: &SudoRules,
    first_person: u32,
    notes: &mut Notes,
) -> UserSection {
    let admin_groups: Vec<&Membership<'_>> = memberships.iter().filter(|group| is_admin_group(group, rules)).collect();
    let user = |account: &Account<'_>, notes: &mut Notes| {
        let can_sign_in = doors.are_open(account);
        let reason = admin_reason(account, &admin_groups, rules, can_sign_in);
        User {
            name: notes.text("user", account.name),
            uid: account.uid,
            can_sign_in,
            administrator: !reason.is_empty(),
            admin_reason: notes.text("admin_reason", &reason),
            // The last number is nobody's.
            system_account: account.uid < first_person || matches!(account.uid, 65_534 | 65_535),
            ..Default::default()
        }
    };
    let mut users: Vec<User> = accounts.iter().map(|account| user(account, notes)).collect();
    users.sort_by(|a, b| (&a.name, a.uid).cmp(&(&b.name, b.uid)));
    notes.bound("users", &mut users, USERS_MAX);
    let mut groups: Vec<Group> = memberships.iter().map(|group| group_row(group, rules, notes)).collect();
    groups.sort_by(|a, b| (&a.name, a.gid).cmp(&(&b.name, b.gid)));
    notes.bound("groups", &mut groups, GROUPS_MAX);
    UserSection { users, groups }
}

fn group_row(group: &Membership<'_>, rules: &SudoRules, notes: &mut Notes) -> Group {
    let mut members: Vec<String> = group.members.iter().map(|member| notes.text("member", member)).collect();
    members.sort_unstable();
    members.dedup();
    notes.bound_texts("members", &mut members, MEMBERS_MAX);
    Group {
        name: notes.text("group", group.name),
        gid: group.gid,
        members,
        administrators: is_admin_group(group, rules),
    }
}

fn is_admin_group(group: &Membership<'_>, rules: &SudoRules) -> bool {
    matches!(group.name, "sudo" | "wheel" | "root" | "admin")
        || rules.groups.contains(group.name)
        || rules.gids.contains(&group.gid)
}

/// Why an account holds admin rights; empty where it holds none.
fn admin_reason(
    account: &Account<'_>,
    admin_groups: &[&Membership<'_>],
    rules: &SudoRules,
    can_sign_in: bool,
) -> String {
    if account.uid == 0 {
        return "uid 0".to_owned();
    }
    // Several accounts of the system have root's group as their first one, which gives no rights.
    let belongs = |group: &&&Membership<'_>| {
        group.members.contains(&account.name) || (group.gid == account.gid && group.gid != 0)
    };
    if let Some(group) = admin_groups.iter().find(belongs) {
        return format!("group {}", group.name);
    }
    let named = rules.users.contains(account.name) || rules.uids.contains(&account.uid);
    if named || (rules.everyone && can_sign_in) { "sudoers".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nsync:x:4:0:sync:/bin:/bin/sync\nann:x:1000:1000::/home/ann:/bin/bash
bob:x:1001:1001::/home/bob:/bin/zsh\neve:x:1002:1002::/home/eve:/usr/sbin/nologin\ncarl:x:1003:27::/home/carl:\n+::::::\nbad:x:y:z:::\nbroken\n";
    const GROUP: &str = "root:x:0:\nsudo:x:27:ann,ghost\nusers:x:100:bob,ann,bob\n+:::\nbad\n";
    const SHADOW: &str =
        "root:*:1:0:::::\nann:$6$salt$hash:1:0:99999:7:::\nbob:!:1:0:99999:7:::\ncarl:$6$x:1:0:99999:7::1:\n";

    fn read(rules: &SudoRules) -> UserSection {
        section(&accounts(PASSWD), &memberships(GROUP), &Doors::of_shadow(SHADOW), rules, 1000, &mut Notes::default())
    }

    fn user<'a>(section: &'a UserSection, name: &str) -> &'a User {
        section.users.iter().find(|user| user.name == name).unwrap()
    }

    #[test]
    fn rights_come_with_their_reason() {
        let rules = SudoRules { users: ["bob".to_owned()].into(), ..Default::default() };
        let section = read(&rules);
        assert_eq!(
            section.users.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(),
            ["ann", "bob", "carl", "eve", "root", "sync"]
        );
        assert_eq!(user(&section, "root").admin_reason, "uid 0");
        assert_eq!(user(&section, "ann").admin_reason, "group sudo");
        assert_eq!(user(&section, "carl").admin_reason, "group sudo");
        assert_eq!(user(&section, "bob").admin_reason, "sudoers");
        assert!(!user(&section, "sync").administrator && !user(&section, "eve").administrator);
    }

    #[test]
    fn only_an_open_account_with_a_shell_can_sign_in() {
        let section = read(&SudoRules::default());
        let able: Vec<&str> = section.users.iter().filter(|u| u.can_sign_in).map(|u| u.name.as_str()).collect();
        assert_eq!(able, ["ann"]);
        assert!(user(&section, "root").system_account && !user(&section, "ann").system_account);
    }

    #[test]
    fn groups_list_each_member_once_and_admin_groups_are_marked() {
        let section = read(&SudoRules { groups: ["users".to_owned()].into(), ..Default::default() });
        let users = section.groups.iter().find(|group| group.name == "users").unwrap();
        assert_eq!(users.members, ["ann", "bob"]);
        assert!(users.administrators && section.groups.iter().all(|group| group.administrators));
    }

    #[test]
    fn the_first_persons_number_can_be_moved() {
        assert_eq!(first_person_uid("# UID_MIN 5\nUID_MIN\t\t  500\n"), 500);
        assert_eq!(first_person_uid(""), 1000);
    }
    #[test]
    fn a_locked_account_with_a_shell_tells_its_last_sign_in_on_a_server() {
        let folder = tempfile::tempdir().unwrap();
        let mut lastlog = vec![0; 292 * 4];
        lastlog[292 * 2..292 * 2 + 4].copy_from_slice(&(20 * 86_400_u32).to_ne_bytes());
        lastlog[292 * 3..292 * 3 + 4].copy_from_slice(&(20 * 86_400_u32).to_ne_bytes());
        let files: [(&str, &[u8]); 4] = [
            ("proc/sys/kernel/arch", b"x86_64"),
            ("etc/passwd", b"ubuntu:x:2:2::/home/ubuntu:/bin/bash\nrobot:x:3:3::/:/usr/sbin/nologin\n"),
            ("etc/shadow", b"ubuntu:!:1::::::\nrobot:!:1::::::\n"),
            ("var/log/lastlog", &lastlog),
        ];
        for (path, bytes) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let Some(Kind::User(section)) = Users.read(&Root::at(folder.path())).kind else { panic!("not a user section") };
        let shown = section.users.iter().map(|user| (user.can_sign_in, user.last_sign_in.as_str()));
        assert_eq!(shown.collect::<Vec<_>>(), [(false, ""), (false, "1970-01-21")]);
    }
}
