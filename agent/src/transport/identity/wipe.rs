//! Forgetting who this agent is: everything by which a copy of this machine would be taken for it goes. What stands in
//! the folder and is not the agent's own stays, and is named.

use super::{State, private, remove};
use std::fs;
use std::io;

/// Files of the agent. The first makes it enrolled: a wipe that breaks off leaves no identity that still works.
const FILES: &[&str] = &[
    "identity.json",
    "key.pem",
    "next-key.pem",
    "certificate.pem",
    "next-certificate.pem",
    "ca.pem",
    "generation",
    "sections.json",
    // What a broken write left of them: a private key among them.
    "identity.partial",
    "key.partial",
    "next-key.partial",
    "certificate.partial",
    "next-certificate.partial",
    "ca.partial",
    "generation.partial",
    "sections.partial",
    "status.partial",
];
/// Reports that were not sent, and the incarnation under which they were numbered.
const SPOOL: &str = "spool";
/// Written by every agent that ran; it goes last, so that a wipe that broke off is known as one.
const STATUS: &str = "status.json";
/// Files that no other program leaves together in a folder: by one of them it is an agent's.
const MARKS: [&str; 4] = ["identity.json", "generation", "sections.json", STATUS];
const LOCK: &str = "lock";

/// What a wipe did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wiped {
    /// Gone now, sorted.
    pub gone: Vec<String>,
    /// Not the agent's: still there, sorted.
    pub foreign: Vec<String>,
}

impl Wiped {
    /// Is something there under a name that the agent uses, in a folder that was never an agent's?
    pub fn is_doubtful(&self) -> bool {
        let is_named_alike = |name: &String| name == SPOOL || FILES.contains(&name.as_str());
        self.gone.is_empty() && self.foreign.iter().any(is_named_alike)
    }
}

impl State {
    /// Wipes identity, spool, incarnation and generation. The caller holds the lock. In a folder that was never an
    /// agent's nothing is touched: all that is there is foreign.
    pub fn wipe(&self) -> io::Result<Wiped> {
        let mut wiped = Wiped::default();
        if MARKS.iter().any(|name| self.file(name).symlink_metadata().is_ok()) {
            for name in FILES {
                self.wipe_file(name, &mut wiped)?;
            }
            if self.wipe_spool()? {
                wiped.gone.push(SPOOL.to_owned());
            }
            self.wipe_file(STATUS, &mut wiped)?;
        }
        wiped.gone.sort_unstable();
        private::sync_folder(&self.path)?;
        let names = fs::read_dir(&self.path)?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        wiped.foreign = names.filter(|name| name != LOCK).collect();
        wiped.foreign.sort_unstable();
        Ok(wiped)
    }

    fn wipe_file(&self, name: &str, wiped: &mut Wiped) -> io::Result<()> {
        if self.file(name).symlink_metadata().is_ok() {
            remove(&self.file(name))?;
            wiped.gone.push(name.to_owned());
        }
        Ok(())
    }

    /// Drops what was not sent; was there any? A link is taken away, and never what it leads to.
    pub(super) fn wipe_spool(&self) -> io::Result<bool> {
        let spool = self.file(SPOOL);
        match fs::symlink_metadata(&spool) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&spool)?,
            Ok(_) => remove(&spool)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}
