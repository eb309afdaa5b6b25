//! Where the facts are read: `/` on a machine, a folder of fixtures in a test. Every file of every section passes here,
//! bounded in size and never blocking on a pipe. It does not interpret what it reads.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use wacht_proto::v1::NoteReason;

use super::child::{self, ChildError, Program};
use super::notes::Notes;
use super::record::{FOLDER, Records};
use crate::platform::private;

/// Longest single value, such as a sysfs attribute, in bytes.
const VALUE_BYTES_MAX: u64 = 4 << 10;
/// Longest file that is read whole, in bytes; the package database of a large machine is 5 MB.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Most names that are read from one folder.
const NAMES_MAX: usize = 20_000;
/// Most links that one path of a captured tree may lead through, as in the kernel.
const LINKS_MAX: usize = 40;

/// The folder below which every file is read.
#[derive(Debug, Clone)]
pub struct Root {
    folder: PathBuf,
    records: Option<Records>,
    is_recording: bool,
}

impl Root {
    /// This machine, with what a task of root wrote down of it.
    pub fn real() -> Self {
        Self { folder: PathBuf::from("/"), records: Records::trusted(Path::new(FOLDER)), is_recording: false }
    }

    /// This machine, of which the answers that only root gets are written down.
    pub fn recording(records: Records) -> Self {
        Self { folder: PathBuf::from("/"), records: Some(records), is_recording: true }
    }

    /// A folder of fixtures laid out like a machine.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { folder: path.into(), records: None, is_recording: false }
    }

    /// Whether this is the machine itself; only then are programs run and kernel calls made.
    pub fn is_real(&self) -> bool {
        self.folder == Path::new("/")
    }

    /// Whether a program can be asked here: installed on the machine itself, or recorded below a captured root.
    pub fn has_program(&self, program: Program) -> bool {
        if self.is_real() { program.installed().is_some() } else { self.exists(&recorded(program, "")) }
    }

    /// What a program writes, or what it wrote when the tree was captured (`commands/<program>/<arguments>`); `None`
    /// where there is no such program or recording, or, with a note, where it failed.
    pub fn output(&self, program: Program, arguments: &[&str], notes: &mut Notes) -> Option<String> {
        self.ask(program, arguments, notes, child::output)
    }

    /// As [`Root::output`] of a program whose code is part of its answer.
    pub fn output_of_any_code(&self, program: Program, arguments: &[&str], notes: &mut Notes) -> Option<String> {
        self.ask(program, arguments, notes, child::output_of_any_code)
    }

    /// As [`Root::output`] of a package manager, which gets more time; the code beside it, like 0, is an answer.
    pub fn output_of_packages(&self, asked: (Program, i32), arguments: &[&str], notes: &mut Notes) -> Option<String> {
        self.ask(asked.0, arguments, notes, |path, words| child::output_of_packages(path, words, asked.1))
    }

    fn ask(
        &self,
        program: Program,
        arguments: &[&str],
        notes: &mut Notes,
        run: impl FnOnce(&Path, &[&str]) -> Result<String, ChildError>,
    ) -> Option<String> {
        if !self.is_real() {
            return self.text(&recorded(program, &slug(arguments)), notes);
        }
        let installed = program.installed()?;
        let records = self.records.as_ref().filter(|_| program.is_roots());
        let known = records.filter(|_| !self.is_recording).and_then(|records| records.read(program, arguments));
        let told = known.unwrap_or_else(|| {
            self.may_run(installed)?;
            run(installed, arguments).map_err(|error| error.reason())
        });
        if let Some(records) = records.filter(|_| self.is_recording)
            && let Err(error) = records.write(program, arguments, told.as_deref().map_err(|reason| *reason))
        {
            tracing::warn!(%error, program = program.name(), "an answer could not be written down");
        }
        told.inspect_err(|reason| {
            let verb = arguments.iter().find(|word| !word.starts_with('-')).unwrap_or(&"");
            notes.add(format!("{} {verb}", program.name()).trim_end(), *reason);
        })
        .ok()
    }

    /// The task of root runs no program that another than root could have put there.
    fn may_run(&self, program: &Path) -> Result<(), NoteReason> {
        if !self.is_recording || private::is_roots_program(program).unwrap_or(false) {
            return Ok(());
        }
        tracing::warn!(program = %program.display(), "others than root can write it or a folder above it: not run");
        Err(NoteReason::Failed)
    }

    /// The path of a file named from the root, such as `proc/cpuinfo`.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.join(relative.trim_start_matches('/'))
    }

    /// A whole text file, invalid UTF-8 replaced; `None` where it does not exist or, with a note, cannot be read.
    pub fn text(&self, relative: &str, notes: &mut Notes) -> Option<String> {
        let bytes = self.bytes(relative, notes)?;
        Some(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// A whole file; `None` where it does not exist or, with a note, cannot be read.
    pub fn bytes(&self, relative: &str, notes: &mut Notes) -> Option<Vec<u8>> {
        match self.read(relative, FILE_BYTES_MAX) {
            Ok(bytes) => {
                if bytes.len() as u64 == FILE_BYTES_MAX {
                    notes.add(relative, NoteReason::TooLong);
                }
                Some(bytes)
            }
            Err(error) => {
                note_error(relative, error.kind(), notes);
                None
            }
        }
    }

    /// A single trimmed value; `None` where the file is absent, unreadable or empty.
    pub fn value(&self, relative: &str) -> Option<String> {
        let bytes = self.read(relative, VALUE_BYTES_MAX).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let value = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// As [`Root::value`], with a note where the value exists but needs more rights.
    pub fn value_noted(&self, relative: &str, notes: &mut Notes) -> Option<String> {
        match self.read(relative, VALUE_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                notes.mention(relative, NoteReason::NeedsPrivilege);
                None
            }
            _ => self.value(relative),
        }
    }

    /// A number that stands alone in a file.
    pub fn number(&self, relative: &str) -> Option<u64> {
        self.value(relative)?.parse().ok()
    }

    /// A file's size in bytes and when it was last written, in Unix seconds.
    pub fn size_and_date(&self, relative: &str) -> Option<(u64, i64)> {
        let metadata = fs::metadata(self.inside(relative).ok()?).ok()?;
        let written = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some((metadata.len(), written.as_secs() as i64))
    }

    /// At most `bytes_max` bytes of a file, from `offset` on.
    pub fn bytes_from(&self, relative: &str, offset: u64, bytes_max: u64, notes: &mut Notes) -> Option<Vec<u8>> {
        let read = self.inside(relative).and_then(|path| read_from(&path, offset, bytes_max));
        read.inspect_err(|error| note_error(relative, error.kind(), notes)).ok()
    }

    /// The text of a symbolic link, not followed.
    pub fn link(&self, relative: &str) -> Option<String> {
        self.try_link(relative).ok()
    }

    /// As [`Root::link`], with the reason where there is none.
    pub fn try_link(&self, relative: &str) -> std::io::Result<String> {
        Ok(fs::read_link(self.named(relative)?)?.to_string_lossy().into_owned())
    }

    /// A table that the task of root wrote down within the last day.
    pub fn recorded_table(&self, name: &str) -> Option<String> {
        self.records.as_ref().filter(|_| !self.is_recording)?.read_table(name)
    }

    /// Writes a table down for the service, where this is the task of root.
    pub fn record_table(&self, name: &str, table: impl FnOnce() -> String) {
        let Some(records) = self.records.as_ref().filter(|_| self.is_recording) else { return };
        if let Err(error) = records.write_table(name, &table()) {
            tracing::warn!(%error, name, "a table could not be written down");
        }
    }

    /// When a file or folder was last written, in Unix seconds, and its size in bytes; `None` where it is absent or older
    /// than 1970.
    pub fn written(&self, relative: &str) -> Option<(i64, u64)> {
        let metadata = fs::metadata(self.inside(relative).ok()?).ok()?;
        let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some((i64::try_from(since.as_secs()).ok()?, metadata.len()))
    }

    /// Whether something of that name exists, be it a link that leads nowhere.
    pub fn exists(&self, relative: &str) -> bool {
        self.named(relative).is_ok_and(|path| path.symlink_metadata().is_ok())
    }

    /// Whether it is a file that somebody may run.
    pub fn is_executable(&self, relative: &str) -> bool {
        self.inside(relative).is_ok_and(|path| private::is_executable(&path))
    }

    /// The names in a folder, sorted; empty where there is none.
    pub fn names(&self, relative: &str) -> Vec<String> {
        self.try_names(relative, NAMES_MAX).unwrap_or_default()
    }

    /// As [`Root::names`], where each name is a row: with a note where the folder exists and could not be read to its end.
    pub fn names_noted(&self, relative: &str, notes: &mut Notes) -> Vec<String> {
        let read = self.try_names(relative, NAMES_MAX + 1);
        let mut names = read.inspect_err(|error| note_error(relative, error.kind(), notes)).unwrap_or_default();
        if names.len() > NAMES_MAX {
            names.truncate(NAMES_MAX);
            notes.add(relative, NoteReason::TooLong);
        }
        names
    }

    /// At most `names_max` names in a folder, sorted.
    pub fn try_names(&self, relative: &str, names_max: usize) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.inside(relative)?)? {
            if names.len() == names_max {
                break;
            }
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The path that `relative` leads to. In a captured tree a link means the tree, not the machine that looks at it.
    fn inside(&self, relative: &str) -> std::io::Result<PathBuf> {
        if self.is_real() {
            return Ok(self.path(relative));
        }
        let mut links_left = LINKS_MAX;
        let mut ahead = names_of(Path::new(relative));
        let mut behind = PathBuf::new();
        while let Some(name) = ahead.pop() {
            if name == ".." {
                behind.pop();
                continue;
            }
            behind.push(name);
            let Ok(target) = fs::read_link(self.folder.join(&behind)) else { continue };
            links_left = links_left.checked_sub(1).ok_or(ErrorKind::NotFound)?;
            if target.is_absolute() {
                behind.clear();
            } else {
                behind.pop();
            }
            ahead.extend(names_of(&target));
        }
        Ok(self.folder.join(behind))
    }

    /// As [`Root::inside`], but the last name stands for itself where it is a link.
    fn named(&self, relative: &str) -> std::io::Result<PathBuf> {
        let relative = Path::new(relative);
        match (relative.parent().and_then(Path::to_str), relative.file_name()) {
            (Some(parent), Some(name)) => Ok(self.inside(parent)?.join(name)),
            _ => self.inside(relative.to_str().unwrap_or_default()),
        }
    }

    fn read(&self, relative: &str, bytes_max: u64) -> std::io::Result<Vec<u8>> {
        read_from(&self.inside(relative)?, 0, bytes_max)
    }
}

fn read_from(path: &Path, offset: u64, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    // Opening a pipe would wait for its writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(ErrorKind::NotFound.into());
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(bytes_max) as usize);
    let mut file = File::open(path)?;
    if offset > 0 {
        file.seek(SeekFrom::Start(offset))?;
    }
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The names in a path, last first, with `..` as a name of its own.
fn names_of(path: &Path) -> Vec<OsString> {
    let named = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    path.components().filter(named).map(|part| part.as_os_str().to_owned()).rev().collect()
}

fn recorded(program: Program, slug: &str) -> String {
    format!("commands/{}/{slug}", program.name())
}

/// A file name for a program's arguments: joined by `_`, every character other than `[A-Za-z0-9.-]` made `_`.
pub fn slug(arguments: &[&str]) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    arguments.join("_").chars().map(plain).collect()
}

fn note_error(subject: &str, kind: ErrorKind, notes: &mut Notes) {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {}
        ErrorKind::PermissionDenied => notes.add(subject, NoteReason::NeedsPrivilege),
        _ => notes.add(subject, NoteReason::Failed),
    }
}

#[cfg(test)]
mod tests;
