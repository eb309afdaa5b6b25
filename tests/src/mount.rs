//! A small file system of its own, to be filled without harm: a tmpfs that is unmounted when dropped.

use crate::tell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A mounted tmpfs.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts `size` (such as `16m`); `None`, with a word, where mounting is not allowed.
    pub fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("wacht-disk-").tempdir().expect("a scratch folder");
        let options = format!("size={size},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "wacht-proof"]).arg(folder.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        tell("skipped: this test mounts a small tmpfs, which is not allowed here (run it as root)");
        None
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file until nothing more fits; answers its path.
    pub fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = std::fs::File::create(&path).expect("a file");
        let block = [7u8; 4096];
        while file.write_all(&block).is_ok() {}
        path
    }

    /// Writes a file of `bytes`.
    pub fn occupy(&self, bytes: usize) -> PathBuf {
        let path = self.path().join("ballast");
        std::fs::write(&path, vec![7u8; bytes]).expect("it fits");
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is just ending may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
