//! The machine's clocks and the name of this boot. No durations are computed and nothing is compared.

use super::sys;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since start, sleep counted. The only clock for durations and ages.
pub fn boottime_ms() -> u64 {
    sys::boottime_ns() / 1_000_000
}

/// The wall clock in Unix milliseconds: a claim that people can set, never used for durations.
pub fn wall_unix_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_millis() as i64,
        Err(before) => -(before.duration().as_millis() as i64),
    }
}

/// The random id that the kernel gave this boot; `None` where it cannot be read.
pub fn boot_id() -> Option<u128> {
    parse_id(&std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?)
}

fn parse_id(text: &str) -> Option<u128> {
    let digits: String = text.trim().chars().filter(|character| *character != '-').collect();
    let all_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if all_hex { u128::from_str_radix(&digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_id_is_128_bits_of_hex() {
        let id = parse_id("0123abcd-0000-4000-8000-0000000000ff\n");
        assert_eq!(id, Some(0x0123_abcd_0000_4000_8000_0000_0000_00ff));
        assert_eq!(parse_id("0123abcd"), None);
        assert_eq!(parse_id("+123abcd-0000-4000-8000-0000000000ff"), None);
    }

    #[test]
    fn this_boot_keeps_its_id() {
        assert!(boot_id().is_some());
        assert_eq!(boot_id(), boot_id());
    }

    #[test]
    fn the_wall_clock_is_after_this_was_written() {
        assert!(wall_unix_ms() > 1_700_000_000_000);
    }
}
