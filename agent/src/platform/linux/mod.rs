//! Linux.

pub mod clock;
pub mod file;
pub mod host;
pub mod space;
