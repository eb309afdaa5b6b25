//! Whether a section's sources are as they were: one look at the dates, sizes and numbers of its files, far cheaper than
//! reading and wording them. It knows no section, and a source without a file has no stamp.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::SystemTime;

use super::mount_table::is_automount;
use super::notes::Notes;
use super::root::Root;
use crate::platform;

/// Entries of one folder that are looked at; a folder with more counts by its own date.
const ENTRIES_MAX: usize = 1_000;
/// Where a file system is often mounted on demand; looking at it again and again would keep it mounted.
const ON_DEMAND: &str = "boot";
/// What a database writes before it writes itself. To read the database makes this file too, but leaves it empty.
const AHEAD_LOG: &str = "-wal";

/// A mark of all `sources` below `root`: files, and folders with what lies directly in them. Equal marks mean that
/// nothing was written since, as far as the file system tells.
pub fn stamp(root: &Root, sources: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for source in sources {
        if *source == ON_DEMAND && sleeps(root) {
            continue;
        }
        let path = root.path(source);
        if source.ends_with(AHEAD_LOG) {
            path.metadata().map_or(0, |about| about.len()).hash(&mut hasher);
            continue;
        }
        mark(&path, &mut hasher);
        if path.is_dir() {
            for name in root.names(source).iter().take(ENTRIES_MAX) {
                name.hash(&mut hasher);
                mark(&path.join(name), &mut hasher);
            }
        }
    }
    hasher.finish()
}

fn sleeps(root: &Root) -> bool {
    let table = root.text("proc/self/mountinfo", &mut Notes::default()).unwrap_or_default();
    is_automount(&table, &format!("/{ON_DEMAND}"))
}

fn mark(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(metadata) = path.metadata() else {
        0u8.hash(hasher);
        return;
    };
    let written = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    // A file that was renamed into place may keep date and size, and a date can be set back.
    (1u8, written, platform::entry_mark(&metadata), metadata.len()).hash(hasher);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_mark_moves_with_a_file_and_with_what_lies_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        let now = || stamp(&root, &["etc/passwd", "etc/sudoers.d"]);
        let nothing = now();
        fs::create_dir_all(folder.path().join("etc/sudoers.d")).unwrap();
        fs::write(folder.path().join("etc/passwd"), "root").unwrap();
        let first = now();
        assert!(first != nothing && first == now());
        fs::write(folder.path().join("etc/sudoers.d/ops"), "a").unwrap();
        let second = now();
        assert_ne!(second, first);
        fs::write(folder.path().join("etc/sudoers.d/ops"), "ab").unwrap();
        assert_ne!(now(), second);
    }

    #[test]
    fn a_file_put_in_anothers_place_with_its_date_and_size_moves_the_mark() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            fs::write(path(name), text).unwrap();
            fs::File::options().write(true).open(path(name)).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        };
        write("passwd", "a");
        let first = stamp(&root, &["passwd"]);
        write("new", "b");
        fs::rename(path("new"), path("passwd")).unwrap();
        assert_ne!(stamp(&root, &["passwd"]), first);
    }

    #[test]
    fn the_log_of_a_database_counts_once_something_stands_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let now = || stamp(&Root::at(folder.path()), &["db-wal"]);
        let absent = now();
        fs::write(folder.path().join("db-wal"), "").unwrap();
        assert_eq!(now(), absent);
        fs::write(folder.path().join("db-wal"), "a package").unwrap();
        assert_ne!(now(), absent);
    }

    #[test]
    fn what_is_mounted_on_demand_is_left_asleep() {
        let folder = tempfile::tempdir().unwrap();
        let now = || stamp(&Root::at(folder.path()), &["boot"]);
        for name in ["boot", "proc/self"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let awake = now();
        fs::write(folder.path().join("boot/vmlinuz-1"), "").unwrap();
        assert_ne!(now(), awake);
        fs::write(folder.path().join("proc/self/mountinfo"), "40 27 0:40 / /boot rw - autofs systemd-1 rw\n").unwrap();
        let asleep = now();
        fs::write(folder.path().join("boot/vmlinuz-2"), "").unwrap();
        assert_eq!(now(), asleep);
    }
}
