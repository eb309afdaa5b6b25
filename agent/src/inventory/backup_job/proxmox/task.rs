//! The backup tasks that a node of Proxmox VE ran, from its own index and the log of each task.

use wacht_proto::v1::BackupResult;

use crate::inventory::backup_job::shell_words::commands;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::size::bytes;

const FOLDER: &str = "var/log/pve/tasks";
/// Tasks of which the log is looked into, newest first.
const TASKS_MAX: usize = 64;

/// One run of a backup. Times are Unix seconds, 0 where unknown.
#[derive(Debug, PartialEq, Eq)]
pub struct Task {
    id: String,
    /// When it began.
    pub began_unix: i64,
    /// When it ended.
    pub ended_unix: i64,
    /// How it ended, or that it runs.
    pub result: BackupResult,
}

/// What the log of a task tells.
pub struct Log {
    /// The words with which the backup was started.
    pub words: Vec<String>,
    /// The sizes of all archives together; 0 where the storage tells none.
    pub size_bytes: u64,
}

/// The newest tasks, the newest first.
pub fn tasks(root: &Root, notes: &mut Notes) -> Vec<Task> {
    let mut found: Vec<Task> = Vec::new();
    for name in ["active", "index", "index.1"] {
        let text = root.text(&format!("{FOLDER}/{name}"), notes).unwrap_or_default();
        // The newest stand last in the index, first among the active ones.
        found.extend(text.lines().rev().filter_map(task).take(TASKS_MAX));
    }
    found.sort_by(|a, b| (b.began_unix, &b.id, b.ended_unix).cmp(&(a.began_unix, &a.id, a.ended_unix)));
    // An ended task stands in both; the one with its end sorts first.
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(TASKS_MAX);
    found
}

/// The log of a task; `None` where it is gone.
pub fn log_of(root: &Root, task: &Task) -> Option<Log> {
    let began = task.id.split(':').nth(4)?;
    let text = root.text(&format!("{FOLDER}/{}/{}", began.get(began.len() - 1..)?, task.id), &mut Notes::default())?;
    let mut lines = text.lines();
    let started = lines.find_map(|line| line.split_once("starting new backup job: vzdump"))?.1;
    let sizes = lines.filter_map(|line| bytes(line.split_once("archive file size: ")?.1, 1024));
    let size_bytes = sizes.fold(0_u64, u64::saturating_add);
    Some(Log { words: commands(started).into_iter().next().unwrap_or_default(), size_bytes })
}

/// `UPID:node:pid:pstart:began:vzdump:guest:account: [saved] [ended] [status]`, times in hexadecimal.
fn task(line: &str) -> Option<Task> {
    let (id, rest) = line.split_once(' ').unwrap_or((line, ""));
    let fields: Vec<&str> = id.split(':').collect();
    let sound = fields.len() >= 8 && fields[0] == "UPID" && fields[5] == "vzdump" && !id.contains(['/', '\0']);
    let began_unix = i64::from_str_radix(fields.get(4)?, 16).ok()?;
    // Only the list of active tasks has a digit that says whether the index has it too.
    let rest = rest.strip_prefix("0 ").or_else(|| rest.strip_prefix("1 ")).unwrap_or(rest);
    let (ended, status) = rest.split_once(' ').unwrap_or((rest, ""));
    let ended_unix = i64::from_str_radix(ended, 16).unwrap_or(0);
    let result = match status.trim() {
        "" => BackupResult::Running,
        "OK" => BackupResult::Succeeded,
        status if status.starts_with("WARNINGS") => BackupResult::Warning,
        _ => BackupResult::Failed,
    };
    (sound && began_unix > 0).then(|| Task { id: id.to_owned(), began_unix, ended_unix, result })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_index_is_a_task_and_nonsense_is_none() {
        let line = "UPID:pve1:0000C530:001C9BEC:65920080:vzdump:100:root@pam: 65920100 job errors";
        let failed = task(line).unwrap();
        assert_eq!((failed.began_unix, failed.ended_unix), (1_704_067_200, 1_704_067_328));
        assert_eq!(failed.result, BackupResult::Failed);
        let result = |rest: &str| task(&format!("UPID:pve1:0:0:65920080:vzdump::root@pam:{rest}")).unwrap().result;
        assert_eq!(result(" 1 65920100 OK"), BackupResult::Succeeded);
        assert_eq!(result(" 0"), BackupResult::Running);
        assert_eq!(result(" 65920100 WARNINGS: 2"), BackupResult::Warning);
        for wrong in
            ["", "UPID", "UPID:a:b:c:zz:vzdump::x:", "UPID:a:0:0:6592:qmstart:1:x:", "UPID:../..:0:0:1/:vzdump:::"]
        {
            assert_eq!(task(wrong), None, "{wrong}");
        }
    }
}
