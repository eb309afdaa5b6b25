//! Parses sudo's rules for one question: who may act as root. It follows includes and aliases of users, and does not
//! weigh which commands a rule allows.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Notes;
use super::root::Root;

const DEPTH_MAX: usize = 4;
const FILES_MAX: usize = 256;

/// Who may act as root by sudo's rules.
#[derive(Debug, Default, PartialEq)]
pub struct SudoRules {
    /// By name.
    pub users: BTreeSet<String>,
    /// By user number.
    pub uids: BTreeSet<u32>,
    /// By group name.
    pub groups: BTreeSet<String>,
    /// By group number.
    pub gids: BTreeSet<u32>,
    /// A rule for ALL, with each user's own password.
    pub everyone: bool,
}

/// The rules of this machine; what may not be read is a note.
pub fn read(root: &Root, notes: &mut Notes) -> SudoRules {
    let first = ["etc/sudoers", "usr/etc/sudoers"].into_iter().find(|path| root.exists(path));
    let mut text = String::new();
    if let Some(path) = first {
        let mut files_left = FILES_MAX;
        gather(root, path, DEPTH_MAX, &mut files_left, &mut text, notes);
    }
    parse(&text)
}

/// Appends a file and all that it includes; the order does not matter for the question.
fn gather(root: &Root, path: &str, depth: usize, files_left: &mut usize, text: &mut String, notes: &mut Notes) {
    if depth == 0 || *files_left == 0 {
        notes.mention("sudoers", wacht_proto::v1::NoteReason::TooLong);
        return;
    }
    *files_left -= 1;
    let Some(content) = root.text(path, notes) else {
        return;
    };
    for line in content.lines().map(str::trim) {
        if let Some(folder) = directive(line, "includedir") {
            // sudo itself skips backups and packages' leftovers this way.
            let names = root.names(folder).into_iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
            for name in names {
                gather(root, &format!("{folder}/{name}"), depth - 1, files_left, text, notes);
            }
        } else if let Some(file) = directive(line, "include") {
            gather(root, file, depth - 1, files_left, text, notes);
        }
    }
    text.push_str(&content);
    text.push('\n');
}

/// `@includedir /etc/sudoers.d`, or with the older `#`.
fn directive<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let path = line.strip_prefix(['@', '#'])?.strip_prefix(name)?;
    path.starts_with([' ', '\t']).then(|| path.trim().trim_matches('"')).filter(|path| path.starts_with('/'))
}

fn parse(text: &str) -> SudoRules {
    let joined = text.replace("\\\n", " ");
    let lines: Vec<&str> = joined.lines().map(without_comment).filter(|line| !line.is_empty()).collect();
    let aliases: BTreeMap<&str, Vec<String>> =
        lines.iter().filter_map(|line| line.strip_prefix("User_Alias")).flat_map(aliases).collect();
    // With the target's own password a rule for ALL gives nothing away.
    let target_password = lines
        .iter()
        .any(|line| line.starts_with("Defaults") && line.contains("targetpw") && !line.contains("!targetpw"));
    let mut rules = SudoRules::default();
    for line in lines.iter().filter(|line| !is_setting(line)) {
        let Some((left, right)) = line.split_once('=') else {
            continue;
        };
        if grants_root(right) {
            for user in users_of(left) {
                add(&mut rules, &user, &aliases, 2);
            }
        }
    }
    rules.everyone &= !target_password;
    rules
}

fn without_comment(line: &str) -> &str {
    let line = line.trim();
    let starts_number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    // `#1000` is a user, all else after a `#` is a comment.
    let comment = line.match_indices('#').find(|(at, _)| {
        let quoted = line[..*at].ends_with(['%', '\\']);
        !quoted && !starts_number(&line[at + 1..])
    });
    comment.map_or(line, |(at, _)| line[..at].trim())
}

fn is_setting(line: &str) -> bool {
    ["Defaults", "User_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias", "Runas_Alias", "@"]
        .iter()
        .any(|word| line.starts_with(word))
}

/// `ADMINS = a, b : OTHERS = c`
fn aliases<'a>(definitions: &'a str) -> Vec<(&'a str, Vec<String>)> {
    let one = |definition: &'a str| {
        let (name, list) = definition.split_once('=')?;
        Some((name.trim(), list.split(',').map(|user| user.trim().to_owned()).collect()))
    };
    definitions.split(':').filter_map(one).collect()
}

/// The user list of a rule's left side: words joined by commas; the hosts follow after a blank.
fn users_of(left: &str) -> Vec<String> {
    let mut users = String::new();
    let mut quoted = false;
    let mut escaped = false;
    let mut after_comma = true;
    for c in left.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ' ' | '\t' if !quoted && !escaped => {
                if !after_comma {
                    users.push('\n');
                }
                continue;
            }
            _ => {
                after_comma = c == ',';
                users.push(c);
            }
        }
        escaped = false;
    }
    // Blanks around commas were turned into line ends or nothing; the first line end that no comma follows ends the list.
    let list = users.replace("\n,", ",");
    let list = list.split('\n').next().unwrap_or_default();
    list.split(',').map(|user| user.trim().to_owned()).filter(|user| !user.is_empty()).collect()
}

/// Without a list of target users, or with root in it.
fn grants_root(right: &str) -> bool {
    let right = right.trim();
    if !right.starts_with('(') {
        return !right.is_empty();
    }
    let lists = right.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    let mut targets = lists.flat_map(|list| list.split(':').next().unwrap_or_default().split(',')).map(str::trim);
    targets.any(|target| matches!(target, "ALL" | "root" | "#0") || is_alias_name(target))
}

fn is_alias_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn add(rules: &mut SudoRules, user: &str, aliases: &BTreeMap<&str, Vec<String>>, depth: usize) {
    if user == "ALL" {
        rules.everyone = true;
    } else if let Some(gid) = user.strip_prefix("%#") {
        rules.gids.extend(gid.parse::<u32>());
    } else if let Some(group) = user.strip_prefix('%') {
        rules.groups.insert(group.to_owned());
    } else if let Some(uid) = user.strip_prefix('#') {
        rules.uids.extend(uid.parse::<u32>());
    } else if let Some(members) = aliases.get(user).filter(|_| depth > 0) {
        for member in members {
            add(rules, member, aliases, depth - 1);
        }
    } else if !user.starts_with(['!', '+']) {
        rules.users.insert(user.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: &BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn users_groups_numbers_and_aliases_are_found() {
        let text = "Defaults env_reset # x\nUser_Alias OPS = ann, bob : DEV = carl\n# dave ALL=(ALL) ALL\nroot ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL\nOPS ALL = NOPASSWD: ALL\neve, \\\n  fay   web1=(root) /bin/ls # two\n#1007 ALL=(ALL) ALL\n%#27 ALL=ALL\n%domain\\ admins ALL=(ALL) ALL\n";
        let rules = parse(text);
        assert_eq!(names(&rules.users), ["ann", "bob", "eve", "fay", "root"]);
        assert_eq!(names(&rules.groups), ["domain admins", "sudo"]);
        assert_eq!((rules.uids.first(), rules.gids.first(), rules.everyone), (Some(&1007), Some(&27), false));
    }

    #[test]
    fn acting_as_another_plain_user_is_no_right_of_root() {
        assert!(parse("backup ALL=(postgres) /usr/bin/pg_dump\n").users.is_empty());
        assert!(grants_root("(postgres, root) ALL") && !grants_root("(:video) ALL") && grants_root("/bin/ls"));
    }

    #[test]
    fn a_rule_for_all_counts_unless_the_target_password_is_asked() {
        assert!(parse("ALL ALL=(ALL) ALL\n").everyone);
        assert!(!parse("Defaults targetpw\nALL ALL=(ALL) ALL\n").everyone);
    }

    #[test]
    fn includes_are_followed_and_a_loop_ends() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("etc/sudoers.d")).unwrap();
        std::fs::write(folder.path().join("etc/sudoers"), "@includedir /etc/sudoers.d\n#include /etc/sudoers\n")
            .unwrap();
        std::fs::write(folder.path().join("etc/sudoers.d/ops"), "gina ALL=(ALL) ALL\n").unwrap();
        std::fs::write(folder.path().join("etc/sudoers.d/ops.bak"), "hans ALL=(ALL) ALL\n").unwrap();
        let mut notes = Notes::default();
        assert_eq!(names(&read(&Root::at(folder.path()), &mut notes).users), ["gina"]);
        assert_eq!(notes.into_list().len(), 1);
    }

    #[test]
    fn nonsense_never_panics() {
        for text in
            ["=", "\\", "\"", "%# = x", "a = (", "#", "User_Alias", "User_Alias = : =", ", = ,", "\\\n", "é\\ =\u{0}"]
        {
            parse(text);
        }
    }
}
