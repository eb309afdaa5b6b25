//! Whether a section's sources are as they were: one look at the dates, sizes and numbers of its files, far cheaper than
//! reading and wording them. It knows no section, and a source without a file has no stamp.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::SystemTime;

use super::root::Root;

/// Entries of one folder that are looked at; a folder with more counts by its own date.
const ENTRIES_MAX: usize = 1_000;

/// A mark of all `sources` below `root`: files, and folders with what lies directly in them. Equal marks mean that
/// nothing was written since, as far as the file system tells.
pub fn stamp(root: &Root, sources: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for source in sources {
        let path = root.path(source);
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

fn mark(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(metadata) = path.metadata() else {
        0u8.hash(hasher);
        return;
    };
    let written = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    // A file that was renamed into place may keep date and size; its creation tells then.
    let created = metadata.created().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    (1u8, written, created, metadata.len()).hash(hasher);
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
}
