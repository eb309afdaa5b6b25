//! A bucket of tries for each name and address: a few at once, then one at a time. Bounded in memory; no clock of its
//! own, the caller says when.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys that are remembered at most; full buckets are forgotten first.
const KEYS_MAX: usize = 10_000;

/// Buckets of tries.
pub struct TryLimit {
    burst: u32,
    refill: Duration,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    left: u32,
    filled_at: Instant,
}

impl TryLimit {
    /// `burst` tries at once, then one each `refill`.
    pub fn new(burst: u32, refill: Duration) -> Self {
        Self { burst, refill, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one try of this key; `Err` holds how long to wait.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_MAX && !buckets.contains_key(key) {
            self.forget(&mut buckets, now)?;
        }
        let fresh = Bucket { left: self.burst, filled_at: now };
        let bucket = buckets.entry(key.to_owned()).or_insert(fresh);
        self.refill(bucket, now);
        if bucket.left == 0 {
            return Err(self.refill.saturating_sub(now.saturating_duration_since(bucket.filled_at)));
        }
        bucket.left -= 1;
        Ok(())
    }

    /// Forgets a key whose holder proved who they are.
    pub fn clear(&self, key: &str) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn refill(&self, bucket: &mut Bucket, now: Instant) {
        let passed = now.saturating_duration_since(bucket.filled_at).as_millis() / self.refill.as_millis().max(1);
        let gained = u32::try_from(passed).unwrap_or(u32::MAX);
        if gained == 0 {
            return;
        }
        bucket.left = bucket.left.saturating_add(gained).min(self.burst);
        bucket.filled_at = if bucket.left == self.burst { now } else { bucket.filled_at + self.refill * gained };
    }

    fn forget(&self, buckets: &mut HashMap<String, Bucket>, now: Instant) -> Result<(), Duration> {
        buckets.retain(|_, bucket| {
            self.refill(bucket, now);
            bucket.left < self.burst
        });
        if buckets.len() >= KEYS_MAX { Err(self.refill) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFILL: Duration = Duration::from_secs(30);

    #[test]
    fn five_tries_pass_and_the_sixth_waits() {
        let limit = TryLimit::new(5, REFILL);
        let now = Instant::now();
        for _ in 0..5 {
            assert_eq!(limit.take("ann 10.0.0.1", now), Ok(()));
        }
        assert_eq!(limit.take("ann 10.0.0.1", now + Duration::from_secs(10)), Err(Duration::from_secs(20)));
        assert_eq!(limit.take("ann 10.0.0.2", now), Ok(()), "another address has its own bucket");
    }

    #[test]
    fn one_try_comes_back_each_half_minute() {
        let limit = TryLimit::new(5, REFILL);
        let now = Instant::now();
        (0..5).for_each(|_| limit.take("ann", now).unwrap());
        assert!(limit.take("ann", now + REFILL).is_ok());
        assert!(limit.take("ann", now + REFILL).is_err());
        assert!(limit.take("ann", now + REFILL * 2).is_ok());
    }

    #[test]
    fn a_long_pause_gives_no_more_than_the_burst() {
        let limit = TryLimit::new(5, REFILL);
        let now = Instant::now();
        limit.take("ann", now).unwrap();
        let later = now + Duration::from_hours(24);
        (0..5).for_each(|_| limit.take("ann", later).unwrap());
        assert!(limit.take("ann", later).is_err());
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let limit = TryLimit::new(5, REFILL);
        let now = Instant::now();
        (0..KEYS_MAX).for_each(|n| limit.take(&format!("name {n}"), now).unwrap());
        assert!(limit.take("one more", now).is_err());
        assert!(limit.take("one more", now + REFILL * 2).is_ok(), "full buckets are forgotten");
    }
}
