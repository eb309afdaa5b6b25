//! The contract between agent and collector: generated messages, the metric catalogue and the block codec.
//! It imports nothing of ours and holds no logic beyond coding: what a message *means* is decided on each side.

pub mod block;
pub mod catalog;
pub mod json;

/// The generated messages and services of `wacht.v1`. Bounds and data classes stand beside each field in `proto/wacht/v1`.
#[allow(missing_docs, clippy::pedantic, clippy::large_enum_variant)]
pub mod v1 {
    tonic::include_proto!("wacht.v1");
}

/// The protocol version that Hello carries; the collector accepts this and the two before it.
pub const PROTOCOL_VERSION: u32 = 1;
