//! The only room that speaks TLS and gRPC: enrolment, the stream of reports, renewal, the identity on disk. It takes
//! from the spool and never looks at this machine. The collector is treated as hostile: everything it sends is bounded.

pub mod alert;
mod backoff;
pub mod connect;
pub mod der;
pub mod enroll;
pub mod identity;
pub mod lanes;
pub mod policy;
pub mod renew;
pub mod sender;
mod session;
pub mod tls;
pub mod token;
pub mod wire;

pub use session::random;

use crate::spool::Spool;
use policy::Policy;
use std::cell::{Cell, RefCell};
use tokio::sync::Notify;

/// What the crank and the sender share, on one thread.
pub struct Link {
    /// The reports between them.
    pub spool: RefCell<Spool>,
    /// The collector's present wishes.
    pub policy: RefCell<Policy>,
    /// How the connection fares.
    pub state: RefCell<LinkState>,
    /// The crank tells: a report was spooled.
    pub wake: Notify,
    /// The crank tells: do not wait for the next attempt.
    pub hurry: Notify,
    /// The crank tells: read identity and certificates anew.
    pub reload: Notify,
    /// The sender tells: something was acknowledged, or the connection changed.
    pub progress: Notify,
    /// The sender tells: the spool began a new life, or the collector lost what it had; all is to be sent again.
    pub inventory_is_lost: Cell<bool>,
}

/// How the connection fares.
#[derive(Clone, Debug, Default)]
pub struct LinkState {
    /// A stream is open and welcomed.
    pub is_connected: bool,
    /// The collector's clock at its last word, Unix milliseconds; 0 before.
    pub collector_unix_ms: i64,
    /// The boot-time clock at that moment.
    pub heard_boottime_ms: u64,
    /// Boot-time clock of the last acknowledgement; 0 before.
    pub acked_boottime_ms: u64,
    /// Why the last stream ended; empty while all is well.
    pub trouble: String,
    /// End of the present certificate, Unix seconds.
    pub certificate_not_after_unix_s: i64,
}

impl Link {
    /// A link over a spool, not connected.
    pub fn new(spool: Spool) -> Link {
        Link {
            spool: RefCell::new(spool),
            policy: RefCell::default(),
            state: RefCell::default(),
            wake: Notify::new(),
            hurry: Notify::new(),
            reload: Notify::new(),
            progress: Notify::new(),
            inventory_is_lost: Cell::new(false),
        }
    }
}
