//! Backups by rsnapshot: one for each of its configurations. Its lowest level saves, the others only move what is saved;
//! the log tells how it went, and the folder of the newest copy when.

use wacht_proto::v1::{BackupJob, BackupResult, NoteReason};

use super::launch::Launch;
use super::shell_words::option;
use super::target::without_secrets;
use crate::inventory::far_path::FarPaths;
use crate::inventory::moment::of_unix;
use crate::inventory::notes::Notes;
use crate::inventory::program::program;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["rsnapshot"];

const FILE: &str = "etc/rsnapshot.conf";
const SOURCES_MAX: usize = 64;

/// A job for each configuration that saves something.
pub fn read(root: &Root, launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    let config =
        |launch: &Launch| option(&launch.words, &["-c"]).map_or(FILE, |path| path.trim_start_matches('/')).to_owned();
    let mut files: Vec<String> = launches.iter().map(config).chain([FILE.to_owned()]).collect();
    files.sort_unstable();
    files.dedup();
    let mut jobs = Vec::new();
    let far = FarPaths::of(root);
    for file in files.into_iter().filter(|file| !far.hold(root, file)) {
        let text = root.text(&file, notes).unwrap_or_default();
        let own = launches.iter().filter(|launch| config(launch) == file);
        jobs.extend(job(root, &text, own.collect::<Vec<_>>().as_slice(), notes).map(|job| named(job, &file)));
    }
    jobs
}

/// What the settings alone say.
pub fn jobs(text: &str) -> Vec<BackupJob> {
    settings(text).map(|settings| named(settings.job(), FILE)).into_iter().collect()
}

fn named(job: BackupJob, file: &str) -> BackupJob {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".conf");
    BackupJob { name: stem.to_owned(), ..job }
}

fn job(root: &Root, text: &str, launches: &[&Launch], notes: &mut Notes) -> Option<BackupJob> {
    let settings = settings(text)?;
    let mut job = settings.job();
    let saves = |launch: &&&Launch| launch.words.iter().any(|word| word == settings.level || word == "sync");
    if let Some(launch) = launches.iter().filter(saves).max_by_key(|launch| launch.enabled) {
        let started = launch.job("", |code| code == 2);
        (job.schedule, job.enabled) = (started.schedule, started.enabled);
        (job.result, job.last_run_at, job.last_good_at) = (started.result, started.last_run_at, started.last_good_at);
    }
    if job.result() == BackupResult::Unspecified {
        let far = FarPaths::of(root);
        let mut is_near = |path: &str| {
            let is_far = far.hold(root, path);
            if is_far {
                notes.mention(&format!("{path} (network)"), NoteReason::Failed);
            }
            !is_far
        };
        let log = settings.log.filter(|path| is_near(path));
        let newest = format!("{}/{}.0", settings.target.trim_end_matches('/'), settings.level);
        let newest = Some(newest).filter(|path| is_near(path)).and_then(|path| root.written(&path));
        let log = log.and_then(|path| root.text(path, notes)).unwrap_or_default();
        let result = ended(&log, settings.level);
        job.result = result.into();
        job.last_run_at = newest.and_then(|(unix, _)| of_unix(unix)).unwrap_or_default();
        if matches!(result, BackupResult::Succeeded | BackupResult::Warning) {
            job.last_good_at.clone_from(&job.last_run_at);
        }
    }
    Some(job)
}

struct Settings<'a> {
    target: &'a str,
    level: &'a str,
    log: Option<&'a str>,
    sources: Vec<String>,
}

impl Settings<'_> {
    fn job(&self) -> BackupJob {
        BackupJob {
            product: "rsnapshot".to_owned(),
            protects: self.sources.join(" "),
            target: self.target.to_owned(),
            ..Default::default()
        }
    }
}

/// Lines of words between tabs; `None` where nothing is saved.
fn settings(text: &str) -> Option<Settings<'_>> {
    let rows = || {
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').filter(|word| !word.is_empty()))
    };
    let value = |key: &str| rows().find_map(|mut row| (row.next()? == key).then(|| row.next())?).map(str::trim);
    let sources: Vec<String> = rows().filter_map(source).take(SOURCES_MAX).collect();
    let level = value("retain").or_else(|| value("interval"))?;
    (!sources.is_empty()).then_some(Settings { target: value("snapshot_root")?, level, log: value("logfile"), sources })
}

/// What a row saves: a place, or by a script whatever that writes. Its command line may hold a password.
fn source<'a>(mut row: impl Iterator<Item = &'a str>) -> Option<String> {
    match row.next()? {
        "backup" => Some(without_secrets(row.next()?)),
        "backup_script" => Some(program(row.next()?).to_owned()),
        _ => None,
    }
}

/// The last word of the log on a level: `… rsnapshot daily: completed successfully`.
fn ended(log: &str, level: &str) -> BackupResult {
    let mark = format!("rsnapshot {level}: ");
    let mut result = BackupResult::Unspecified;
    for words in log.lines().filter_map(|line| Some(line.split_once(&mark)?.1)) {
        result = match words {
            _ if words.starts_with("started") => BackupResult::Running,
            _ if words.contains("completed successfully") => BackupResult::Succeeded,
            _ if words.contains("some warnings") => BackupResult::Warning,
            _ if words.contains("some errors") || words.contains("ERROR") => BackupResult::Failed,
            _ => result,
        };
    }
    result
}
