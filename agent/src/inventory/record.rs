//! Answers of the programs that only root may ask (drive health, controllers, packet filter), and tables that only root
//! may make: a short task of root writes them down, and the service, which holds no such right, reads them. It does not
//! know what they mean.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use wacht_proto::v1::{NoteReason, SectionKind};

use super::child::Program;
use super::root::Root;
use super::{read_guarded, registry, slug};
use crate::platform::private;

/// Where the task of root writes and the service reads.
pub const FOLDER: &str = "/run/wacht-records";
/// Written last; its date tells that the records are whole and new. Below `/`, as a source of the sections.
pub const MARK: &str = "run/wacht-records/written";
/// The sections that ask such programs or make such tables.
const SECTIONS: [SectionKind; 8] = [
    SectionKind::Port,
    SectionKind::DiskHealth,
    SectionKind::Array,
    SectionKind::Volume,
    SectionKind::Security,
    SectionKind::Container,
    SectionKind::VirtualMachine,
    SectionKind::BackupJob,
];
/// The task runs each hour; what is older than a day tells of a task that no longer runs.
const AGE_MAX: Duration = Duration::from_secs(26 * 3_600);
const ANSWER_BYTES_MAX: u64 = 8 << 20;

/// A folder of recorded answers, which root alone can have written.
#[derive(Debug, Clone)]
pub struct Records {
    folder: PathBuf,
    /// What was written by this process.
    written: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Records {
    /// The records in a folder; `None` where there are none, or where another than root could have written them.
    pub fn trusted(folder: &Path) -> Option<Self> {
        private::is_roots_alone(folder).unwrap_or(false).then(|| Self::at(folder))
    }

    fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), written: Arc::default() }
    }

    /// What a program answered within the last day, or why it gave no answer when it was last asked.
    pub fn read(&self, program: Program, arguments: &[&str]) -> Option<Result<String, NoteReason>> {
        let (answer, failure) = self.paths(program, arguments);
        if let Some(reason) = read_young(&failure) {
            return Some(Err(NoteReason::from_str_name(&reason).unwrap_or(NoteReason::Failed)));
        }
        read_young(&answer).map(Ok)
    }

    /// Writes an answer, or the want of one, down in place of the one before: yesterday's verdict on a drive that no
    /// longer answers would be a lie.
    pub fn write(&self, program: Program, arguments: &[&str], told: Result<&str, NoteReason>) -> io::Result<()> {
        let (answer, failure) = self.paths(program, arguments);
        private::create_folder(answer.parent().unwrap_or(&self.folder))?;
        let (path, other, text) = match told {
            Ok(text) => (answer, failure, text),
            Err(reason) => (failure, answer, reason.as_str_name()),
        };
        private::replace(&path, text.as_bytes())?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
        if other.exists() { fs::remove_file(other) } else { Ok(()) }
    }

    /// A table that was written within the last day.
    pub fn read_table(&self, name: &str) -> Option<String> {
        read_young(&self.folder.join("tables").join(name))
    }

    /// Writes a table down in place of the one before.
    pub fn write_table(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.folder.join("tables").join(name);
        private::create_folder(path.parent().unwrap_or(&self.folder))?;
        private::replace(&path, text.as_bytes())?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
        Ok(())
    }

    fn paths(&self, program: Program, arguments: &[&str]) -> (PathBuf, PathBuf) {
        let (folder, slug) = (self.folder.join(program.name()), slug(arguments));
        (folder.join(&slug), folder.join(slug + ".failed"))
    }

    /// Removes what this process did not write: answers about drives that are no longer there, and such as nobody waited
    /// for this time.
    fn forget_others(&self) -> io::Result<()> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in fs::read_dir(&self.folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            for path in fs::read_dir(folder.path())?.flatten().map(|entry| entry.path()) {
                if !written.contains(&path) {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }

    /// Tells that all was written.
    fn mark(&self) -> io::Result<()> {
        let name = MARK.rsplit('/').next().unwrap_or(MARK);
        private::replace(&self.folder.join(name), b"")
    }
}

/// A record of the last day.
fn read_young(path: &Path) -> Option<String> {
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    // A clock that was set back makes a record young, never lost.
    let age = SystemTime::now().duration_since(about.modified().ok()?).unwrap_or_default();
    if age > AGE_MAX {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Asks every program that only root may ask, as the sections would, and writes the answers down. The error says what to
/// do.
pub fn record(folder: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{} cannot be written: {error}", folder.display());
    private::create_folder(folder).map_err(failed)?;
    let records = Records::trusted(folder).ok_or_else(|| {
        format!("{} must belong to root and be writable by root alone; run this as root", folder.display())
    })?;
    let root = Root::recording(records.clone());
    for section in registry().iter().filter(|section| feeds(section.kind())) {
        read_guarded(*section, &root);
    }
    records.forget_others().and_then(|()| records.mark()).map_err(failed)
}

/// Whether a section may read otherwise once the task of root has run.
pub fn feeds(kind: SectionKind) -> bool {
    SECTIONS.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [&str; 2] = ["-j", "/dev/sda"];

    #[test]
    fn an_answer_is_read_as_it_was_written_and_an_old_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::at(folder.path());
        records.write(Program::Smartctl, &ASKED, Ok("{}")).unwrap();
        assert_eq!(records.read(Program::Smartctl, &ASKED), Some(Ok("{}".to_owned())));
        assert_eq!(records.read(Program::Nft, &ASKED), None);
        let file = fs::File::open(folder.path().join("smartctl/-j__dev_sda")).unwrap();
        file.set_modified(SystemTime::now() - AGE_MAX - Duration::from_secs(60)).unwrap();
        assert_eq!(records.read(Program::Smartctl, &ASKED), None);
    }

    #[test]
    fn a_program_that_fails_takes_its_last_answer_back_until_it_answers_again() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::at(folder.path());
        for told in [Ok("passed"), Err(NoteReason::TimedOut), Ok("failed")] {
            records.write(Program::Smartctl, &ASKED, told).unwrap();
            assert_eq!(records.read(Program::Smartctl, &ASKED), Some(told.map(str::to_owned)));
        }
    }

    #[test]
    fn what_was_not_asked_again_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        Records::at(folder.path()).write(Program::Smartctl, &ASKED, Ok("{}")).unwrap();
        let next = Records::at(folder.path());
        next.write(Program::Smartctl, &["-j", "/dev/sdb"], Err(NoteReason::Failed)).unwrap();
        next.forget_others().unwrap();
        let left: Vec<_> =
            fs::read_dir(folder.path().join("smartctl")).unwrap().flatten().map(|one| one.file_name()).collect();
        assert_eq!(left, ["-j__dev_sdb.failed"]);
    }

    #[test]
    fn a_folder_that_others_may_write_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        private::open_to_all(folder.path()).unwrap();
        assert!(Records::trusted(folder.path()).is_none());
        assert!(Records::trusted(&folder.path().join("absent")).is_none());
        assert!(record(folder.path()).unwrap_err().contains("run this as root"));
    }

    #[test]
    fn the_task_of_root_leaves_a_mark_and_the_table_of_ports_and_forgets_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        if Records::trusted(folder.path()).is_none() {
            println!("skipped: only root writes records");
            return;
        }
        Records::at(folder.path()).write(Program::Smartctl, &["-j", "/dev/gone"], Ok("{}")).unwrap();
        record(folder.path()).unwrap();
        assert!(folder.path().join("written").is_file());
        assert!(Records::at(folder.path()).read_table("socket-owners").is_some());
        assert!(!folder.path().join("smartctl/-j__dev_gone").exists());
    }
}
