//! Where files are read: the real machine, or a folder of fixtures.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// No file of an inventory is longer; more is refused.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Entries of one folder.
const ENTRIES_MAX: usize = 20_000;

/// The folder below which every path is read.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// The real machine.
    pub fn real() -> Self {
        Self(PathBuf::from("/"))
    }

    /// A folder of fixtures.
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Is this the real machine? Only there other programs are asked.
    pub fn is_real(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// A path below the root.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.join(relative)
    }

    /// The bytes of a file.
    pub fn bytes(&self, relative: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = File::open(self.path(relative))?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if read as u64 > FILE_BYTES_MAX { Err(io::Error::other("the file is too long")) } else { Ok(bytes) }
    }

    /// The text of a file; what is not UTF-8 is replaced.
    pub fn text(&self, relative: impl AsRef<Path>) -> io::Result<String> {
        self.bytes(relative).map(|bytes| String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The trimmed text of a small file; empty where it is absent or unreadable.
    pub fn line(&self, relative: impl AsRef<Path>) -> String {
        self.text(relative).map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// The number in a small file.
    pub fn number(&self, relative: impl AsRef<Path>) -> Option<u64> {
        self.line(relative).parse().ok()
    }

    /// Names in a folder, sorted; none where it is absent.
    pub fn names(&self, relative: impl AsRef<Path>) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(relative)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.take(ENTRIES_MAX).filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}
