//! The single switch between operating systems: twin folders hold the same file names, and only this room knows
//! which one is compiled. It reads the system and judges nothing.

cfg_select! {
    target_os = "linux" => {
        mod linux;
        use linux as system;
    }
    _ => {
        compile_error!("this operating system has no folder in agent/src/platform yet");
    }
}

pub use system::clock::{boot_id, boottime_ms, wall_unix_ms};
pub use system::file::HotFile;
pub use system::host::{hostname, is_shutting_down, page_bytes, release_free_memory, self_usage};
pub use system::space::{Space, free_bytes, space};
