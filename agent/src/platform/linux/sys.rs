//! The system calls that the standard library lacks, each behind a safe function. All `unsafe` of the agent's Linux
//! readers stands here. Nothing is parsed or kept.
#![allow(unsafe_code)]

use crate::platform::SpaceFigures;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// The boot-time clock, which counts sleep, in nanoseconds. 0 where the kernel has no such clock.
pub(super) fn boottime_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec that outlives the call; the kernel only writes to it.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) } != 0;
    if failed { 0 } else { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 }
}

/// Space and inodes of the filesystem that holds `path`. Blocks for as long as the filesystem does.
pub(super) fn space(path: &CStr) -> io::Result<SpaceFigures> {
    let mut answer = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: `path` ends with NUL and `answer` is a writable statvfs; both outlive the call.
    if unsafe { libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: statvfs is a struct of integers, zeroed before and filled by the call that succeeded.
    let answer = unsafe { answer.assume_init() };
    // The kernel's 0 means that the fragment size is the block size.
    let unit = if answer.f_frsize == 0 { answer.f_bsize } else { answer.f_frsize };
    Ok(SpaceFigures {
        used: answer.f_blocks.saturating_sub(answer.f_bfree).saturating_mul(unit),
        available: answer.f_bavail.saturating_mul(unit),
        inodes_used: answer.f_files.saturating_sub(answer.f_ffree),
        inodes_total: answer.f_files,
    })
}

/// Processor seconds of this process, all threads, user and system.
pub(super) fn own_cpu_seconds() -> f64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a writable rusage that outlives the call.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) } != 0 {
        return 0.0;
    }
    // SAFETY: rusage is a struct of integers, zeroed before and filled by the call that succeeded.
    let usage = unsafe { usage.assume_init() };
    let micros = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    (micros(usage.ru_utime) + micros(usage.ru_stime)) as f64 / 1e6
}

/// Whether the mount table behind `mountinfo` changed since it was opened or last asked.
pub(super) fn mounts_changed(mountinfo: &File) -> bool {
    let mut poll = libc::pollfd { fd: mountinfo.as_raw_fd(), events: libc::POLLPRI, revents: 0 };
    // SAFETY: one valid pollfd whose descriptor is open for the whole call; a zero timeout never blocks.
    let ready = unsafe { libc::poll(&raw mut poll, 1, 0) };
    // A poll that fails tells nothing, so the table is read again.
    ready < 0 || poll.revents & (libc::POLLPRI | libc::POLLERR) != 0
}

/// Kills every process of the group that `leader` leads; the caller knows that it was not reaped, so that its number is
/// still its own.
pub(super) fn kill_group(leader: i32) -> io::Result<()> {
    // 0 and 1 would mean our own group and every process.
    if leader <= 1 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: kill takes two integers and touches no memory of ours.
    if unsafe { libc::kill(-leader, libc::SIGKILL) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Hands the free pages of all heap arenas back to the system; nothing where the C library keeps none.
pub(super) fn trim_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim touches free memory alone and may be called from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Bytes in a page of memory.
pub(super) fn page_bytes() -> u64 {
    system_number(libc::_SC_PAGESIZE, 4096)
}

/// Ticks of processor time in a second.
pub(super) fn ticks_per_second() -> u64 {
    system_number(libc::_SC_CLK_TCK, 100)
}

fn system_number(name: libc::c_int, fallback: u64) -> u64 {
    // SAFETY: sysconf takes an integer and touches no memory of ours.
    let number = unsafe { libc::sysconf(name) };
    u64::try_from(number).ok().filter(|number| *number > 0).unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_time_clock_runs_forward() {
        let first = boottime_ns();
        assert!(first > 0);
        assert!(boottime_ns() >= first);
    }

    #[test]
    fn the_root_filesystem_has_space_and_a_path_that_is_not_there_is_an_error() {
        let root = space(c"/").unwrap();
        assert!(root.used + root.available > 0);
        assert_eq!(space(c"/not/there").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn no_number_reaches_our_own_group_or_everyone() {
        for leader in [-1, 0, 1] {
            assert_eq!(kill_group(leader).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_quiet_mount_table_is_not_reported_as_changed() {
        let table = File::open("/proc/self/mountinfo").unwrap();
        // Another process may mount something between the two calls, twice in a row hardly.
        assert!((0..3).any(|_| !mounts_changed(&table)));
    }
}
