//! The operating system: readers that turn what the kernel offers into plain figures, and the few facts of this
//! machine that other rooms ask for. The one switch between systems; no metric names, no judgement, no other room.

mod figures;

cfg_select! {
    target_os = "linux" => {
        mod linux;
        use linux as os;
    }
    _ => {
        compile_error!("wacht-agent has no readers for this operating system yet");
    }
}

pub use figures::{
    CPU_MODES, CpuFigures, DiskFigures, InterfaceFigures, MemoryFigures, PRESSURE_RESOURCES, PagingFigures,
    PressureFigures, ProcessFigures, SpaceFigures,
};
pub use os::{
    CpuReader, DiskReader, FilesystemReader, MemoryReader, NetworkReader, OwnReader, PagingReader, PressureReader,
    ProcessReader,
};
pub use os::{
    boot_id, boottime_ms, entry_mark, free_bytes, give_back_memory, hostname, is_shutting_down, self_usage,
    wall_unix_ms,
};
pub use os::{private, process_group, service};
