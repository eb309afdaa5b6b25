//! A small Debian system with an init of its own, booted in a container and changed at will, so that a proof may
//! install packages and make users without touching the machine that runs it. It shares the machine's network.

use crate::process::Process;
use crate::tell;
use crate::wait::wait_for;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What the proof needs, with the package that brings it.
const NEEDED: [(&str, &str); 4] = [
    ("mmdebstrap", "mmdebstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("nsenter", "util-linux"),
    ("ip", "iproute2"),
];

/// A booted container; it ends when dropped.
pub struct Container {
    folder: TempDir,
    leader: String,
    process: Process,
}

impl Container {
    /// Builds the system from the machine's own package sources and boots it; `None`, with a word, where that cannot be.
    pub fn boot() -> Option<Self> {
        let missing = NEEDED.iter().find(|(program, _)| !is_installed(program)).map(|(_, package)| *package);
        if let Some(package) = missing {
            tell(&format!("skipped: this proof boots a container; install {package} and run it as root"));
            return None;
        }
        let folder = tempfile::Builder::new().prefix("wacht-container-").tempdir().expect("a scratch folder");
        if !build(&folder.path().join("tree")) {
            tell("skipped: no system could be built; this proof needs root and the machine's package sources");
            return None;
        }
        let mut command = Command::new("systemd-nspawn");
        command.args(["-q", "--boot", "--register=no", "--keep-unit", "-D"]).arg(folder.path().join("tree"));
        let process = Process::start("container", command, &folder.path().join("boot.log"));
        let parent = process.pid().to_string();
        let leader = wait_for("the container starts", 30, || {
            let found = Command::new("pgrep").args(["-P", &parent]).output().ok()?;
            Some(String::from_utf8(found.stdout).ok()?.trim().to_owned()).filter(|pid| !pid.is_empty())
        });
        let container = Self { folder, leader, process };
        wait_for("the container has booted", 60, || {
            container.try_run("systemctl is-system-running --wait | grep -Eq 'running|degraded'").then_some(())
        });
        Some(container)
    }

    /// A path inside it, as seen from outside.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join("tree").join(inside.trim_start_matches('/'))
    }

    /// Runs a line of shell inside; panics when it fails.
    pub fn run(&self, line: &str) {
        assert!(self.try_run(line), "in the container: {line}");
    }

    /// Runs a line of shell inside; whether it succeeded.
    pub fn try_run(&self, line: &str) -> bool {
        self.command(line).output().is_ok_and(|output| output.status.success())
    }

    /// What a line of shell prints inside.
    pub fn output(&self, line: &str) -> String {
        let output = self.command(line).output().expect("nsenter runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.leader, "-m", "-u", "-i", "-p", "-n", "--"]);
        command.args(["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", line]);
        command
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // With its init all of its processes end; without the program that booted it they would go on.
        let _ = Command::new("kill").args(["-KILL", &self.leader]).status();
        self.process.kill9();
    }
}

fn is_installed(program: &str) -> bool {
    let found = |folder: &str| Path::new(folder).join(program).is_file();
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].into_iter().any(found)
}

fn build(tree: &Path) -> bool {
    let mut command = Command::new("mmdebstrap");
    let packages = "--include=systemd,systemd-sysv,dbus,iproute2,cron,sudo,passwd";
    // The machine's own release: its keyring is the one that is here.
    let Some(release) = codename() else { return false };
    command.args(["--quiet", "--variant=minbase", packages, &release]).arg(tree);
    command.status().is_ok_and(|status| status.success())
}

/// `bookworm`
fn codename() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    text.lines().find_map(|line| Some(line.strip_prefix("VERSION_CODENAME=")?.trim_matches('"').to_owned()))
}
