//! A program and whatever it starts, as one group that can be ended together.

use super::sys;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// The command's program, once started, leads a group of its own.
pub fn lead(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Kills a leader that was not waited for yet, and all that it started and that stayed in its group.
pub fn kill(leader: &Child) -> io::Result<()> {
    i32::try_from(leader.id()).map_err(io::Error::other).and_then(sys::kill_group)
}
