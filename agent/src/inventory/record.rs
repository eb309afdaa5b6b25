//! Answers of the programs that only root may ask (drive health, controllers, packet filter): a short task of root
//! writes them down, and the service, which holds no such right, reads them. It does not know what they mean.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use wacht_proto::v1::SectionKind;

use super::child::Program;
use super::root::Root;
use super::{registry, slug};
use crate::platform::private;

/// Where the task of root writes and the service reads.
pub const FOLDER: &str = "/run/wacht-records";
/// The sections that ask such programs.
const SECTIONS: [SectionKind; 6] = [
    SectionKind::DiskHealth,
    SectionKind::Array,
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
pub struct Records(PathBuf);

impl Records {
    /// The records in a folder; `None` where there are none, or where another than root could have written them.
    pub fn trusted(folder: &Path) -> Option<Self> {
        private::is_roots_alone(folder).unwrap_or(false).then(|| Self(folder.to_owned()))
    }

    /// What a program answered within the last day.
    pub fn read(&self, program: Program, arguments: &[&str]) -> Option<String> {
        let path = self.path(program, arguments);
        let about = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        // A clock that was set back makes a record young, never lost.
        let age = SystemTime::now().duration_since(about.modified().ok()?).unwrap_or_default();
        if age > AGE_MAX {
            return None;
        }
        let mut bytes = Vec::new();
        fs::File::open(path).ok()?.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Writes an answer down in place of the one before.
    pub fn write(&self, program: Program, arguments: &[&str], text: &str) -> io::Result<()> {
        let path = self.path(program, arguments);
        private::create_folder(path.parent().unwrap_or(&self.0))?;
        private::replace(&path, text.as_bytes())
    }

    fn path(&self, program: Program, arguments: &[&str]) -> PathBuf {
        self.0.join(program.name()).join(slug(arguments))
    }

    /// Removes what was not written since a moment: answers about drives that are no longer there.
    fn forget_before(&self, moment: SystemTime) -> io::Result<()> {
        for folder in fs::read_dir(&self.0)?.flatten().filter(|entry| entry.path().is_dir()) {
            for entry in fs::read_dir(folder.path())?.flatten() {
                if entry.metadata()?.modified()? + AGE_MAX < moment {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }
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
    for section in registry().iter().filter(|section| SECTIONS.contains(&section.kind())) {
        section.read(&root);
    }
    records.forget_before(SystemTime::now()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [&str; 2] = ["-j", "/dev/sda"];

    #[test]
    fn an_answer_is_read_as_it_was_written_and_an_old_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records(folder.path().to_owned());
        records.write(Program::Smartctl, &ASKED, "{}").unwrap();
        assert_eq!(records.read(Program::Smartctl, &ASKED).as_deref(), Some("{}"));
        assert_eq!(records.read(Program::Nft, &ASKED), None);
        let file = fs::File::open(folder.path().join("smartctl/-j__dev_sda")).unwrap();
        file.set_modified(SystemTime::now() - AGE_MAX - Duration::from_secs(60)).unwrap();
        assert_eq!(records.read(Program::Smartctl, &ASKED), None);
        records.forget_before(SystemTime::now()).unwrap();
        assert!(!folder.path().join("smartctl/-j__dev_sda").exists());
    }

    #[test]
    fn a_folder_that_others_may_write_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        private::open_to_all(folder.path()).unwrap();
        assert!(Records::trusted(folder.path()).is_none());
        assert!(Records::trusted(&folder.path().join("absent")).is_none());
        assert!(record(folder.path()).unwrap_err().contains("run this as root"));
    }
}
