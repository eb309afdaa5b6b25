//! A file of the kernel that is read again and again: kept open, read from its start into one buffer.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const FIRST_BYTES: usize = 4_096;
/// No file that we read is longer; more is cut.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// A file kept open.
pub struct HotFile {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
}

impl HotFile {
    /// Names the file; it is opened by the first read.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), file: None, buffer: Vec::new() }
    }

    /// Its present content. After a failure it is opened anew by the next read.
    pub fn read(&mut self) -> io::Result<&[u8]> {
        let length = self.fill().inspect_err(|_| self.file = None)?;
        Ok(&self.buffer[..length])
    }

    fn fill(&mut self) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        if self.buffer.is_empty() {
            self.buffer.resize(FIRST_BYTES, 0);
        }
        let mut length = 0;
        loop {
            if length == self.buffer.len() {
                if length >= BYTES_MAX {
                    return Ok(length);
                }
                self.buffer.resize(length * 2, 0);
            }
            match file.read_at(&mut self.buffer[length..], length as u64) {
                Ok(0) => return Ok(length),
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
