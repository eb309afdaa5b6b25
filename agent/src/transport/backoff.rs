//! How long to wait before the next attempt: full jitter over a doubling range, and longer where a person must act.

/// The longest wait after a broken connection.
pub const DELAY_MS_MAX: u64 = 60_000;
const DELAY_MS_MIN: u64 = 1_000;
const REFUSED_MS_MIN: u64 = 15_000;
const REFUSED_MS_MAX: u64 = 900_000;

/// Counts the failures in a row.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
    refusals: u32,
    retry_after_ms: u64,
}

impl Backoff {
    /// A stream worked.
    pub fn reset(&mut self) {
        (self.failures, self.refusals) = (0, 0);
    }

    /// The collector asked not to come back earlier than this. It is asked for once.
    pub fn ask(&mut self, retry_after_ms: u64) {
        self.retry_after_ms = retry_after_ms;
    }

    /// Milliseconds to wait after a broken connection.
    pub fn after_failure(&mut self) -> u64 {
        self.failures = self.failures.saturating_add(1);
        let range = DELAY_MS_MIN << self.failures.min(16);
        self.jitter(DELAY_MS_MIN, range.min(DELAY_MS_MAX))
    }

    /// Milliseconds to wait after a refusal that a person must lift.
    pub fn after_refusal(&mut self) -> u64 {
        self.refusals = self.refusals.saturating_add(1);
        let range = REFUSED_MS_MIN << self.refusals.min(16);
        self.jitter(REFUSED_MS_MIN, range.min(REFUSED_MS_MAX))
    }

    fn jitter(&mut self, min_ms: u64, max_ms: u64) -> u64 {
        let asked = std::mem::take(&mut self.retry_after_ms);
        // Those who were asked to wait come back spread out as well.
        asked + fastrand::u64(min_ms..=max_ms.max(min_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_in_their_bounds_and_grow() {
        for _ in 0..200 {
            let mut backoff = Backoff::default();
            assert!((1_000..=2_000).contains(&backoff.after_failure()));
            for _ in 0..100 {
                assert!((1_000..=DELAY_MS_MAX).contains(&backoff.after_failure()));
                assert!((REFUSED_MS_MIN..=REFUSED_MS_MAX).contains(&backoff.after_refusal()));
            }
            backoff.reset();
            assert!(backoff.after_failure() <= 2_000);
        }
    }

    #[test]
    fn nobody_comes_back_earlier_than_asked() {
        let mut backoff = Backoff::default();
        backoff.ask(60_000);
        assert!(backoff.after_failure() >= 61_000);
        assert!(backoff.after_failure() <= 4_000);
    }
}
