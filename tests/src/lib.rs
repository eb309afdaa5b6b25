//! The harness of the inspection: starts the real executables in scratch folders, speaks the real wire, and looks into
//! the real store. It holds no product logic, and no test: those stand in `processes/`, `tidy/` and `bench/`.
//!
//! A step of the harness that fails is a failed test, so it panics with what it was about.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a harness that cannot go on fails the test that uses it"
)]

pub mod agent;
pub mod alert;
pub mod api;
pub mod books;
pub mod container;
pub mod draft;
pub mod house;
pub mod identity;
pub mod mount;
pub mod process;
pub mod wait;
pub mod webhook;
pub mod wire;

use std::sync::OnceLock;
use tokio::runtime::Runtime;

/// The runtime behind the blocking calls of the harness; one for a test executable.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        // Another provider that is there already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
    })
}

/// One line on standard error that the test runner does not swallow: why a test was skipped, what a log said.
pub fn tell(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
