//! Backups by the Veeam agent for Linux, asked of its own command: its database has no stable form. The command writes
//! tables with two spaces or more between columns, and times in the zone of its environment, which is UTC here.

use wacht_proto::v1::{BackupJob, BackupResult};

use super::launch::Launch;
use super::target::without_secrets;
use crate::inventory::child::Program;
use crate::inventory::moment::{of_unix, unix_of};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The programs by which it is started; its own service does that.
pub const PROGRAMS: &[&str] = &[];

const ROWS_MAX: usize = 5_000;
const JOBS_MAX: usize = 500;

/// Every job of the agent; empty on machines without it.
pub fn read(root: &Root, _launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    if !root.has_program(Program::Veeamconfig) {
        return Vec::new();
    }
    let list = root.output(Program::Veeamconfig, &["job", "list"], notes).unwrap_or_default();
    let sessions = root.output(Program::Veeamconfig, &["session", "list"], notes).unwrap_or_default();
    jobs(&list, &sessions)
}

/// Jobs by their list, and by the sessions of those that are in no list.
pub fn jobs(list: &str, sessions: &str) -> Vec<BackupJob> {
    let listed = list.lines().filter_map(row).take(JOBS_MAX);
    let mut jobs: Vec<BackupJob> = listed
        .map(|row| BackupJob { target: without_secrets(row.after.last().unwrap_or(&"")), ..named(row.name) })
        .collect();
    for session in sessions.lines().filter_map(row).take(ROWS_MAX).filter_map(|row| session(&row)) {
        let at = jobs.iter().position(|job| job.name == session.job);
        let at = at.unwrap_or_else(|| {
            jobs.push(named(session.job));
            jobs.len() - 1
        });
        session.tell(&mut jobs[at]);
    }
    jobs.truncate(JOBS_MAX);
    jobs
}

fn named(name: &str) -> BackupJob {
    BackupJob { product: "veeam".to_owned(), name: name.to_owned(), enabled: true, ..Default::default() }
}

/// A line of one of its tables: the columns around the id in braces.
struct Row<'a> {
    name: &'a str,
    kind: &'a str,
    after: Vec<&'a str>,
}

fn row(line: &str) -> Option<Row<'_>> {
    let (before, rest) = line.split_once('{')?;
    let (_, after) = rest.split_once('}')?;
    let mut before = columns(before);
    Some(Row { name: before.next()?, kind: before.last().unwrap_or_default(), after: columns(after).collect() })
}

fn columns(text: &str) -> impl Iterator<Item = &str> {
    text.split("  ").map(str::trim).filter(|column| !column.is_empty())
}

/// One run of a job.
struct Session<'a> {
    job: &'a str,
    result: BackupResult,
    began: String,
    ended: String,
}

/// `Success  2026-01-01 02:00  2026-01-01 02:10` behind the id; restores are no backups.
fn session<'a>(row: &Row<'a>) -> Option<Session<'a>> {
    let result = match *row.after.first()? {
        "Success" => BackupResult::Succeeded,
        "Warning" => BackupResult::Warning,
        "Failed" | "Error" => BackupResult::Failed,
        "Running" | "Starting" | "Working" => BackupResult::Running,
        _ => return None,
    };
    let moment = |column: Option<&&str>| {
        column.and_then(|text| text.split_once(' ')).and_then(|(date, time)| unix_of(date, time.trim()))
    };
    let began = of_unix(moment(row.after.get(1))?)?;
    let ended = moment(row.after.get(2)).and_then(of_unix).unwrap_or_default();
    (row.kind.is_empty() || row.kind.contains("Backup")).then_some(Session { job: row.name, result, began, ended })
}

impl Session<'_> {
    /// Sessions come in any order; moments of one form sort as texts.
    fn tell(&self, job: &mut BackupJob) {
        if self.began >= job.last_run_at {
            job.last_run_at.clone_from(&self.began);
            job.result = self.result.into();
        }
        let good = matches!(self.result, BackupResult::Succeeded | BackupResult::Warning);
        if good && self.ended > job.last_good_at {
            job.last_good_at.clone_from(&self.ended);
        }
    }
}
