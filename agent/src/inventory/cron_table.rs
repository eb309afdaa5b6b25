//! The tables and folders of cron: what each line starts, when and for whom. A line that is switched off by a comment is
//! none. It does not know what the commands mean; they may hold passwords, so no section tells them whole.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::notes::{Notes, cut};
use super::root::Root;

/// Where the tables of single accounts lie: on Debian, on Red Hat, on SUSE.
const SPOOLS: [&str; 3] = ["var/spool/cron/crontabs", "var/spool/cron", "var/spool/cron/tabs"];
const TABLES_MAX: usize = 1_000;
/// Lines of one table, and of all tables, that are looked at; a section holds no more.
const LINES_MAX: usize = 2_000;
const COMMAND_BYTES_MAX: usize = 8 << 10;
const VARIABLES_BYTES_MAX: usize = 64 << 10;

/// One line of a table, or one script of a folder.
pub struct CronLine {
    /// The table or script, as a path from the root.
    pub file: String,
    /// Whether it is a script of its own, such as one of `/etc/cron.daily`.
    pub is_script: bool,
    /// When, as written: `0 2 * * *`, `@daily`; of a script `daily`.
    pub schedule: String,
    /// For whom.
    pub account: String,
    /// What; of a script its own path.
    pub command: Zeroizing<String>,
    /// Whether cron runs it.
    pub enabled: bool,
    /// The variables of the table as lines; they may hold secrets.
    pub variables: Rc<Zeroizing<String>>,
}

/// Whose lines a table holds.
#[derive(Clone, Copy)]
pub enum Account<'a> {
    /// Each line names its own.
    InTable,
    /// The whole table is this account's.
    Of(&'a str),
}

/// The lines of every table and folder; a table that may not be read is a note.
pub fn lines(root: &Root, notes: &mut Notes) -> Vec<CronLine> {
    let mut lines = Vec::new();
    let mut add = |file: String, account: Account<'_>, enabled: bool, notes: &mut Notes| {
        let Some(table) = root.text(&file, notes).map(Zeroizing::new) else { return };
        lines.extend(parse(&file, &table, account).into_iter().map(|line| CronLine { enabled, ..line }));
    };
    add("etc/crontab".to_owned(), Account::InTable, true, notes);
    for name in tables(root, "etc/cron.d", notes) {
        // Debian's cron passes over names with a dot.
        let enabled = !name.contains('.') || !root.exists("etc/debian_version");
        add(format!("etc/cron.d/{name}"), Account::InTable, enabled, notes);
    }
    for folder in SPOOLS {
        for account in tables(root, folder, notes) {
            add(format!("{folder}/{account}"), Account::Of(&account), true, notes);
        }
    }
    lines.extend(["hourly", "daily", "weekly", "monthly"].iter().flat_map(|period| scripts(root, period, notes)));
    lines.truncate(LINES_MAX);
    lines
}

/// Names without what editors and package managers leave behind.
fn tables(root: &Root, folder: &str, notes: &mut Notes) -> Vec<String> {
    let left_behind = |name: &String| {
        name.starts_with(['.', '#'])
            || name.ends_with('~')
            || [".dpkg-", ".rpm", ",v", ".swp"].iter().any(|mark| name.contains(mark))
    };
    let names = root.names_noted(folder, notes).into_iter();
    names.filter(|name| !left_behind(name) && *name != "lastrun").take(TABLES_MAX).collect()
}

/// The scripts of a folder such as `/etc/cron.daily`; one that nobody may run is switched off.
fn scripts(root: &Root, period: &str, notes: &mut Notes) -> Vec<CronLine> {
    let folder = format!("etc/cron.{period}");
    let script = |name: String| {
        let file = format!("{folder}/{name}");
        CronLine {
            is_script: true,
            schedule: period.to_owned(),
            account: "root".to_owned(),
            command: Zeroizing::new(format!("/{file}")),
            enabled: root.is_executable(&file),
            variables: Rc::default(),
            file,
        }
    };
    tables(root, &folder, notes).into_iter().map(script).collect()
}

/// The lines of one table.
pub fn parse(file: &str, table: &str, account: Account<'_>) -> Vec<CronLine> {
    let mut variables = Zeroizing::new(String::new());
    let mut lines = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((schedule, account, command)) = entry(line, account) {
            lines.push(CronLine {
                file: file.to_owned(),
                is_script: false,
                schedule,
                account: account.to_owned(),
                // A percent sign ends the command unless it is marked.
                command: Zeroizing::new(cut(command, COMMAND_BYTES_MAX).replace("\\%", "%")),
                enabled: true,
                variables: Rc::default(),
            });
        } else if variables.len() + line.len() < VARIABLES_BYTES_MAX {
            variables.push_str(line);
            variables.push('\n');
        }
        if lines.len() == LINES_MAX {
            break;
        }
    }
    let variables = Rc::new(variables);
    lines.into_iter().map(|line| CronLine { variables: Rc::clone(&variables), ..line }).collect()
}

/// Schedule, account and command of `5 0,4 * * mon root /opt/job …` or `@daily root …`, with or without the account; `None`
/// for a variable and for nonsense.
fn entry<'a>(line: &'a str, account: Account<'a>) -> Option<(String, &'a str, &'a str)> {
    // A dash in front keeps the run out of the log.
    let line = line.trim_start_matches('-');
    let is_time = line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@' | '~'));
    let (schedule, rest) = split_after(line, if line.starts_with('@') { 1 } else { 5 })?;
    let (account, command) = match account {
        Account::Of(account) => (account, rest),
        Account::InTable => split_after(rest, 1)?,
    };
    let schedule = schedule.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    (is_time && !schedule.contains('=') && !command.is_empty()).then_some((schedule, account, command))
}

/// The first `words` words of a line, and what follows them; `None` where there are fewer.
pub fn split_after(line: &str, words: usize) -> Option<(&str, &str)> {
    let mut rest = line;
    for _ in 0..words {
        rest = rest.trim_start();
        rest = &rest[rest.find(char::is_whitespace)?..];
    }
    Some((line[..line.len() - rest.len()].trim(), rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[CronLine]) -> Vec<String> {
        lines.iter().map(|line| format!("{} {} {}", line.schedule, line.account, *line.command)).collect()
    }

    #[test]
    fn lines_of_both_kinds_of_table_are_told_apart_from_settings() {
        let table = "SHELL=/bin/sh\nMAILTO=\"a b c d e f g\"\n# 1 2 3 4 5 root x\n17 *\t* * *  root\tcd / && run-parts\n@reboot ann /opt/x s3cret\n-*/5 * * * * root date +\\%s\n";
        let expected = ["17 * * * * root cd / && run-parts", "@reboot ann /opt/x s3cret", "*/5 * * * * root date +%s"];
        assert_eq!(shown(&parse("etc/crontab", table, Account::InTable)), expected);
        let own = parse("t", "0 4 * * 1 PASS=x /opt/z q\n@daily\tx\n", Account::Of("bob"));
        assert_eq!(shown(&own), ["0 4 * * 1 bob PASS=x /opt/z q", "@daily bob x"]);
    }

    #[test]
    fn variables_of_a_table_go_with_its_lines_and_endless_tables_are_cut() {
        let lines = parse("t", "R=/srv\n0 1 * * * root x\n# c\nPATH=/usr/bin:/bin\n", Account::InTable);
        assert_eq!((lines.len(), lines[0].variables.as_str()), (1, "R=/srv\nPATH=/usr/bin:/bin\n"));
        let endless = format!("A={}\nB=b\n{}", "x".repeat(100_000), "* * * * * root x\n".repeat(10_000));
        let lines = parse("t", &endless, Account::InTable);
        assert_eq!((lines.len(), lines[0].variables.as_str()), (LINES_MAX, "B=b\n"));
    }

    #[test]
    fn lines_of_nonsense_start_nothing() {
        for line in
            ["*", "* * * * *", "* * * * * root", "@", "@daily", "@daily root", "\u{0}", "é é é é é é é", "x = 1"]
        {
            assert!(parse("t", line, Account::InTable).is_empty(), "{line}");
        }
    }

    #[test]
    fn the_tables_of_every_distribution_are_found_and_leftovers_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "etc/crontab",
            "etc/cron.d/b",
            "etc/cron.d/b~",
            "etc/cron.d/b.dpkg-old",
            "etc/cron.d/off.x",
            "var/spool/cron/crontabs/ann",
            "var/spool/cron/bob",
            "var/spool/cron/tabs/eve",
            "etc/cron.daily/job",
            "etc/cron.daily/.placeholder",
            "etc/debian_version",
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "0 1 * * * root x\n").unwrap();
        }
        let lines = lines(&Root::at(folder.path()), &mut Notes::default());
        let shown: Vec<_> = lines
            .iter()
            .map(|line| (line.file.as_str(), line.account.as_str(), line.enabled, line.is_script))
            .collect();
        let expected = [
            ("etc/crontab", "root", true, false),
            ("etc/cron.d/b", "root", true, false),
            ("etc/cron.d/off.x", "root", false, false),
            ("var/spool/cron/crontabs/ann", "ann", true, false),
            ("var/spool/cron/bob", "bob", true, false),
            ("var/spool/cron/tabs/eve", "eve", true, false),
            ("etc/cron.daily/job", "root", false, true),
        ];
        assert_eq!(shown, expected);
    }
}
