//! The clocks as the agent's rooms get them: functions, so that tests can turn the hands. Durations come from the
//! boot-time clock alone; the wall clock is a claim that is passed on.

/// Time sources of this machine, or of a test.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Milliseconds since boot, sleep counted.
    pub boottime_ms: fn() -> u64,
    /// What the machine believes the time to be, Unix milliseconds.
    pub wall_unix_ms: fn() -> i64,
    /// The kernel's id of this boot; 0 when it has none.
    pub boot: u128,
}

impl Clock {
    /// The machine's clocks.
    pub fn real() -> Clock {
        let boot = crate::platform::boot_id().unwrap_or(0);
        Clock { boottime_ms: crate::platform::boottime_ms, wall_unix_ms: crate::platform::wall_unix_ms, boot }
    }
}
