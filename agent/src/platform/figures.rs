//! What the readers of every operating system hand over: plain figures in base units. No metric names and no history;
//! what a figure is called and what is made of two of them is decided by the samplers.

/// The modes of processor time, in the order of [`CpuFigures::mode_seconds`].
pub const CPU_MODES: [&str; 7] = ["user", "nice", "system", "idle", "iowait", "interrupt", "steal"];

/// The resources of [`PressureFigures`], in the order in which the reader visits them.
pub const PRESSURE_RESOURCES: [&str; 3] = ["cpu", "memory", "io"];

/// Processors since start, and the counts that the same source gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CpuFigures {
    /// Seconds by mode of [`CPU_MODES`], summed over processors.
    pub mode_seconds: [f64; 7],
    /// Logical processors that are online.
    pub logical_count: u32,
    /// Processes ever started.
    pub processes_created: u64,
    /// Processes that wait for a disk now.
    pub processes_blocked: u64,
    /// Runnable threads, averaged over 1, 5 and 15 minutes.
    pub load: [f64; 3],
}

/// Memory and swap, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryFigures {
    /// Installed memory that the system can use.
    pub total: u64,
    /// What programs can still get without paging.
    pub available: u64,
    /// Used for nothing at all.
    pub free: u64,
    /// Block device buffers.
    pub buffers: u64,
    /// Page cache and reclaimable kernel memory.
    pub cached: u64,
    /// Promised to programs.
    pub committed: u64,
    /// Swap that exists; 0 without swap.
    pub swap_total: u64,
    /// Swap that is not in use.
    pub swap_free: u64,
}

/// Movement between memory and disk since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagingFigures {
    /// Pages swapped in.
    pub swapped_in: u64,
    /// Pages swapped out.
    pub swapped_out: u64,
    /// Page faults served without a disk.
    pub faults_minor: u64,
    /// Page faults that needed a disk.
    pub faults_major: u64,
    /// Processes ended for lack of memory; `None` where the kernel does not count them.
    pub oom_kills: Option<u64>,
}

/// Space of one filesystem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpaceFigures {
    /// Bytes in use.
    pub used: u64,
    /// Bytes that programs without privilege can still fill.
    pub available: u64,
    /// Inodes in use.
    pub inodes_used: u64,
    /// Inodes in all; 0 where the filesystem has no fixed number.
    pub inodes_total: u64,
}

/// One whole disk since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskFigures {
    /// Bytes read.
    pub read_bytes: u64,
    /// Reads done.
    pub read_operations: u64,
    /// Milliseconds spent in reads, summed over reads.
    pub read_ms: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Writes done.
    pub write_operations: u64,
    /// Milliseconds spent in writes, summed over writes.
    pub write_ms: u64,
    /// Milliseconds in which at least one operation was under way.
    pub busy_ms: u64,
}

/// One network interface since start; index 0 is receive, 1 is transmit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InterfaceFigures {
    /// Bytes.
    pub bytes: [u64; 2],
    /// Packets.
    pub packets: [u64; 2],
    /// Packets with errors.
    pub errors: [u64; 2],
    /// Packets dropped.
    pub dropped: [u64; 2],
}

/// Waiting for one resource; shares of the last minute, `None` where the kernel does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PressureFigures {
    /// Share in which some task waited.
    pub some: Option<f64>,
    /// Share in which all tasks waited.
    pub full: Option<f64>,
}

/// One process now. The name is what the system gives: not trusted, not always UTF-8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessFigures<'a> {
    /// Process id.
    pub pid: u32,
    /// Short name of the executable, never its command line.
    pub name: &'a [u8],
    /// When it started, in the system's own ticks: tells a reused id from the same process.
    pub started: u64,
    /// Processor seconds used so far.
    pub cpu_seconds: f64,
    /// Resident bytes.
    pub memory_bytes: u64,
}
