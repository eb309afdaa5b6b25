//! Files that no one else may read or write: the state folder and what stands in it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes a folder that only its owner enters; one that exists is left as it is.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Replaces a file durably and at once, readable by its owner only.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("partial");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes renames in a folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path).map_or(Ok(()), |folder| folder.sync_all())
}

/// May anybody run this file?
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Is it root's own folder, which none but root can write?
pub fn is_roots_alone(path: &Path) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    Ok(about.is_dir() && about.uid() == 0 && about.permissions().mode() & 0o022 == 0)
}

/// Could none but root have put this program here: it, and every folder above it, is root's and writable by root alone?
pub fn is_roots_program(path: &Path) -> io::Result<bool> {
    let path = fs::canonicalize(path)?;
    for part in path.ancestors() {
        let about = fs::metadata(part)?;
        if about.uid() != 0 || about.permissions().mode() & 0o022 != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets everyone write here, for tests of those who must not trust it.
#[cfg(test)]
pub fn open_to_all(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o777))
}

/// Can anyone but the owner write here?
pub fn others_can_write(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o022 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_roots_where_nobody_else_could_have_put_it_there() {
        let shell = Path::new("/bin/sh");
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("smartctl");
        fs::copy(shell, &mine).unwrap();
        fs::set_permissions(&mine, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(is_roots_program(shell).unwrap());
        open_to_all(folder.path()).unwrap();
        assert!(!is_roots_program(&mine).unwrap());
        std::os::unix::fs::symlink(&mine, folder.path().join("link")).unwrap();
        assert!(!is_roots_program(&folder.path().join("link")).unwrap());
        assert!(is_roots_program(Path::new("/not/there")).is_err());
    }
}
