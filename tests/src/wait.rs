//! Waiting with a deadline: a condition is asked again and again until it holds. No test sleeps and hopes.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(100);

/// Asks until there is a value; panics with `what` after `seconds_max`.
pub fn wait_for<T>(what: &str, seconds_max: u64, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(value) = ask() {
            return value;
        }
        assert!(begin.elapsed() < Duration::from_secs(seconds_max), "waited {seconds_max} s in vain: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// Asks until it is true.
pub fn wait_until(what: &str, seconds_max: u64, mut ask: impl FnMut() -> bool) {
    wait_for(what, seconds_max, || ask().then_some(()));
}

/// Asks for `seconds` and panics as soon as it is true.
pub fn hold_false(what: &str, seconds: u64, mut ask: impl FnMut() -> bool) {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(seconds) {
        assert!(!ask(), "it should not have happened: {what}");
        std::thread::sleep(PAUSE);
    }
}
