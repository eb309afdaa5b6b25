//! Filesystems that people fill, and their space. The mount table is read again only when the kernel says that it
//! changed; filesystems that may not answer are left to `slow_mounts`.

use super::clock::boottime_ms;
use super::mounts::{Mount, select};
use super::procfile::ProcFile;
use super::slow_mounts::SlowMounts;
use super::sys;
use crate::platform::SpaceFigures;
use std::ffi::CString;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Keeps the mount table open and remembers what it chose from it.
pub struct FilesystemReader {
    table: ProcFile,
    mounts: Option<Vec<Mount>>,
    slow: SlowMounts,
}

impl FilesystemReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        FilesystemReader {
            table: ProcFile::new("/proc/self/mountinfo"),
            mounts: None,
            slow: SlowMounts::new(sys::space),
        }
    }

    /// Visits each filesystem, by its mount point, with its space; those that do not answer are passed over. Never
    /// blocks on a network mount. Errors when the mount table cannot be read.
    pub fn each(&mut self, mut visit: impl FnMut(&str, &SpaceFigures)) -> io::Result<()> {
        if self.table.file().is_none_or(sys::mounts_changed) {
            self.mounts = None;
        }
        let mounts = match &mut self.mounts {
            Some(mounts) => mounts,
            none => none.insert(select(self.table.read()?, Path::is_dir)),
        };
        for mount in mounts.iter() {
            let space =
                if mount.is_slow { self.slow.get(&mount.path, boottime_ms()) } else { sys::space(&mount.path).ok() };
            // Filesystems without any space hold no files of people.
            if let Some(space) = space.filter(|space| space.used.saturating_add(space.available) > 0) {
                visit(&mount.object, &space);
            }
        }
        self.slow.refresh(mounts.iter().filter(|mount| mount.is_slow).map(|mount| mount.path.as_c_str()))
    }
}

impl Default for FilesystemReader {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes that can still be written below `path`, which must exist. Blocks for as long as its filesystem does.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    Ok(sys::space(&path)?.available)
}

/// What tells a file that was put in another's place, or written with its dates set back, from the one before: its number
/// and when its entry last changed, in seconds and nanoseconds.
pub fn entry_mark(metadata: &Metadata) -> (u64, i64, i64) {
    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_filesystem_is_visited_once() {
        let mut reader = FilesystemReader::new();
        for _ in 0..2 {
            let mut roots = 0;
            reader.each(|mount, space| roots += u32::from(mount == "/" && space.used > 0)).unwrap();
            assert_eq!(roots, 1);
        }
    }

    #[test]
    fn free_space_is_known_and_a_path_with_a_nul_is_an_error() {
        assert!(free_bytes(Path::new("/")).is_ok());
        assert_eq!(free_bytes(Path::new("a\0b")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
