//! Copies of the system by Timeshift, from its settings and from the copies themselves where their disk is mounted.
//! They save the system, not the data of people.

use serde_json::Value;
use wacht_proto::v1::{BackupJob, BackupResult, NoteReason};

use super::launch::Launch;
use crate::inventory::moment::of_unix;
use crate::inventory::notes::Notes;
use crate::inventory::pattern::expand;
use crate::inventory::root::Root;

/// The programs by which it is started; its own tables are read from its settings instead.
pub const PROGRAMS: &[&str] = &[];

const FILES: [&str; 2] = ["etc/timeshift/timeshift.json", "etc/timeshift.json"];
/// Where its disk is mounted, or the system's own disk holds the copies.
const COPIES: [&str; 5] = [
    "timeshift/snapshots/*/info.json",
    "run/timeshift/backup/timeshift/snapshots/*/info.json",
    "run/timeshift/*/backup/timeshift/snapshots/*/info.json",
    "run/timeshift/backup/timeshift-btrfs/snapshots/*/info.json",
    "run/timeshift/*/backup/timeshift-btrfs/snapshots/*/info.json",
];

/// The one job, where Timeshift was set up.
pub fn read(root: &Root, _launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    let Some(text) = FILES.iter().find_map(|file| root.text(file, notes)) else { return Vec::new() };
    let Ok(settings) = serde_json::from_str::<Value>(&text) else {
        notes.add("timeshift.json", NoteReason::Malformed);
        return Vec::new();
    };
    let Some(mut job) = job(&settings) else { return Vec::new() };
    let copies = COPIES.iter().flat_map(|pattern| expand(root, pattern, notes)).collect::<Vec<_>>();
    let newest = copies.iter().filter_map(|path| created(&root.text(path, &mut Notes::default())?)).max();
    if let Some(moment) = newest.and_then(of_unix) {
        job.result = BackupResult::Succeeded.into();
        job.last_run_at.clone_from(&moment);
        job.last_good_at = moment;
    }
    vec![job]
}

/// `None` where no disk was ever chosen.
fn job(settings: &Value) -> Option<BackupJob> {
    let text = |key: &str| settings[key].as_str().unwrap_or_default();
    let disk = Some(text("backup_device_uuid")).filter(|uuid| !uuid.is_empty())?;
    let periods = ["hourly", "daily", "weekly", "monthly", "boot"];
    let periods: Vec<&str> =
        periods.into_iter().filter(|period| text(&format!("schedule_{period}")) == "true").collect();
    Some(BackupJob {
        product: "timeshift".to_owned(),
        name: if text("btrfs_mode") == "true" { "btrfs" } else { "rsync" }.to_owned(),
        protects: "/".to_owned(),
        target: format!("UUID={disk}"),
        schedule: periods.join(" "),
        enabled: !periods.is_empty(),
        ..Default::default()
    })
}

/// The Unix time in the description of a copy.
fn created(info: &str) -> Option<i64> {
    serde_json::from_str::<Value>(info).ok()?["created"].as_str()?.parse().ok()
}
