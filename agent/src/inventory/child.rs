//! The one place that starts another program: a closed list of absolute paths, a bare environment, bounded output and a
//! deadline after which the child and what it started are killed. What the output means is its caller's matter.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wacht_proto::v1::NoteReason;

use crate::platform::process_group;

const OUTPUT_BYTES_MAX: u64 = 8 << 20;
const DEADLINE: Duration = Duration::from_secs(10);
/// Package managers weigh a whole distribution, under the agent's small share of a processor.
const PACKAGES_DEADLINE: Duration = Duration::from_secs(90);
/// A child that is done, or killed, ends within this time unless a device holds it in the kernel.
const END_DEADLINE: Duration = Duration::from_secs(1);
/// Children that a device holds in the kernel; beyond these no other is started.
const STUCK_MAX: usize = 4;
static STUCK: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// The programs that may be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The package manager of Debian distributions; only its simulations.
    AptGet,
    /// The package manager of Fedora and RHEL.
    Dnf,
    /// Docker's command.
    Docker,
    /// The list of IPv6 neighbours.
    Ip,
    /// The journal's command.
    Journalctl,
    /// The printing system's command.
    Lpstat,
    /// LVM's list of logical volumes.
    Lvs,
    /// The packet filter's command.
    Nft,
    /// Dell's controllers.
    Perccli,
    /// Podman's command.
    Podman,
    /// The package manager of RPM distributions.
    Rpm,
    /// The drives' own health.
    Smartctl,
    /// HPE's controllers.
    Ssacli,
    /// Broadcom's controllers.
    Storcli,
    /// The service manager's command.
    Systemctl,
    /// The Veeam agent's command.
    Veeamconfig,
    /// The datasets of ZFS.
    Zfs,
    /// The pools of ZFS.
    Zpool,
}

impl Program {
    /// Its name, which is also its folder among recorded outputs.
    pub fn name(self) -> &'static str {
        match self {
            Program::AptGet => "apt-get",
            Program::Dnf => "dnf",
            Program::Docker => "docker",
            Program::Ip => "ip",
            Program::Journalctl => "journalctl",
            Program::Lpstat => "lpstat",
            Program::Lvs => "lvs",
            Program::Nft => "nft",
            Program::Perccli => "perccli64",
            Program::Podman => "podman",
            Program::Rpm => "rpm",
            Program::Smartctl => "smartctl",
            Program::Ssacli => "ssacli",
            Program::Storcli => "storcli64",
            Program::Systemctl => "systemctl",
            Program::Veeamconfig => "veeamconfig",
            Program::Zfs => "zfs",
            Program::Zpool => "zpool",
        }
    }

    /// Whether it answers root alone.
    pub fn is_roots(self) -> bool {
        use Program::{Docker, Lvs, Nft, Perccli, Podman, Smartctl, Ssacli, Storcli, Veeamconfig, Zfs, Zpool};
        // ZFS answers everyone, but over a device that the service may not open.
        let over_device = matches!(self, Zfs | Zpool);
        let of_rights =
            matches!(self, Docker | Lvs | Nft | Perccli | Podman | Smartctl | Ssacli | Storcli | Veeamconfig);
        of_rights || over_device
    }

    /// Where it may be installed, likeliest first.
    fn paths(self) -> &'static [&'static str] {
        match self {
            Program::AptGet => &["/usr/bin/apt-get"],
            Program::Dnf => &["/usr/bin/dnf", "/usr/bin/yum"],
            Program::Docker => &["/usr/bin/docker", "/usr/local/bin/docker"],
            Program::Ip => &["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"],
            Program::Journalctl => &["/usr/bin/journalctl"],
            Program::Lpstat => &["/usr/bin/lpstat"],
            Program::Lvs => &["/usr/sbin/lvs", "/sbin/lvs"],
            Program::Nft => &["/usr/sbin/nft"],
            Program::Perccli => {
                &["/opt/MegaRAID/perccli/perccli64", "/usr/local/sbin/perccli64", "/usr/sbin/perccli64"]
            }
            Program::Podman => &["/usr/bin/podman"],
            Program::Rpm => &["/usr/bin/rpm"],
            Program::Smartctl => &["/usr/sbin/smartctl", "/usr/local/sbin/smartctl"],
            Program::Ssacli => &["/usr/sbin/ssacli", "/opt/smartstorageadmin/ssacli/bin/ssacli"],
            Program::Storcli => {
                &["/opt/MegaRAID/storcli/storcli64", "/usr/local/sbin/storcli64", "/usr/sbin/storcli64"]
            }
            Program::Systemctl => &["/usr/bin/systemctl", "/bin/systemctl"],
            Program::Veeamconfig => &["/usr/bin/veeamconfig"],
            Program::Zfs => &["/usr/sbin/zfs", "/sbin/zfs"],
            Program::Zpool => &["/usr/sbin/zpool", "/sbin/zpool"],
        }
    }

    /// Where this machine has it.
    pub fn installed(self) -> Option<&'static Path> {
        self.paths().iter().map(Path::new).find(|path| path.is_file())
    }
}

/// Why a program gave no output.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It could not be started or read.
    #[error("the program could not be run: {0}")]
    Io(#[from] std::io::Error),
    /// It was killed at the deadline.
    #[error("the program did not end by its deadline")]
    TimedOut,
    /// It wrote more than 8 MiB and was killed.
    #[error("the program wrote more than {OUTPUT_BYTES_MAX} bytes")]
    TooLong,
    /// It ended with a code other than 0, or by a signal.
    #[error("the program failed with code {0:?}")]
    Failed(Option<i32>),
}

impl ChildError {
    /// The same as a note's reason.
    pub fn reason(&self) -> NoteReason {
        match self {
            Self::TimedOut => NoteReason::TimedOut,
            Self::TooLong => NoteReason::TooLong,
            Self::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => NoteReason::NeedsPrivilege,
            Self::Io(_) | Self::Failed(_) => NoteReason::Failed,
        }
    }
}

/// What a program writes to its standard output, invalid UTF-8 replaced. A code other than 0 is a failure.
pub fn output(path: &Path, arguments: &[&str]) -> Result<String, ChildError> {
    match run(path, arguments, DEADLINE)? {
        (status, _) if !status.success() => Err(ChildError::Failed(status.code())),
        (_, text) => Ok(text),
    }
}

/// As [`output`], whatever the code: some programs tell what they found by it.
pub fn output_of_any_code(path: &Path, arguments: &[&str]) -> Result<String, ChildError> {
    run(path, arguments, DEADLINE).map(|(_, text)| text)
}

/// What a package manager writes, with more time; `code`, like 0, is an answer.
pub fn output_of_packages(path: &Path, arguments: &[&str], code: i32) -> Result<String, ChildError> {
    match run(path, arguments, PACKAGES_DEADLINE)? {
        (status, text) if status.success() || status.code() == Some(code) => Ok(text),
        (status, _) => Err(ChildError::Failed(status.code())),
    }
}

fn run(path: &Path, arguments: &[&str], deadline: Duration) -> Result<(ExitStatus, String), ChildError> {
    let mut command = Command::new(path);
    command
        .args(arguments)
        .current_dir("/")
        .env_clear()
        .env("LC_ALL", "C")
        // Programs write times in the zone of their environment; this one needs no table of zones to be read.
        .env("TZ", "UTC")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    process_group::lead(&mut command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    if stuck() >= STUCK_MAX {
        return Err(ChildError::TimedOut);
    }
    let mut child = command.spawn()?;
    let read = read_within(&mut child, deadline);
    // A child that closed its output may linger, so its end is waited for with a limit too.
    let ended = if read.is_ok() { wait_within(&mut child, END_DEADLINE) } else { None };
    let status = ended.map_or_else(|| end(child), Ok);
    let (bytes, status) = (read?, status?);
    if bytes.len() as u64 > OUTPUT_BYTES_MAX {
        return Err(ChildError::TooLong);
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok((status, text))
}

/// How many children are still held in the kernel, those that ended meanwhile reaped.
fn stuck() -> usize {
    let mut stuck = STUCK.lock().unwrap_or_else(PoisonError::into_inner);
    stuck.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    stuck.len()
}

/// Kills a child with all that it started. One that a device holds cannot die yet: it is left, and reaped later.
fn end(mut child: Child) -> Result<ExitStatus, ChildError> {
    process_group::kill(&child).or_else(|_| child.kill())?;
    wait_within(&mut child, END_DEADLINE).ok_or_else(|| {
        STUCK.lock().unwrap_or_else(PoisonError::into_inner).push(child);
        ChildError::TimedOut
    })
}

/// Reads on a thread of its own, because a pipe cannot be read with a deadline; the thread ends when the pipe closes.
fn read_within(child: &mut Child, deadline: Duration) -> Result<Vec<u8>, ChildError> {
    let stdout = child.stdout.take().ok_or_else(|| std::io::Error::other("no output pipe"))?;
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new().name("inventory-child".to_owned()).spawn(move || {
        let mut bytes = Vec::new();
        let result = stdout.take(OUTPUT_BYTES_MAX + 1).read_to_end(&mut bytes).map(|_| bytes);
        // The receiver is gone once the deadline has passed.
        drop(sender.send(result));
    })?;
    Ok(receiver.recv_timeout(deadline).map_err(|_| ChildError::TimedOut)??)
}

/// Waits for a child's end, but not for ever.
fn wait_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    const STEP: Duration = Duration::from_millis(2);
    for _ in 0..limit.as_millis() / STEP.as_millis() {
        match child.try_wait() {
            Ok(None) => thread::sleep(STEP),
            Ok(ended) => return ended,
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests;
