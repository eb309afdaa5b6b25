//! Backups of guests by Proxmox VE on this node: the jobs of its cluster and the lines of its older cron table. How they
//! went is told by the tasks of this node; a task is a job's own when it saved the same guests to the same storage.

mod task;

use std::collections::{BTreeMap, BTreeSet};

use wacht_proto::v1::{BackupJob, BackupResult};

use super::launch::Launch;
use super::shell_words::{option, positional};
use crate::inventory::moment::of_unix;
use crate::inventory::notes::Notes;
use crate::inventory::pve_guest::note_unmounted;
use crate::inventory::root::Root;
use task::{Task, log_of, tasks};

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["vzdump"];

const PRODUCT: &str = "proxmox";
const JOBS_MAX: usize = 500;
const OPTIONS_WITH_VALUE: &[&str] = &[
    "--storage",
    "--all",
    "--mode",
    "--compress",
    "--node",
    "--exclude",
    "--mailto",
    "--mailnotification",
    "--quiet",
    "--pool",
    "--prune-backups",
    "--notes-template",
    "--maxfiles",
    "--remove",
    "--bwlimit",
    "--dumpdir",
    "--zstd",
    "--notification-mode",
    "--fleecing",
    "--protected",
    "--job-id",
];

/// What a job or a task saves, and where to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Extent {
    all: bool,
    guests: BTreeSet<String>,
    except: BTreeSet<String>,
    pool: String,
    storage: String,
}

/// The jobs of this node.
pub fn read(root: &Root, launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    note_unmounted(root, notes);
    let text = root.text("etc/pve/jobs.cfg", notes).unwrap_or_default();
    let node = root.value("proc/sys/kernel/hostname").unwrap_or_default();
    let node = node.split('.').next().unwrap_or_default();
    let mut found: Vec<(Extent, BackupJob)> = sections(&text, "vzdump")
        .filter(|(_, values)| node.is_empty() || values.get("node").is_none_or(|own| *own == node))
        .map(|(id, values)| planned(id, &values))
        .collect();
    found.extend(launches.iter().map(|launch| {
        let extent = of_command(&launch.words);
        let job = described(&extent, launch.job(PRODUCT, |_| false));
        (extent, job)
    }));
    if found.is_empty() {
        return Vec::new();
    }
    let storages = root.text("etc/pve/storage.cfg", notes).unwrap_or_default();
    for (extent, job) in &mut found {
        job.target = address(&storages, &extent.storage);
    }
    tell(root, &mut found, notes);
    found.into_iter().map(|(_, job)| job).collect()
}

/// What the jobs of a cluster say by themselves.
pub fn jobs(text: &str) -> Vec<BackupJob> {
    sections(text, "vzdump").map(|(id, values)| planned(id, &values).1).collect()
}

fn planned(id: &str, values: &BTreeMap<&str, &str>) -> (Extent, BackupJob) {
    let value = |key: &str| values.get(key).copied().unwrap_or_default();
    let extent = Extent {
        all: value("all") == "1",
        guests: list(value("vmid")),
        except: list(value("exclude")),
        pool: value("pool").to_owned(),
        storage: value("storage").to_owned(),
    };
    let job = BackupJob {
        product: PRODUCT.to_owned(),
        name: id.to_owned(),
        // Before version 7.2 a job had days and a time of its own.
        schedule: format!("{} {} {}", value("schedule"), value("dow"), value("starttime")).trim().to_owned(),
        enabled: value("enabled") != "0",
        ..Default::default()
    };
    let job = described(&extent, job);
    (extent, job)
}

/// The words behind `vzdump`.
fn of_command(words: &[String]) -> Extent {
    let value = |name: &str| option(words, &[name]).unwrap_or_default();
    Extent {
        all: value("--all") == "1",
        guests: positional(words, OPTIONS_WITH_VALUE).flat_map(list).filter(|word| is_number(word)).collect(),
        except: list(value("--exclude")),
        pool: value("--pool").to_owned(),
        storage: value("--storage").to_owned(),
    }
}

fn described(extent: &Extent, job: BackupJob) -> BackupJob {
    let joined = |guests: &BTreeSet<String>| guests.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let mut parts = Vec::new();
    parts.extend(extent.all.then(|| "all".to_owned()));
    parts.extend((!extent.pool.is_empty()).then(|| format!("pool {}", extent.pool)));
    parts.extend((!extent.guests.is_empty()).then(|| joined(&extent.guests)));
    parts.extend((!extent.except.is_empty()).then(|| format!("exclude {}", joined(&extent.except))));
    BackupJob { protects: parts.join(" "), ..job }
}

/// The storage's name and where it is.
fn address(storages: &str, name: &str) -> String {
    const KINDS: [&str; 7] = ["pbs", "nfs", "cifs", "dir", "cephfs", "btrfs", "zfspool"];
    let found = KINDS.iter().find_map(|kind| {
        let (_, values) = sections(storages, kind).find(|(id, _)| *id == name)?;
        let value = |key: &str| values.get(key).copied();
        let place = value("datastore").or(value("export")).or(value("share")).or(value("path")).unwrap_or_default();
        Some(format!("{kind} {} {}", value("server").unwrap_or_default(), place))
    });
    let words = format!("{name} {}", found.unwrap_or_default());
    words.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// `kind: id`, followed by indented lines of key and value.
fn sections<'a>(text: &'a str, kind: &'a str) -> impl Iterator<Item = (&'a str, BTreeMap<&'a str, &'a str>)> {
    let mut sections: Vec<(&str, BTreeMap<&str, &str>)> = Vec::new();
    let mut is_own = false;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if line.starts_with([' ', '\t']) {
            let (key, value) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
            if let Some((_, values)) = sections.last_mut().filter(|_| is_own) {
                values.insert(key, value.trim());
            }
        } else {
            let id = line.split_once(':').filter(|(start, _)| *start == kind).map(|(_, id)| id.trim());
            is_own = id.is_some() && sections.len() < JOBS_MAX;
            sections.extend(id.filter(|_| is_own).map(|id| (id, BTreeMap::new())));
        }
    }
    sections.into_iter()
}

/// Writes the newest tasks of each job into it.
fn tell(root: &Root, found: &mut [(Extent, BackupJob)], notes: &mut Notes) {
    for task in tasks(root, notes) {
        if found.iter().all(|(_, job)| !job.last_run_at.is_empty() && !job.last_good_at.is_empty()) {
            return;
        }
        let Some(log) = log_of(root, &task) else { continue };
        let extent = of_command(&log.words);
        for (_, job) in found.iter_mut().filter(|(own, _)| *own == extent) {
            fill(job, &task, log.size_bytes);
        }
    }
}

/// Tasks come newest first.
fn fill(job: &mut BackupJob, task: &Task, size_bytes: u64) {
    if job.last_run_at.is_empty() {
        job.last_run_at = of_unix(task.began_unix).unwrap_or_default();
        job.result = task.result.into();
    }
    let good = matches!(task.result, BackupResult::Succeeded | BackupResult::Warning);
    if good && job.last_good_at.is_empty() {
        job.last_good_at = of_unix(task.ended_unix).unwrap_or_default();
        job.size_bytes = size_bytes;
    }
}

fn list(text: &str) -> BTreeSet<String> {
    text.split([',', ';', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
