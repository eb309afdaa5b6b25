//! The collector: takes reports in, keeps the CMDB, judges, delivers, shows. This file wires the rooms in the order
//! in which data flows and holds no logic of its own.

pub mod cmdb;
pub mod console;
pub mod contract;
pub mod deliver;
pub mod evaluate;
pub mod incident;
pub mod ingest;
pub mod model;
pub mod picture;
pub mod pipeline;
pub mod port;
pub mod store;
pub mod words;
