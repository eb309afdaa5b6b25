//! Backups by borgmatic: one for each of its configurations, started by its timer, by another unit or by cron. Of the
//! configuration only folders and repositories are taken; passphrases stand in the same file.

use wacht_proto::v1::BackupJob;
use zeroize::Zeroizing;

use super::launch::Launch;
use super::shell_words::option;
use super::target::without_secrets;
use crate::inventory::far_path::FarPaths;
use crate::inventory::notes::Notes;
use crate::inventory::pattern::expand;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["borgmatic"];

const FILES: [&str; 3] = ["etc/borgmatic/config.yaml", "etc/borgmatic.d/*.yaml", "etc/borgmatic.d/*.yml"];
const FILES_MAX: usize = 200;
const ITEMS_MAX: usize = 64;

/// A job for each configuration, and for each launch of a configuration elsewhere.
pub fn read(root: &Root, launches: &[Launch], notes: &mut Notes) -> Vec<BackupJob> {
    let mut files: Vec<String> = FILES.iter().flat_map(|pattern| expand(root, pattern, notes)).collect();
    let named = |launch: &Launch| Some(option(&launch.words, &["--config", "-c"])?.trim_start_matches('/').to_owned());
    files.extend(launches.iter().filter_map(named));
    files.sort_unstable();
    files.dedup();
    files.truncate(FILES_MAX);
    let far = FarPaths::of(root);
    files.retain(|file| !far.hold(root, file));
    files.iter().filter_map(|file| job(root, file, launches, notes)).collect()
}

fn job(root: &Root, file: &str, launches: &[Launch], notes: &mut Notes) -> Option<BackupJob> {
    let text = Zeroizing::new(root.text(file, notes)?);
    let only = |launch: &&Launch| match option(&launch.words, &["--config", "-c"]) {
        Some(config) => config.trim_start_matches('/') == file,
        None => FILES.iter().any(|pattern| file.starts_with(pattern.split('*').next().unwrap_or(pattern))),
    };
    // A timer that is switched on says more than one that is not.
    let launch = launches.iter().filter(only).max_by_key(|launch| launch.enabled);
    let job = launch.map(|launch| launch.job("", |code| code == 1 || (100..128).contains(&code))).unwrap_or_default();
    let stem = file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or_default();
    let targets: Vec<String> = items(&text, "repositories").into_iter().map(without_secrets).collect();
    Some(BackupJob {
        product: "borgmatic".to_owned(),
        name: stem.to_owned(),
        protects: items(&text, "source_directories").join(" "),
        target: targets.join(" "),
        ..job
    })
}

/// The items of a list in YAML: `- value`, or the `path:` of an item with several keys.
fn items<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let own = |line: &&str| line.trim().strip_prefix(key).is_some_and(|rest| rest.trim() == ":");
    let Some(head) = lines.find(own) else { return Vec::new() };
    let belongs =
        |line: &&str| depth(line) > depth(head) || (depth(line) == depth(head) && line.trim().starts_with('-'));
    let item = |line: &'a str| {
        let line = line.trim();
        let first = line.strip_prefix('-').map(str::trim);
        let value = match (first, first.unwrap_or(line).strip_prefix("path:")) {
            (_, Some(path)) => path,
            (Some(first), None) if !first.contains(": ") => first,
            _ => return None,
        };
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then_some(value)
    };
    lines.take_while(belongs).filter_map(item).take(ITEMS_MAX).collect()
}
