//! The real executables: enrolled, fed with hostile bytes, killed, starved of disk, and audited from outside. Each
//! test is a house of its own; none needs the network or another test.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "all of this is test code")]

mod certificate;
mod changes;
mod contract;
mod disk;
mod export;
mod hostile;
mod identity;
mod inventory;
mod kill;
mod presence;
mod recordings;
mod refused;
mod second_opinion;
mod starved;
