//! Backups of this machine to a Proxmox Backup Server by its client, started by a unit or by cron. The server is not
//! asked: that would need its password.

use wacht_proto::v1::BackupJob;

use super::launch::Launch;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["proxmox-backup-client"];

/// A job for each launch that saves something.
pub fn read(root: &Root, launches: &[Launch], _notes: &mut Notes) -> Vec<BackupJob> {
    let saves = launches.iter().filter(|launch| launch.words.first().is_some_and(|word| word == "backup"));
    saves
        .map(|launch| {
            let archives = launch.words.iter().filter_map(|word| word.split_once(':'));
            let archives =
                archives.filter(|(name, _)| [".pxar", ".img", ".conf", ".log"].iter().any(|end| name.ends_with(end)));
            let mut job = launch.job("proxmox-backup", |_| false);
            job.protects = archives.map(|(_, path)| path).collect::<Vec<_>>().join(" ");
            job.target = launch.target(root, &["--repository"], "PBS_REPOSITORY");
            job
        })
        .collect()
}
