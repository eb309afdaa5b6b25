//! One real agent of a test: its own state folder, configuration and log; enrolled, started, stopped and killed at will.

use crate::process::{Process, read_lossy};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A real agent.
pub struct Agent {
    /// What the test calls it.
    pub name: String,
    /// Its host id; empty before it is enrolled.
    pub host: String,
    /// Seconds between reports, as its configuration says.
    pub report_interval_s: u32,
    /// More lines of its configuration.
    pub settings: String,
    executable: PathBuf,
    state: PathBuf,
    folder: PathBuf,
    process: Option<Process>,
}

impl Agent {
    /// Neither enrolled nor started.
    pub fn new(name: &str, bin: &Path, state: &Path, folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        Self {
            name: name.to_owned(),
            host: String::new(),
            report_interval_s: 1,
            settings: String::new(),
            executable: bin.join("wacht-agent"),
            state: state.to_owned(),
            folder: folder.to_owned(),
            process: None,
        }
    }

    /// Runs `wacht-agent enroll`; what it printed on standard error when it fails.
    pub fn enrol(&self, enroll: &str, token: &str) -> Result<String, String> {
        let output = Command::new(&self.executable)
            .args(["enroll", "--collector", &format!("https://{enroll}"), "--token", token, "--state"])
            .arg(&self.state)
            .output()
            .map_err(|error| error.to_string())?;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() { Ok(text) } else { Err(text) }
    }

    /// Writes the configuration and starts it.
    pub fn start(&mut self) {
        let config = self.folder.join("agent.toml");
        let text = format!(
            "state_dir = \"{}\"\nreport_interval_s = {}\ninventory_interval_s = 5\n{}",
            self.state.display(),
            self.report_interval_s,
            self.settings
        );
        std::fs::write(&config, text).expect("a configuration");
        let mut command = Command::new(&self.executable);
        command.arg("run").arg("--config").arg(config);
        self.process = Some(Process::start(&format!("agent {}", self.name), command, &self.log_path()));
    }

    /// Runs a verb with its configuration; what it printed, and whether it succeeded.
    pub fn verb(&self, verb: &str) -> (bool, String) {
        let mut command = Command::new(&self.executable);
        let output = command.arg(verb).arg("--config").arg(self.folder.join("agent.toml")).output().expect("it runs");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), text)
    }

    /// SIGKILL.
    pub fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill9();
        }
    }

    /// SIGTERM; it has 5 seconds.
    pub fn term(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate(5);
        }
    }

    /// Does it run?
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::runs)
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// All that it has logged, over all its lives.
    pub fn log(&self) -> String {
        read_lossy(&self.log_path())
    }

    /// Its folder, with its configuration and log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its state folder.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// `wacht-agent inventory --json`: what it knows of this machine, without a collector.
    pub fn inventory(&self) -> Value {
        let output = Command::new(&self.executable).args(["inventory", "--json"]).output().expect("inventory runs");
        serde_json::from_slice(&output.stdout).expect("inventory is JSON")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("agent.log")
    }
}
