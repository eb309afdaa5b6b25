//! Reads the tables and folders of cron, and anacron's table. A line that is switched off by a comment is no job.

use wacht_proto::v1::ScheduledJob;

use super::program::program;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// Where the tables of single accounts lie: on Debian, on Red Hat, on SUSE.
const SPOOLS: [&str; 3] = ["var/spool/cron/crontabs", "var/spool/cron", "var/spool/cron/tabs"];
const TABLES_MAX: usize = 1_000;
/// Jobs of one table that are looked at; a section holds no more.
const JOBS_MAX: usize = 2_000;

/// Whose jobs a table lists.
#[derive(Clone, Copy)]
pub enum Account<'a> {
    /// Each line names its own.
    InTable,
    /// The whole table is this account's.
    Of(&'a str),
}

/// The jobs of every table and folder; a table that may not be read is a note.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<ScheduledJob> {
    let mut jobs = Vec::new();
    let mut add = |path: String, account: Account<'_>, enabled: bool, notes: &mut Notes| {
        let Some(table) = root.text(&path, notes) else { return };
        let listed = parse(&format!("/{path}"), &table, account, notes);
        jobs.extend(listed.into_iter().map(|job| ScheduledJob { enabled, ..job }));
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
    if let Some(table) = root.text("etc/anacrontab", notes) {
        jobs.extend(parse_anacron(&table, notes));
    }
    jobs.extend(["hourly", "daily", "weekly", "monthly"].iter().flat_map(|period| scripts(root, period, notes)));
    jobs
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

/// The jobs of one table, which is called `path` in their names.
pub fn parse(path: &str, table: &str, account: Account<'_>, notes: &mut Notes) -> Vec<ScheduledJob> {
    let lines = table.lines().enumerate();
    lines.filter_map(|(at, line)| job(path, at + 1, line, account, notes)).take(JOBS_MAX).collect()
}

/// `5 0,4 * * mon root /opt/job …` or `@daily root …`, with or without the account.
fn job(path: &str, number: usize, line: &str, account: Account<'_>, notes: &mut Notes) -> Option<ScheduledJob> {
    // A dash in front keeps the run out of the log.
    let line = line.trim().trim_start_matches('-');
    let starts_job = line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@' | '~'));
    let (schedule, rest) = split_after(line, if line.starts_with('@') { 1 } else { 5 })?;
    let (account, command) = match account {
        Account::Of(account) => (account, rest),
        Account::InTable => split_after(rest, 1)?,
    };
    (starts_job && !command.is_empty()).then(|| ScheduledJob {
        name: notes.text("cron", &format!("{path}:{number}")),
        kind: "cron".to_owned(),
        schedule: notes.text("cron", &schedule.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
        account: notes.text("cron", account),
        program: notes.text("cron", program(command)),
        enabled: true,
    })
}

/// The first `words` words of a line, and what follows them; `None` where there are fewer.
fn split_after(line: &str, words: usize) -> Option<(&str, &str)> {
    let mut rest = line;
    for _ in 0..words {
        rest = rest.trim_start();
        rest = &rest[rest.find(char::is_whitespace)?..];
    }
    Some((line[..line.len() - rest.len()].trim(), rest.trim()))
}

/// `7  10  cron.weekly  nice run-parts …`: period in days or as `@monthly`, delay in minutes, name, command.
fn parse_anacron(table: &str, notes: &mut Notes) -> Vec<ScheduledJob> {
    let one = |(at, line): (usize, &str), notes: &mut Notes| {
        let (period, rest) = split_after(line, 1)?;
        let (_delay, rest) = split_after(rest, 1)?;
        let (_name, command) = split_after(rest, 1)?;
        period.starts_with(|c: char| c.is_ascii_digit() || c == '@').then(|| ScheduledJob {
            name: format!("/etc/anacrontab:{}", at + 1),
            kind: "anacron".to_owned(),
            schedule: notes.text("anacron", period),
            account: "root".to_owned(),
            program: notes.text("anacron", program(command)),
            enabled: true,
        })
    };
    table.lines().enumerate().filter_map(|line| one(line, notes)).take(JOBS_MAX).collect()
}

/// The scripts of a folder such as `/etc/cron.daily`; one that nobody may run is switched off.
fn scripts(root: &Root, period: &str, notes: &mut Notes) -> Vec<ScheduledJob> {
    let folder = format!("etc/cron.{period}");
    let script = |name: String, notes: &mut Notes| {
        let path = format!("{folder}/{name}");
        ScheduledJob {
            name: notes.text("cron", &format!("/{path}")),
            kind: "cron".to_owned(),
            schedule: period.to_owned(),
            account: "root".to_owned(),
            program: notes.text("cron", &name),
            enabled: root.is_executable(&path),
        }
    };
    tables(root, &folder, notes).into_iter().map(|name| script(name, notes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_kinds_of_table_are_told_apart_from_settings() {
        let table = "SHELL=/bin/sh\nMAILTO=\"a b c d e f g\"\n# 1 2 3 4 5 root x\n17 *\t* * *  root\tcd / && run-parts\n@reboot ann /opt/x s3cret\n-*/5 * * * * root y\n";
        let rows = parse("/etc/crontab", table, Account::InTable, &mut Notes::default());
        let facts: Vec<_> =
            rows.iter().map(|row| [&row.name, &row.schedule, &row.account, &row.program].map(String::as_str)).collect();
        let expected = [
            ["/etc/crontab:4", "17 * * * *", "root", "cd"],
            ["/etc/crontab:5", "@reboot", "ann", "x"],
            ["/etc/crontab:6", "*/5 * * * *", "root", "y"],
        ];
        assert_eq!(facts, expected);
        let own = parse("t", "0 4 * * 1 PASS=x /opt/z q\n", Account::Of("bob"), &mut Notes::default());
        assert_eq!((own[0].account.as_str(), own[0].program.as_str()), ("bob", "z"));
    }

    #[test]
    fn anacrons_table_gives_periods() {
        let rows =
            parse_anacron("DELAY=1\n1\t5\tcron.daily\tnice run-parts\n@monthly 45 m /x/y z\n", &mut Notes::default());
        let facts: Vec<_> = rows.iter().map(|row| (row.schedule.as_str(), row.program.as_str())).collect();
        assert_eq!(facts, [("1", "nice"), ("@monthly", "y")]);
    }

    #[test]
    fn lines_of_nonsense_are_no_jobs() {
        for line in ["*", "* * * * *", "* * * * * root", "@", "@daily", "@daily root", "\u{0}", "é é é é é é é"]
        {
            assert!(parse("t", line, Account::InTable, &mut Notes::default()).is_empty(), "{line}");
        }
    }
}
