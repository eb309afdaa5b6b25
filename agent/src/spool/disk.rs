//! The few file operations of the spool, each a place where a disk may fail. Tests let the k-th one fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Creates a new file, replacing what a broken attempt left. The state folder above is 0700, so no mode is set here.
pub(super) fn create(path: &Path) -> io::Result<File> {
    fault()?;
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    options.open(path)
}

/// Opens an existing file for appending.
pub(super) fn open_append(path: &Path) -> io::Result<File> {
    fault()?;
    OpenOptions::new().append(true).open(path)
}

/// Writes all bytes and makes them durable.
pub(super) fn write_durably(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if let Err(error) = fault() {
        // A failing disk may have taken a part.
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)?;
    fault()?;
    sync(file)
}

/// Puts a whole file in place of another, durably: a reader sees the old or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("partial");
    let mut file = create(&temporary)?;
    write_durably(&mut file, bytes)?;
    fault()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Overwrites a small file in place. Without `durably` it does not wait for the disk: a hint whose loss is harmless.
pub(super) fn overwrite(path: &Path, bytes: &[u8], durably: bool) -> io::Result<()> {
    fault()?;
    let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
    file.write_all(bytes)?;
    if durably { sync(&file) } else { Ok(()) }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fault()?;
    // Where a folder cannot be opened (Windows), its journal keeps names by itself.
    File::open(folder).map_or(Ok(()), |folder| sync(&folder))
}

/// Unit tests end no machine's power: they do not wait for the disk.
fn sync(file: &File) -> io::Result<()> {
    if cfg!(test) { Ok(()) } else { file.sync_all() }
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fault()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps)]
fn fault() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use faults::*;

#[cfg(test)]
mod faults {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static COUNTDOWN: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
    }

    /// Lets `count` operations fail after `good` ones on this thread.
    pub(crate) fn fail_after(good: u64, count: u64) {
        COUNTDOWN.set(Some((good, count)));
    }

    /// Heals the disk.
    pub(crate) fn heal() {
        COUNTDOWN.set(None);
    }

    pub(super) fn fault() -> io::Result<()> {
        match COUNTDOWN.get() {
            None => Ok(()),
            Some((0, 0)) => Ok(()),
            Some((0, count)) => {
                COUNTDOWN.set(Some((0, count - 1)));
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            Some((good, count)) => {
                COUNTDOWN.set(Some((good - 1, count)));
                Ok(())
            }
        }
    }
}
