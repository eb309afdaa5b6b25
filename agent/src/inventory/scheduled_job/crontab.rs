//! Words the lines of cron's tables and folders and of anacron's table as jobs. A job is named by what it is, not by its
//! line, so that a comment above it renames nothing.

use std::collections::BTreeMap;

use wacht_proto::v1::ScheduledJob;

use crate::inventory::cron_table::{Account, CronLine, lines, parse, split_after};
use crate::inventory::notes::{Notes, cut};
use crate::inventory::program::program;
use crate::inventory::root::Root;

/// Jobs of anacron's table that are looked at; a section holds no more.
const JOBS_MAX: usize = 2_000;
/// Longest name, in bytes, before a number for equal ones.
const NAME_BYTES_MAX: usize = 240;

/// The jobs of every table and folder; a table that may not be read is a note.
pub fn read(root: &Root, notes: &mut Notes) -> Vec<ScheduledJob> {
    let mut jobs: Vec<ScheduledJob> = lines(root, notes).iter().map(|line| job(line, notes)).collect();
    if let Some(table) = root.text("etc/anacrontab", notes) {
        jobs.extend(of_anacron(&table, notes));
    }
    told_apart(&mut jobs);
    jobs
}

/// The jobs of one table, which is called `file` in their names.
pub fn of_table(file: &str, table: &str, account: Account<'_>, notes: &mut Notes) -> Vec<ScheduledJob> {
    let mut jobs: Vec<ScheduledJob> = parse(file, table, account).iter().map(|line| job(line, notes)).collect();
    told_apart(&mut jobs);
    jobs
}

fn job(line: &CronLine, notes: &mut Notes) -> ScheduledJob {
    let program =
        if line.is_script { line.file.rsplit('/').next().unwrap_or_default() } else { program(&line.command) };
    let name = if line.is_script {
        format!("/{}", line.file)
    } else {
        format!("/{} {} {} {program}", line.file, line.schedule, line.account)
    };
    ScheduledJob {
        name: notes.text("cron", cut(&name, NAME_BYTES_MAX)),
        kind: "cron".to_owned(),
        schedule: notes.text("cron", &line.schedule),
        account: notes.text("cron", &line.account),
        program: notes.text("cron", program),
        enabled: line.enabled,
    }
}

/// `7  10  cron.weekly  nice run-parts …`: period in days or as `@monthly`, delay in minutes, name, command.
fn of_anacron(table: &str, notes: &mut Notes) -> Vec<ScheduledJob> {
    let one = |line: &str, notes: &mut Notes| {
        let (period, rest) = split_after(line, 1)?;
        let (_delay, rest) = split_after(rest, 1)?;
        let (name, command) = split_after(rest, 1)?;
        period.starts_with(|c: char| c.is_ascii_digit() || c == '@').then(|| ScheduledJob {
            name: notes.text("anacron", cut(&format!("/etc/anacrontab {name}"), NAME_BYTES_MAX)),
            kind: "anacron".to_owned(),
            schedule: notes.text("anacron", period),
            account: "root".to_owned(),
            program: notes.text("anacron", program(command)),
            enabled: true,
        })
    };
    table.lines().filter_map(|line| one(line, notes)).take(JOBS_MAX).collect()
}

/// Of equal jobs the later ones carry a number.
fn told_apart(jobs: &mut [ScheduledJob]) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for job in jobs {
        let count = seen.entry((job.kind.clone(), job.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            job.name = format!("{} ({count})", job.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(table: &str) -> Vec<String> {
        let jobs = of_table("etc/crontab", table, Account::InTable, &mut Notes::default());
        jobs.into_iter().map(|job| job.name).collect()
    }

    #[test]
    fn a_job_keeps_its_name_whatever_stands_above_it_and_equals_are_numbered() {
        let table = "1 2 * * * root /opt/a --key=s3cret\n1 2 * * * root /opt/a --key=other\n@daily ann b\n";
        let expected =
            ["/etc/crontab 1 2 * * * root a", "/etc/crontab 1 2 * * * root a (2)", "/etc/crontab @daily ann b"];
        assert_eq!(names(table), expected);
        assert_eq!(names(&format!("# new\nMAILTO=x\n{table}")), expected);
    }

    #[test]
    fn a_name_that_is_too_long_is_cut_and_still_told_apart() {
        let table = format!("* * * * * root /{}\n", "x".repeat(400)).repeat(2);
        let names = names(&table);
        assert!(names.len() == 2 && names[0] != names[1] && names.iter().all(|name| name.len() <= 256));
    }

    #[test]
    fn anacrons_table_gives_periods_and_its_own_names() {
        let table = "DELAY=1\n1\t5\tcron.daily\tnice run-parts\n@monthly 45 m /x/y z\n";
        let rows = of_anacron(table, &mut Notes::default());
        let facts: Vec<_> =
            rows.iter().map(|row| (row.name.as_str(), row.schedule.as_str(), row.program.as_str())).collect();
        assert_eq!(facts, [("/etc/anacrontab cron.daily", "1", "nice"), ("/etc/anacrontab m", "@monthly", "y")]);
    }
}
