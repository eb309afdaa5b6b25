//! The only place that starts another program: an absolute path of a closed list, an empty environment, bounded
//! output, a deadline with kill and reap. No shell, no search path, no argument that came over the network.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const OUTPUT_BYTES_MAX: u64 = 8 * 1024 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// A program that may be asked.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// State of services.
    Systemctl,
    /// Packages of rpm systems.
    Rpm,
}

impl Program {
    fn path(self) -> &'static Path {
        Path::new(match self {
            Program::Systemctl => "/usr/bin/systemctl",
            Program::Rpm => "/usr/bin/rpm",
        })
    }

    /// Is it installed?
    pub fn is_there(self) -> bool {
        self.path().exists()
    }
}

/// Runs a program and answers its standard output, whatever its exit code.
pub fn run(program: Program, arguments: &[&str]) -> io::Result<Vec<u8>> {
    let mut child = Command::new(program.path())
        .args(arguments)
        .env_clear()
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let Some(output) = child.stdout.take() else { return Err(io::Error::other("no output")) };
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes).map(|_| bytes)
    });
    let end = Instant::now() + DEADLINE;
    while !reader.is_finished() {
        if Instant::now() >= end {
            let _ = child.kill();
            let _ = child.wait();
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(POLL);
    }
    // The output may have been cut: the child must not wait for a reader for ever.
    let _ = child.kill();
    child.wait()?;
    reader.join().map_err(|_| io::Error::other("the reader ended"))?
}
