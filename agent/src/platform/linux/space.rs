//! Space on file systems. A call may hang on a network mount: the caller chooses the thread.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Space of one file system, as df counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// In use.
    pub used_bytes: u64,
    /// What programs without privilege can still fill.
    pub available_bytes: u64,
    /// Inodes in all; 0 where the file system has no fixed number.
    pub inodes: u64,
    /// Inodes free.
    pub inodes_free: u64,
}

/// Asks the file system that holds `path`.
#[allow(unsafe_code)]
pub fn space(path: &Path) -> io::Result<Space> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: an all-zero statvfs is a valid value to write into.
    let mut answer: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a NUL and `answer` outlives the call.
    if unsafe { libc::statvfs(path.as_ptr(), &raw mut answer) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let unit = answer.f_frsize;
    Ok(Space {
        used_bytes: answer.f_blocks.saturating_sub(answer.f_bfree) * unit,
        available_bytes: answer.f_bavail * unit,
        inodes: answer.f_files,
        inodes_free: answer.f_ffree,
    })
}

/// Bytes that can still be written below `path`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    space(path).map(|space| space.available_bytes)
}
