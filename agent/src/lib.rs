//! The agent: reads this machine, spools what it read, sends it. This file wires the rooms in flow order.

pub mod cli;
pub mod clock;
pub mod config;
pub mod inventory;
pub mod pipeline;
pub mod platform;
pub mod report;
pub mod sample;
pub mod spool;
pub mod transport;
