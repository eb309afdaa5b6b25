//! The doors for agents: enrolment over HTTPS, reports and renewal over mTLS gRPC. The only room that sees wire
//! types; what passes is typed, bounded and dated, what does not is refused with a counted reason.

pub mod authority;
mod delta;
mod enroll;
pub mod identity;
mod listener;
mod renew;
pub mod section;
mod service;
mod session;
mod tls;
mod validate;

pub use enroll::EnrolmentDoor;
pub use identity::Registry;
pub use listener::{Bound, bind};
pub use renew::RenewalDoor;
pub use service::TelemetryDoor;
pub use session::Doors;
pub use tls::{server_config_for_agents, server_config_for_people};

use std::sync::Arc;
use tokio::sync::watch;

/// Wakes the pipeline after each commit of reports.
#[derive(Clone, Debug)]
pub struct Wake(Arc<watch::Sender<u64>>);

impl Wake {
    /// A wake-up and the end that listens.
    pub fn new() -> (Wake, watch::Receiver<u64>) {
        let (sender, receiver) = watch::channel(0);
        (Wake(Arc::new(sender)), receiver)
    }

    /// Something was committed.
    pub fn ring(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}
