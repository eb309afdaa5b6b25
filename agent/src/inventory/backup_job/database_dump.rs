//! Dumps of databases by automysqlbackup and autopostgresqlbackup, started by cron. They write no result, so the newest
//! file that holds something stands for the last good one. Accounts stand in the same settings and are not taken.

use wacht_proto::v1::{BackupJob, NoteReason};
use zeroize::Zeroizing;

use super::launch::Launch;
use super::shell_words::variable;
use crate::inventory::far_path::FarPaths;
use crate::inventory::moment::of_unix;
use crate::inventory::notes::Notes;
use crate::inventory::pattern::expand;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["automysqlbackup", "autopostgresqlbackup"];

/// An archive of nothing is not larger than this, in bytes.
const EMPTY_BYTES_MAX: u64 = 64;
/// The settings of each, the name in them, and the folder where they name none.
const SETTINGS: [(&str, &str, &str, &str); 4] = [
    ("automysqlbackup", "etc/default/automysqlbackup", "BACKUPDIR", "var/lib/automysqlbackup"),
    ("automysqlbackup", "etc/automysqlbackup/automysqlbackup.conf", "CONFIG_backup_dir", "var/backup/db"),
    ("autopostgresqlbackup", "etc/default/autopostgresqlbackup", "BACKUPDIR", "var/lib/autopostgresqlbackup"),
    ("autopostgresqlbackup", "etc/autodbbackup.conf", "BACKUPDIR", "var/backups"),
];

/// A job for each of the two that is started.
pub fn read(root: &Root, launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    let mut jobs: Vec<BackupJob> = Vec::new();
    for launch in launches {
        let settings = SETTINGS.iter().filter(|(program, ..)| *program == launch.program);
        let mut texts = settings
            .filter_map(|(_, file, name, folder)| Some((Zeroizing::new(root.text(file, notes)?), *name, *folder)));
        let Some((text, name, folder)) = texts.next() else { continue };
        let mut job = BackupJob { name: launch.program.clone(), ..launch.job("database dump", |_| false) };
        // A table and a script of the same name are one job.
        if jobs.iter().any(|known| known.name == job.name) {
            continue;
        }
        job.target = variable(&text, name).unwrap_or_else(|| format!("/{folder}"));
        newest(root, &mut job, notes);
        jobs.push(job);
    }
    jobs
}

/// Dumps lie in a folder for each day or database below the one for days.
fn newest(root: &Root, job: &mut BackupJob, notes: &mut Notes) {
    let far = FarPaths::of(root);
    let folders = ["daily", "latest"].map(|below| format!("{}/{below}", job.target));
    if folders.iter().any(|folder| far.hold(root, folder)) {
        notes.mention(&format!("{} (network)", job.target), NoteReason::Failed);
        return;
    }
    let [daily, latest] = folders;
    let patterns = [format!("{daily}/*/*"), format!("{daily}/*"), format!("{latest}/*")];
    let files = patterns.iter().flat_map(|pattern| expand(root, pattern, &mut Notes::default())).collect::<Vec<_>>();
    let files = files.iter().filter(|path| !far.hold(root, path) && root.names(path).is_empty());
    let newest = files.filter_map(|path| root.written(path)).filter(|(_, bytes)| *bytes > EMPTY_BYTES_MAX).max();
    if let Some((unix, bytes)) = newest {
        job.last_good_at = of_unix(unix).unwrap_or_default();
        job.size_bytes = bytes;
    }
}
