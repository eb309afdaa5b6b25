//! A file of the kernel that is kept open and read again from its start into one buffer. It knows nothing of what
//! stands in the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Beyond this a file is not what it should be, and is not read.
const BYTES_MAX: usize = 4 << 20;
const BYTES_STEP: usize = 4 << 10;

/// One kernel file, opened at the first read.
pub(super) struct ProcFile {
    path: &'static str,
    file: Option<File>,
    buffer: Vec<u8>,
}

impl ProcFile {
    pub(super) const fn new(path: &'static str) -> Self {
        ProcFile { path, file: None, buffer: Vec::new() }
    }

    /// The whole content now. Errors name the path; the next read opens the file anew.
    pub(super) fn read(&mut self) -> io::Result<&[u8]> {
        match self.fill() {
            Ok(length) => Ok(&self.buffer[..length]),
            Err(error) => {
                self.file = None;
                Err(io::Error::new(error.kind(), format!("{}: {error}", self.path)))
            }
        }
    }

    /// The open file, if the last read worked.
    pub(super) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// The error for content that cannot be understood.
    pub(super) fn invalid(&self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: content is not understood", self.path))
    }

    fn fill(&mut self) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(self.path)?),
        };
        read_whole(file, &mut self.buffer)
    }
}

/// Reads `file` from its start to its end into `buffer`, which grows as needed and never shrinks; returns the length.
fn read_whole(file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == buffer.len() {
            if length >= BYTES_MAX {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "file is too large"));
            }
            buffer.resize(length + BYTES_STEP, 0);
        }
        match file.read_at(&mut buffer[length..], length as u64) {
            // The kernel hands out a page at a time, so only an empty read is the end.
            Ok(0) => return Ok(length),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_file_is_read_again_from_its_start() {
        let mut uptime = ProcFile::new("/proc/uptime");
        let first = uptime.read().unwrap().to_vec();
        std::thread::sleep(std::time::Duration::from_millis(30));
        let second = uptime.read().unwrap();
        assert!(!first.is_empty());
        assert_ne!(first, second);
    }

    #[test]
    fn a_file_longer_than_the_buffer_comes_whole() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..20_000u32).map(|index| index as u8).collect();
        std::fs::write(file.path(), &content).unwrap();
        let mut buffer = Vec::new();
        let length = read_whole(&File::open(file.path()).unwrap(), &mut buffer).unwrap();
        assert_eq!(&buffer[..length], content);
    }

    #[test]
    fn an_error_names_the_path() {
        let error = ProcFile::new("/proc/not-there").read().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with("/proc/not-there: "));
    }
}
