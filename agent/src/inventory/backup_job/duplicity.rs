//! Backups by duplicity and by duply, its wrapper, started by a unit or by cron. Passphrases stand in the same files and
//! are not taken.

use wacht_proto::v1::BackupJob;
use zeroize::Zeroizing;

use super::launch::Launch;
use super::shell_words::variable;
use super::target::without_secrets;
use crate::inventory::notes::Notes;
use crate::inventory::root::Root;

/// The programs by which it is started.
pub const PROGRAMS: &[&str] = &["duplicity", "duply"];

/// Words that begin something other than a backup.
const OTHER: [&str; 10] = [
    "verify",
    "restore",
    "cleanup",
    "collection-status",
    "list-current-files",
    "remove-older-than",
    "remove-all-but-n-full",
    "remove-all-inc-of-but-n-full",
    "replicate",
    "status",
];

/// A job for each launch that saves something.
pub fn read(root: &Root, launches: &[Launch], _notes: &mut Notes) -> Vec<BackupJob> {
    let saves = |launch: &&Launch| !launch.words.iter().any(|word| OTHER.contains(&word.as_str()));
    launches
        .iter()
        .filter(saves)
        .filter_map(|launch| if launch.program == "duply" { duply(root, launch) } else { duplicity(root, launch) })
        .collect()
}

/// The last two words are what is saved and where to.
fn duplicity(root: &Root, launch: &Launch) -> Option<BackupJob> {
    let [.., source, target] = launch.words.as_slice() else { return None };
    (source.starts_with(['/', '~', '.']) && !target.starts_with('-')).then_some(())?;
    let (protects, target) = (source.clone(), launch.address(root, target));
    Some(BackupJob { protects, target, ..launch.job("duplicity", |_| false) })
}

/// The first word names a profile.
fn duply(root: &Root, launch: &Launch) -> Option<BackupJob> {
    let profile = launch.words.first().filter(|word| !word.contains('/') && !word.starts_with(['-', '.']))?;
    let paths = [format!("etc/duply/{profile}/conf"), format!("root/.duply/{profile}/conf")];
    let text = paths.iter().find_map(|path| root.text(path, &mut Notes::default())).map(Zeroizing::new)?;
    let value = |name: &str| variable(&text, name).unwrap_or_default();
    let (protects, target) = (value("SOURCE"), without_secrets(&value("TARGET")));
    Some(BackupJob { protects, target, name: profile.clone(), ..launch.job("duplicity", |_| false) })
}
