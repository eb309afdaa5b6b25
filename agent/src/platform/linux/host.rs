//! The machine and our own process on it.

use std::path::Path;

/// The machine's name, or an empty text.
pub fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// Is the whole machine going down, rather than the agent alone? systemd closes the door to sign-ins first.
pub fn is_shutting_down() -> bool {
    Path::new("/run/systemd/shutdown/scheduled").exists() || Path::new("/run/nologin").exists()
}

/// Processor time of this process in seconds and its resident memory in bytes.
#[allow(unsafe_code)]
pub fn self_usage() -> (f64, u64) {
    // SAFETY: an all-zero rusage is a valid value to write into.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is a valid rusage that outlives the call.
    let answer = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = if answer == 0 { seconds(usage.ru_utime) + seconds(usage.ru_stime) } else { 0.0 };
    (cpu, resident_bytes())
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * page_bytes()
}

/// Bytes of a page.
#[allow(unsafe_code)]
pub fn page_bytes() -> u64 {
    // SAFETY: sysconf has no preconditions.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(bytes).unwrap_or(4_096)
}

/// Gives memory that an inventory needed back to the system.
#[allow(unsafe_code)]
pub fn release_free_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim has no preconditions.
    unsafe {
        libc::malloc_trim(0);
    }
}
