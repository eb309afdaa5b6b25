//! Files that no one else may read or write: the state folder and what stands in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes a folder that only its owner enters; one that exists is left as it is.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Replaces a file durably and at once, readable by its owner only.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("partial");
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes renames in a folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path).map_or(Ok(()), |folder| folder.sync_all())
}

/// Can anyone but the owner write here?
pub fn others_can_write(path: &Path) -> io::Result<bool> {
    let permissions = fs::metadata(path)?.permissions();
    #[cfg(unix)]
    let open = std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o022 != 0;
    // Elsewhere the installer's access list decides.
    #[cfg(not(unix))]
    let open = {
        drop(permissions);
        false
    };
    Ok(open)
}
