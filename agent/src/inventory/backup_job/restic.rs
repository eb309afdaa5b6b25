//! Backups by restic, started by a unit or by cron, directly, through a script, or through resticprofile or autorestic.
//! Repositories are not asked: that would need their password.

use wacht_proto::v1::{BackupJob, BackupResult};

use super::launch::Launch;
use super::shell_words::{option, positional};
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;
use crate::inventory::size::bytes;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["restic", "resticprofile", "autorestic"];

const PRODUCT: &str = "restic";
/// Options of which the value is a word of its own.
const WITH_VALUE: &[&str] = &[
    "-r",
    "--repo",
    "--repository-file",
    "-p",
    "--password-file",
    "--password-command",
    "--key-hint",
    "--cache-dir",
    "--cacert",
    "--tls-client-cert",
    "-o",
    "--option",
    "-e",
    "--exclude",
    "--iexclude",
    "--exclude-file",
    "--iexclude-file",
    "--exclude-if-present",
    "--exclude-larger-than",
    "--files-from",
    "--files-from-raw",
    "--files-from-verbatim",
    "--tag",
    "-H",
    "--host",
    "--parent",
    "--group-by",
    "--time",
    "--limit-upload",
    "--limit-download",
    "--compression",
    "--pack-size",
    "--read-concurrency",
    "--retry-lock",
    "--stdin-filename",
];

/// A job for each launch that saves something.
pub fn read(root: &Root, launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    launches.iter().filter_map(|launch| job(root, launch, notes)).collect()
}

fn job(root: &Root, launch: &Launch, notes: &mut Notes) -> Option<BackupJob> {
    // Code 3: a snapshot was made, without the files that could not be read.
    let mut job = launch.job(PRODUCT, |code| code == 3);
    if launch.program != PRODUCT {
        return launch.words.iter().any(|word| saves(word)).then_some(job);
    }
    let mut words = positional(&launch.words, WITH_VALUE);
    (words.next()? == "backup").then_some(())?;
    let listed = option(&launch.words, &["--files-from", "--files-from-verbatim", "--files-from-raw"]);
    let paths = words.filter(|word| word.starts_with(['/', '~', '.'])).chain(listed);
    job.protects = paths.collect::<Vec<_>>().join(" ");
    job.target = launch.target(root, &["--repo", "-r"], "RESTIC_REPOSITORY");
    if matches!(job.result(), BackupResult::Succeeded | BackupResult::Warning) {
        job.size_bytes = processed(&launch.said(root, notes)).unwrap_or(0);
    }
    Some(job)
}

/// The size in its last summary, `processed 1234 files, 12.345 GiB in 0:10`.
fn processed(said: &str) -> Option<u64> {
    let summary = said.lines().rev().find_map(|line| line.trim().strip_prefix("processed "))?;
    bytes(summary.split_once(", ")?.1.split(" in ").next()?, 1024)
}

/// `backup`, or for a scheduled profile `backup@home`.
fn saves(word: &str) -> bool {
    matches!(word.split('@').next(), Some("backup" | "cron")) || word.ends_with(".backup")
}
