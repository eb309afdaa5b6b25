//! Backups by Borg, started by a unit or by cron, directly or through a script. Repositories are not asked: that would
//! need their passphrase.

use wacht_proto::v1::BackupJob;

use super::launch::Launch;
use super::shell_words::{option, positional};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["borg", "borg2"];

const PRODUCT: &str = "borg";
/// Options of which the value is a word of its own.
const WITH_VALUE: &[&str] = &[
    "-r",
    "--repo",
    "-e",
    "--exclude",
    "--exclude-from",
    "--exclude-if-present",
    "--pattern",
    "--patterns-from",
    "-C",
    "--compression",
    "--comment",
    "--timestamp",
    "-c",
    "--checkpoint-interval",
    "--chunker-params",
    "--rsh",
    "--remote-path",
    "--lock-wait",
    "--umask",
    "--files-cache",
    "--upload-ratelimit",
    "--remote-ratelimit",
    "--filter",
    "--log-json",
    "--paths-from-stdin",
];

/// A job for each launch that saves something.
pub fn read(root: &Root, launches: &[Launch], _notes: &mut Notes) -> Vec<BackupJob> {
    launches.iter().filter_map(|launch| job(root, launch)).collect()
}

fn job(root: &Root, launch: &Launch) -> Option<BackupJob> {
    let mut words = positional(&launch.words, WITH_VALUE);
    (words.next()? == "create").then_some(())?;
    // `repository::archive`, or the archive alone.
    let archive = words.next()?;
    let repository = archive.split_once("::").map(|(repository, _)| repository).filter(|name| !name.is_empty());
    // Code 1, or from 100 on: the archive was made, with warnings.
    let mut job = launch.job(PRODUCT, |code| code == 1 || (100..128).contains(&code));
    job.protects = words.filter(|word| word.starts_with(['/', '~', '.'])).collect::<Vec<_>>().join(" ");
    job.target = match repository.filter(|_| option(&launch.words, &["--repo", "-r"]).is_none()) {
        Some(repository) => launch.address(root, repository),
        None => launch.target(root, &["--repo", "-r"], "BORG_REPO"),
    };
    Some(job)
}
