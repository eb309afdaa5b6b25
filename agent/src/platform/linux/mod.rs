//! Linux: one file a subject, each a pure parser of the kernel's text beside a reader that keeps its files open.
//! All `unsafe` stands in `sys`. No metric names, no history.

mod clock;
mod cpu;
mod disk;
mod filesystem;
mod machine;
mod memory;
mod mounts;
mod network;
mod own;
mod paging;
mod pressure;
pub mod private;
mod process;
pub mod process_group;
mod procfile;
pub mod service;
mod slow_mounts;
mod sys;
mod text;

pub use clock::{boot_id, boottime_ms, wall_unix_ms};
pub use cpu::CpuReader;
pub use disk::DiskReader;
pub use filesystem::{FilesystemReader, entry_mark, free_bytes};
pub use machine::{hostname, is_shutting_down};
pub use memory::MemoryReader;
pub use network::NetworkReader;
pub use own::{OwnReader, give_back_memory, self_usage};
pub use paging::PagingReader;
pub use pressure::PressureReader;
pub use process::ProcessReader;
