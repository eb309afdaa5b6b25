//! One process that a test started: its log goes to a file, its end is ours to bring about. It never touches a process
//! that it did not start.

use crate::tell;
use crate::wait::wait_for;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

const TAIL_LINES: usize = 40;

/// A running process, or one that has ended.
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts a command; what it prints is appended to `log`.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(appended(log))
            .stderr(appended(log))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { child, name: name.to_owned(), log: log.to_owned() }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Is it still there?
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// SIGKILL, and waits for the end.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and waits at most `seconds_max` for the end.
    pub fn terminate(&mut self, seconds_max: u64) -> ExitStatus {
        self.signal("TERM");
        let name = self.name.clone();
        wait_for(&format!("{name} ends after SIGTERM"), seconds_max, || self.child.try_wait().ok().flatten())
    }

    /// Sends a signal by its name.
    pub fn signal(&mut self, signal: &str) {
        // The child is not reaped before `wait`, so the number cannot belong to another process.
        let sent = Command::new("kill").args([format!("-{signal}"), self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send SIG{signal} to {}", self.name);
    }

    /// All that it has printed.
    pub fn log(&self) -> String {
        read_lossy(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            tell_tail(&self.name, &self.log);
        }
    }
}

/// A file as text, empty when it is not there.
pub fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn appended(log: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(log).unwrap_or_else(|error| panic!("{}: {error}", log.display()))
}

fn tell_tail(name: &str, log: &Path) {
    let text = read_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    tell(&format!("--- the last of {name} ---"));
    for line in &lines[lines.len().saturating_sub(TAIL_LINES)..] {
        tell(line);
    }
    tell(&format!("--- end of {name} ---"));
}
